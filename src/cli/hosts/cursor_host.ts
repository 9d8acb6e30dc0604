/**
 * Room `cli`: Cursor as a host. The editor and its CLI share one list of servers, and no command adds one. Written
 * from its documentation, since Cursor is not on npm.
 *
 * @module
 */
import { join } from "node:path";
import { commonEntry, type Host, type HostSite, userHome, variable } from "./host.ts";

export const cursorHost: Host = {
  id: "cursor",
  title: "Cursor",
  aliases: ["cursor-agent", "cursor-cli"],
  executables: ["cursor-agent", "cursor"],
  traces: (site) => [join(userHome(site), ".cursor")],
  serversFile: (site, scope) => ({
    path: join(scope === "user" ? userHome(site) : site.cwd, ".cursor", "mcp.json"),
    format: "json",
  }),
  serversKey: "mcpServers",
  entry: (registration) => ({ type: "stdio", ...commonEntry(registration) }),
  permissions(site, scope, name) {
    return {
      file: {
        path: scope === "user" ? cliConfig(site) : join(site.cwd, ".cursor", "cli.json"),
        format: "json",
        // The Cursor CLI requires all of these members in its user configuration.
        newFile: scope === "user"
          ? { version: 1, editor: { vimMode: false }, permissions: { allow: [], deny: [] } }
          : {},
      },
      path: ["permissions", "allow"],
      itemOf: (tool) => `Mcp(${name}:${tool})`,
      isServerWide: (other) => other === `Mcp(${name}:*)`,
      isOurs: (other) => String(other).startsWith(`Mcp(${name}:`),
    };
  },
  advice: (_scope, isAllowed) =>
    isAllowed
      ? "The permission is for Cursor's command line; in the editor, allow the tools in its MCP settings."
      : null,
};

function cliConfig(site: HostSite): string {
  const xdg = site.os === "linux" ? variable(site, "XDG_CONFIG_HOME") : undefined;
  const directory = variable(site, "CURSOR_CONFIG_DIR") ??
    (xdg === undefined ? join(userHome(site), ".cursor") : join(xdg, "cursor"));
  return join(directory, "cli-config.json");
}
