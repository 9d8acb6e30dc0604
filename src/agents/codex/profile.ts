/**
 * Room `agents`: how the Codex CLI is found and offered.
 *
 * @module
 */
import type { AgentProfile } from "../profiles/agent_profile.ts";

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

export const CODEX_HINTS = {
  install:
    "Install it with `npm install -g @openai/codex` (or `brew install codex`), then run `codex login`.",
  upgrade: "Upgrade it with `npm install -g @openai/codex@latest`.",
  login: "Run `codex login` in a terminal, or set CODEX_API_KEY in the environment of the host.",
} as const;

export const codexProfile: AgentProfile = {
  name: "codex",
  title: "Codex CLI",
  executables: ["codex"],
  nativeCandidates,
  npmPackage: "@openai/codex",
  versionArgs: ["--version"],
  readVersion: (stdout) => /\bcodex\S*\s+v?(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1] ?? null,
  versions: { oldest: "0.125.0", tested: "0.171.0" },
  lets: { "auto-edit": "writes in cwd, commands sandboxed, no network, no commits" },
  hints: CODEX_HINTS,
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
