/**
 * Room `cli`: Claude Desktop as a host. It has one file, no command line and no projects, and asks for permissions in
 * its own window.
 *
 * @module
 */
import { join, win32 } from "node:path";
import { commonEntry, type Host, type HostSite, userHome, variable } from "./host.ts";

export const claudeDesktop: Host = {
  id: "claude-desktop",
  title: "Claude Desktop",
  aliases: ["desktop", "claude-app"],
  executables: [],
  traces: (site) => [directoryOf(site)],
  serversFile(site, scope) {
    if (scope === "project") return null;
    const { join: joined } = site.os === "windows" ? win32 : { join };
    return { path: joined(directoryOf(site), "claude_desktop_config.json"), format: "json" };
  },
  serversKey: "mcpServers",
  entry: commonEntry,
  noPermissions: "Claude Desktop asks in its own window and has no list of permissions.",
  advice: () => "Restart Claude Desktop: it reads its servers only when it starts.",
};

function directoryOf(site: HostSite): string {
  switch (site.os) {
    case "darwin":
      return join(userHome(site), "Library", "Application Support", "Claude");
    case "windows":
      return win32.join(
        variable(site, "APPDATA") ?? win32.join(userHome(site), "AppData", "Roaming"),
        "Claude",
      );
    default:
      return join(variable(site, "XDG_CONFIG_HOME") ?? join(userHome(site), ".config"), "Claude");
  }
}
