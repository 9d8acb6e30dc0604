/**
 * Room `cli`: the Copilot CLI as a host. It has no list of permissions in a file: what may be called without asking is
 * an argument of each start.
 *
 * @module
 */
import { join } from "node:path";
import { commonEntry, type Host, type HostSite, userHome, variable } from "./host.ts";

/** Ms for one call: more than the longest wait (100 s). */
const CALL_MS = 600_000;

export const copilotHost: Host = {
  id: "copilot",
  title: "Copilot CLI",
  aliases: ["copilot-cli", "github-copilot"],
  executables: ["copilot"],
  traces: (site) => [directoryOf(site)],
  serversFile: (site, scope) => ({
    path: scope === "user"
      ? join(directoryOf(site), "mcp-config.json")
      : join(site.cwd, ".github", "mcp.json"),
    format: "json",
  }),
  serversKey: "mcpServers",
  entry: (registration, present) => ({
    type: "local",
    ...commonEntry(registration),
    // A selection of tools that the user has made in this entry stays.
    tools: present?.["tools"] ?? ["*"],
    timeout: CALL_MS,
  }),
  noPermissions:
    "Copilot CLI takes permissions when it starts: copilot --allow-tool 'agent-async(job_wait)' ...",
};

function directoryOf(site: HostSite): string {
  return variable(site, "COPILOT_HOME") ?? join(userHome(site), ".copilot");
}
