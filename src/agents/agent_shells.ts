/**
 * Room `agents`: whether a command runs in the shell of a coding agent, by what those agents set for the commands that
 * their model runs. It is a hint: a model that wants to can take the variables away.
 *
 * @module
 */

/** One of each agent that is known to set any, as their shells of today have them. */
const MARKS: readonly string[] = [
  "CLAUDECODE",
  "CODEX_THREAD_ID",
  "CODEX_CI",
  "GEMINI_CLI",
  "CURSOR_AGENT",
  "QWEN_CODE",
];

export function isAgentShell(env: Readonly<Record<string, string>>): boolean {
  return MARKS.some((name) => (env[name] ?? "") !== "");
}

/** `env` without what those shells set. */
export function withoutAgentMarks(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !MARKS.includes(name)));
}
