/**
 * Room `cli`: the Gemini CLI as a host. Its `mcp add` lays the whole file out anew.
 *
 * @module
 */
import { join } from "node:path";
import { NEVER_ALLOWED } from "../../mcp/tools/toolset_names.ts";
import { withAll } from "./codex_host.ts";
import { commonEntry, type Host, type HostSite, userHome, variable } from "./host.ts";

/**
 * It keeps variables that look like keys from its servers. Names of them in the server's `env` (`"$CODEX_API_KEY"`) would
 * pass them on, but `add-agent` does not write such: every later `gemini mcp add` or `remove`, of whichever server, puts
 * the values of all of them into the file.
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
    // All or nothing: what is never to be allowed is not listed to it then.
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

/** Whether what is never to be allowed is hidden. */
function excludesAll(list: unknown): boolean {
  return Array.isArray(list) && NEVER_ALLOWED.every((name) => list.includes(name));
}

function settingsDirectory(site: HostSite): string {
  return join(variable(site, "GEMINI_CLI_HOME") ?? userHome(site), ".gemini");
}
