/**
 * Room `cli`: Qwen Code as a host. One file holds permissions and servers. Its `mcp add` would reformat that file, so
 * the file is edited.
 *
 * @module
 */
import { join } from "node:path";
import { commonEntry, type Host, type HostScope, type HostSite, userHome, variable } from "./host.ts";
import type { HostFileReference } from "./host_document.ts";

/** Ms for one call: Qwen's own default, written down so that no other setting cuts a wait. */
const CALL_MS = 600_000;

export const qwenHost: Host = {
  id: "qwen",
  title: "Qwen Code",
  aliases: ["qwen-code"],
  executables: ["qwen"],
  traces: (site) => [settingsDirectory(site)],
  serversFile: settingsOf,
  serversKey: "mcpServers",
  entry: (registration) => ({ ...commonEntry(registration), timeout: CALL_MS }),
  permissions: (site, scope, name) => ({
    file: settingsOf(site, scope),
    path: ["permissions", "allow"],
    itemOf: (tool) => `mcp__${name}__${tool}`,
    isServerWide: (other) => other === `mcp__${name}` || other === `mcp__${name}__*`,
    isOurs: (other) => other === `mcp__${name}` || String(other).startsWith(`mcp__${name}__`),
  }),
  isServerWide: (entry) => entry["trust"] === true,
};

function settingsOf(site: HostSite, scope: HostScope): HostFileReference {
  const directory = scope === "user" ? settingsDirectory(site) : join(site.cwd, ".qwen");
  return { path: join(directory, "settings.json"), format: "json" };
}

function settingsDirectory(site: HostSite): string {
  return variable(site, "QWEN_HOME") ?? join(userHome(site), ".qwen");
}
