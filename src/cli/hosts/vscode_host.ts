/**
 * Room `cli`: VS Code as a host. Its servers are in a file of the user's default profile or of the workspace. Written
 * from its documentation, since VS Code is not on npm.
 *
 * @module
 */
import { join, win32 } from "node:path";
import { commonEntry, type Host, type HostSite, userHome, variable } from "./host.ts";

export const vscodeHost: Host = {
  id: "vscode",
  title: "VS Code",
  aliases: ["vs-code", "code", "visual-studio-code"],
  executables: ["code"],
  traces: (site) => [directoryOf(site)],
  serversFile(site, scope) {
    if (scope === "project") return { path: join(site.cwd, ".vscode", "mcp.json"), format: "json" };
    const { join: joined } = site.os === "windows" ? win32 : { join };
    return { path: joined(directoryOf(site), "User", "mcp.json"), format: "json" };
  },
  serversKey: "servers",
  entry: (registration) => ({ type: "stdio", ...commonEntry(registration) }),
  noPermissions: "VS Code asks in its own window and has no list of permissions in a file.",
  advice: () => "VS Code starts it once you trust it: MCP: List Servers in the command palette.",
};

function directoryOf(site: HostSite): string {
  switch (site.os) {
    case "darwin":
      return join(userHome(site), "Library", "Application Support", "Code");
    case "windows":
      return win32.join(
        variable(site, "APPDATA") ?? win32.join(userHome(site), "AppData", "Roaming"),
        "Code",
      );
    default:
      return join(variable(site, "XDG_CONFIG_HOME") ?? join(userHome(site), ".config"), "Code");
  }
}
