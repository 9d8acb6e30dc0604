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
import { codexRefusals, diagnoseCodex } from "./failures.ts";
import { codexProfile } from "./profile.ts";
import { CodexReader } from "./reader.ts";
import { isStrictSchema } from "./strict_schema.ts";
import { CODEX_SANDBOX, inCodexSandbox } from "./sandbox.ts";
import type { AgentDriver } from "../driver.ts";
import { jsonLines } from "../reading/json_lines_reader.ts";
import { parsedJson } from "../../domain/reading/parsed_json.ts";

const McpServers = z.array(z.object({ name: z.string(), enabled: z.boolean().default(true) }));

const COMMITTING = /\b(commit|git (?:add|branch|checkout|merge|rebase|stash|switch|tag))/i;

/** Its sandbox refuses a commit without a word in its events, so the model is told beforehand. */
const NO_COMMIT =
  "(Under this job's approval policy, auto-edit, nobody may write into .git: do not try to commit, " +
  "stage or switch branches. Leave your changes in the work tree and end with saying that they are not committed: the " +
  "user can commit them, or start such a job with approval_policy full-auto.)";

const MEMORIES = { groups: [["AGENTS.override.md"], ["AGENTS.md"]], readsFirstInCwd: false } as const;

export const codexDriver: AgentDriver = {
  ...codexProfile,
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
  sessionVariables: [/^CODEX_(THREAD_ID|SESSION_ID|TOOL_CALL_ID|CI|SANDBOX\w*|INTERNAL_\w+)$/],
  hasSessions: true,
  protectsNestedRepositories: true,
  promptNote: (prompt, policy) => policy === "auto-edit" && COMMITTING.test(prompt) ? NO_COMMIT : null,
  settingsDirectory: ".codex",
  // A project that it is told not to trust loses its memories with its settings.
  memoriesLeftOut: ({ untrustedRoots }) => untrustedRoots.length === 0 ? null : MEMORIES,
  gracefulSignal: "SIGINT",
  sessionRecord: codexRollout,
  takesResultSchema: isStrictSchema,
  command: codexCommand,
  interactive: codexInteractive,
  live: codexLive,
  reader: (context) => jsonLines(new CodexReader(context)),
  refusals: codexRefusals,
  diagnose: diagnoseCodex,
};
