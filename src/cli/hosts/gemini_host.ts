/**
 * Room `cli`: the Gemini CLI as a host. Its `mcp add` reformats the whole file.
 *
 * @module
 */
import { join } from "node:path";
import { NEVER_ALLOWED } from "../../mcp/tools/toolset_names.ts";
import { withAll } from "./codex_host.ts";
import { commonEntry, type Host, type HostSite, userHome, variable } from "./host.ts";

/**
 * Matches a reference to a variable in Gemini's settings, such as `"$CODEX_API_KEY"`. Gemini withholds variables that
 * look like keys from its servers, and a reference in a server's `env` would pass them on. `add-agent` writes none:
 * any later `gemini mcp add` or `remove`, of whichever server, replaces all references in the file by their values.
 */
const REFERENCE = /\$\{?\w/;

/** Ms for one call: Gemini's own default, written down so that no other setting cuts a wait. */
const CALL_MS = 600_000;

export const geminiHost: Host = {
  id: "gemini",
  title: "Gemini CLI",
  aliases: ["gemini-cli"],
  executables: ["gemini"],
  traces: (site) => [settingsDirectory(site)],
  serversFile: (site, scope) => ({
    path: join(scope === "user" ? settingsDirectory(site) : join(site.cwd, ".gemini"), "settings.json"),
    format: "json",
  }),
  serversKey: "mcpServers",
  entry: (registration, present) => ({
    ...commonEntry(registration),
    timeout: CALL_MS,
    // Gemini trusts a server whole or not at all, so the tools that must never be allowed are hidden from it.
    ...(registration.allowedTools.length > 0
      ? { trust: true, excludeTools: withAll(present?.["excludeTools"], NEVER_ALLOWED) }
      : {}),
  }),
  isServerWide: (entry) => entry["trust"] === true && !excludesAll(entry["excludeTools"]),
  commandLine: {
    executables: ["gemini"],
    add({ name, command: [command, ...args], env, allowedTools }, scope) {
      const variables = Object.entries(env).flatMap(([key, value]) => ["-e", `${key}=${value}`]);
      const trust = allowedTools.length > 0 ? ["--trust"] : [];
      return [
        "mcp",
        "add",
        "-s",
        scope,
        ...variables,
        "--timeout",
        String(CALL_MS),
        ...trust,
        name,
        command,
        "--",
        ...args,
      ];
    },
    remove: (name, scope) => ["mcp", "remove", "-s", scope, name],
    reformats: () => true,
    spoils: (text) => REFERENCE.test(text),
  },
  advice: () =>
    "Gemini CLI starts servers only in folders that it was told to trust, and keeps variables that look like keys " +
    "from them: name those that agents log in with in the server's env.",
};

/** Whether every tool that must never be allowed is hidden from Gemini. */
function excludesAll(list: unknown): boolean {
  return Array.isArray(list) && NEVER_ALLOWED.every((name) => list.includes(name));
}

function settingsDirectory(site: HostSite): string {
  return join(variable(site, "GEMINI_CLI_HOME") ?? userHome(site), ".gemini");
}
