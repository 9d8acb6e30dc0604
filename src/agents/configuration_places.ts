/**
 * Room `agents`: where coding agents, and the hosts that they are, keep what decides what they run: servers, hooks,
 * permissions. Who may write there decides what the user's next session executes.
 *
 * @module
 */

/** Absolute paths of directories and files for a user with this environment, whether they are there or not. */
export function configurationPlaces(env: Readonly<Record<string, string>>): string[] {
  const home = absolute(env["HOME"]) ?? absolute(env["USERPROFILE"]);
  const chosen = ["CODEX_HOME", "CLAUDE_CONFIG_DIR", "COPILOT_HOME", "OPENCODE_CONFIG_DIR"];
  const places = chosen.flatMap((name) => absolute(env[name]) ?? []);
  if (home === undefined) return places;
  const config = absolute(env["XDG_CONFIG_HOME"]) ?? `${home}/.config`;
  const desktop = [config, `${home}/Library/Application Support`, absolute(env["APPDATA"])];
  return [
    ...places,
    ...IN_HOME.map((name) => `${home}/${name}`),
    ...desktop.flatMap((parent) => parent === undefined ? [] : IN_DESKTOP.map((name) => `${parent}/${name}`)),
  ];
}

const IN_HOME = [".claude", ".claude.json", ".codex", ".cursor", ".gemini", ".qwen", ".copilot"];
const IN_DESKTOP = ["Claude", "Code/User", "cursor", "opencode"];

function absolute(path: string | undefined): string | undefined {
  return path !== undefined && /^(?:\/|[A-Za-z]:[\\/]|\\\\)/.test(path) ? path : undefined;
}
