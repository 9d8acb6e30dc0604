/**
 * Room `mcp`: how people call the agents that come with this program; one of their own goes by its name.
 *
 * @module
 */

const TITLES: Readonly<Record<string, string>> = {
  codex: "Codex CLI",
  cursor: "Cursor Agent",
  gemini: "Gemini CLI",
  claude: "Claude Code",
};

export function agentTitle(name: string): string {
  return Object.hasOwn(TITLES, name) ? TITLES[name] ?? name : name;
}
