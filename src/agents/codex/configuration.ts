/**
 * Room `agents`: what the answer of `codex mcp list` depends on (read off the system calls of 0.171): an answer is
 * remembered for as long as none of it changes, which saves a process before every start.
 *
 * @module
 */
import type { Dependencies, Question } from "../agent_questions.ts";

/** Of the machine. The second list is where macOS keeps what a company's management says. */
const MACHINE_FILES = [
  "/etc/codex/config.toml",
  "/etc/codex/managed_config.toml",
  "/etc/codex/requirements.toml",
  "/Library/Managed Preferences/com.openai.codex.plist",
];

/** In Codex's home. Requirements of a company's cloud go by the login. */
const HOME_FILES = [
  "config.toml",
  "managed_config.toml",
  "requirements.toml",
  ".env",
  "auth.json",
  "plugins",
];

/** In the working directory and those above it; where `.git` is, the project begins. */
const PROJECT_FILES = [".codex/config.toml", ".git"];

export function codexDependencies({ env, cwd }: Question): Dependencies {
  const home = env["CODEX_HOME"] ?? `${env["HOME"] ?? env["USERPROFILE"] ?? ""}/.codex`;
  const user = env["USER"] ?? "";
  return {
    files: [
      ...MACHINE_FILES,
      `/Library/Managed Preferences/${user}/com.openai.codex.plist`,
      ...HOME_FILES.map((name) => `${home}/${name}`),
      ...ancestors(cwd).flatMap((directory) => PROJECT_FILES.map((name) => `${directory}/${name}`)),
    ],
    variables: [
      "HOME",
      "USERPROFILE",
      ...Object.keys(env).filter((name) => name.startsWith("CODEX_")).sort(),
    ],
  };
}

/** The directory itself, and all above it. */
function ancestors(directory: string): string[] {
  const parts = directory.replaceAll("\\", "/").split("/");
  return parts.map((_, index) => parts.slice(0, parts.length - index).join("/"));
}
