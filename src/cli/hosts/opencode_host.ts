/**
 * Room `cli`: opencode as a host. Its `mcp add` works only by questions in a terminal, so its file is edited.
 *
 * @module
 */
import { join } from "node:path";
import { type Host, type HostScope, type HostSite, userHome, variable } from "./host.ts";
import { readHostFile } from "./host_file.ts";

/** Ms for one request: more than the longest wait (100 s); its default of 5,000 would cut every one. */
const CALL_MS = 600_000;

export const opencodeHost: Host = {
  id: "opencode",
  title: "opencode",
  aliases: ["open-code"],
  executables: ["opencode"],
  traces: (site) => [directoryOf(site)],
  serversFile: (site, scope) => ({ path: fileOf(site, scope), format: "json" }),
  serversKey: "mcp",
  entry: ({ command, env }) => ({
    type: "local",
    command: [...command],
    ...(Object.keys(env).length === 0 ? {} : { environment: env }),
    enabled: true,
    timeout: CALL_MS,
  }),
  noPermissions: "opencode calls tools without asking, unless its own `permission` says otherwise.",
};

/** opencode reads `opencode.json` and `opencode.jsonc`, and the latter wins: that one is edited when it exists. */
function fileOf(site: HostSite, scope: HostScope): string {
  const path = join(scope === "user" ? directoryOf(site) : site.cwd, "opencode.json");
  return readHostFile(`${path}c`) === null ? path : `${path}c`;
}

function directoryOf(site: HostSite): string {
  return join(variable(site, "XDG_CONFIG_HOME") ?? join(userHome(site), ".config"), "opencode");
}
