/**
 * Room `agents`: the Codex CLI, 0.125 to 0.171 and later.
 *
 * @module
 */
import * as z from "zod";
import { codexCommand } from "./command.ts";
import { codexDependencies } from "./configuration.ts";
import { codexInteractive } from "./interactive.ts";
import { codexLive } from "./live/driver.ts";
import { codexRollout } from "./rollout.ts";
import { CODEX_HINTS, codexRefusals, diagnoseCodex } from "./failures.ts";
import { CodexReader } from "./reader.ts";
import { isStrictSchema } from "./strict_schema.ts";
import { CODEX_SANDBOX, inCodexSandbox } from "./sandbox.ts";
import type { AgentDriver } from "../driver.ts";
import { jsonLines } from "../reading/json_lines_reader.ts";
import { parsedJson } from "../../domain/reading/parsed_json.ts";

/** Deno's names of a platform, and Codex's. */
const PLATFORMS: Readonly<Record<string, { suffix: string; triple: string; file: string }>> = {
  "linux x86_64": { suffix: "linux-x64", triple: "x86_64-unknown-linux-musl", file: "codex" },
  "linux aarch64": { suffix: "linux-arm64", triple: "aarch64-unknown-linux-musl", file: "codex" },
  "darwin x86_64": { suffix: "darwin-x64", triple: "x86_64-apple-darwin", file: "codex" },
  "darwin aarch64": { suffix: "darwin-arm64", triple: "aarch64-apple-darwin", file: "codex" },
  "windows x86_64": { suffix: "win32-x64", triple: "x86_64-pc-windows-msvc", file: "codex.exe" },
  "windows aarch64": { suffix: "win32-arm64", triple: "aarch64-pc-windows-msvc", file: "codex.exe" },
};

const LAUNCHER = /^(.*[/\\]@openai)([/\\])codex[/\\]bin[/\\]codex\.js$/;

const McpServers = z.array(z.object({ name: z.string(), enabled: z.boolean().default(true) }));

const COMMITTING = /\b(commit|git (?:add|branch|checkout|merge|rebase|stash|switch|tag))/i;

/** Its sandbox refuses a commit without a word in its events, so the model is told beforehand. */
const NO_COMMIT =
  "(Under this job's approval policy, auto-edit, nobody may write into .git: do not try to commit, " +
  "stage or switch branches. Leave your changes in the work tree and end with saying that they are not committed: the " +
  "user can commit them, or start such a job with approval_policy full-auto.)";

const MEMORIES = { groups: [["AGENTS.override.md"], ["AGENTS.md"]], readsFirstInCwd: false } as const;

export const codexDriver: AgentDriver = {
  name: "codex",
  title: "Codex CLI",
  executables: ["codex"],
  nativeCandidates,
  npmPackage: "@openai/codex",
  versionArgs: ["--version"],
  readVersion: (stdout) => /\bcodex\S*\s+v?(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1] ?? null,
  versions: { oldest: "0.125.0", tested: "0.171.0" },
  login: {
    args: ["login", "status"],
    read(exitCode, stdout, stderr) {
      if (exitCode === 0) return true;
      return /not logged in/i.test(stdout + stderr) ? false : null;
    },
    keyVariable: "CODEX_API_KEY",
    exception: "a model provider of your own in its config.toml may need no login",
  },
  mcpList: {
    args: ["mcp", "list", "--json"],
    dependsOn: codexDependencies,
    read(exitCode, stdout) {
      if (exitCode !== 0) return null;
      const parsed = McpServers.safeParse(parsedJson(stdout));
      return parsed.success ? parsed.data.filter(({ enabled }) => enabled).map(({ name }) => name) : null;
    },
  },
  sandbox: CODEX_SANDBOX,
  sandboxed: inCodexSandbox,
  lets: { "auto-edit": "writes in cwd, commands sandboxed, no network, no commits" },
  sessionVariables: [/^CODEX_(THREAD_ID|SESSION_ID|TOOL_CALL_ID|CI|SANDBOX\w*|INTERNAL_\w+)$/],
  hasSessions: true,
  protectsNestedRepositories: true,
  promptNote: (prompt, policy) => policy === "auto-edit" && COMMITTING.test(prompt) ? NO_COMMIT : null,
  settingsDirectory: ".codex",
  // A project that it is told not to trust loses its memories with its settings.
  memoriesLeftOut: ({ untrustedRoots }) => untrustedRoots.length === 0 ? null : MEMORIES,
  gracefulSignal: "SIGINT",
  hints: CODEX_HINTS,
  sessionRecord: codexRollout,
  takesResultSchema: isStrictSchema,
  command: codexCommand,
  interactive: codexInteractive,
  live: codexLive,
  reader: (context) => jsonLines(new CodexReader(context)),
  refusals: codexRefusals,
  diagnose: diagnoseCodex,
};

/**
 * The binary behind npm's launcher, beside the package or nested in it: 70 ms and 43 MB cheaper, and signals reach it
 * directly. The older layout (`vendor/.../codex/codex`) is left to its launcher, which puts the bundled `rg` on PATH.
 */
function nativeCandidates(realPath: string, platform: { os: string; arch: string }): readonly string[] {
  const target = PLATFORMS[`${platform.os} ${platform.arch}`];
  const launcher = LAUNCHER.exec(realPath);
  if (target === undefined || launcher === null) return [];
  const [, scope = "", slash = "/"] = launcher;
  const platformPackage = `codex-${target.suffix}`;
  const binary = ["vendor", target.triple, "bin", target.file];
  return [
    [scope, platformPackage, ...binary],
    [scope, "codex", "node_modules", "@openai", platformPackage, ...binary],
    [scope, "codex", ...binary],
  ].map((parts) => parts.join(slash));
}
