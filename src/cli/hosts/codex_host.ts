/**
 * Room `cli`: the Codex CLI as a host. Its `mcp add` takes neither a timeout nor an approval mode, and writes every
 * other server of the file anew, without its comments.
 *
 * @module
 */
import { join } from "node:path";
import { commonEntry, type Host, type HostSite, userHome, variable } from "./host.ts";

/** Seconds for one call: more than the longest wait (100 s), which some versions' default of 60 would cut. */
const CALL_SECONDS = 120;

export const codexHost: Host = {
  id: "codex",
  title: "Codex CLI",
  aliases: ["codex-cli", "openai-codex"],
  executables: ["codex"],
  traces: (site) => [codexHome(site)],
  serversFile: (site, scope) => ({
    path: join(scope === "user" ? codexHome(site) : join(site.cwd, ".codex"), "config.toml"),
    format: "toml",
  }),
  serversKey: "mcp_servers",
  entry: (registration) => ({
    ...commonEntry(registration),
    tool_timeout_sec: CALL_SECONDS,
    ...(registration.isAllowed ? { default_tools_approval_mode: "approve" } : {}),
  }),
  commandLine: {
    executables: ["codex"],
    add({ name, command, env }, scope) {
      if (scope === "project") return null;
      const variables = Object.entries(env).flatMap(([key, value]) => ["--env", `${key}=${value}`]);
      return ["mcp", "add", name, ...variables, "--", ...command];
    },
    remove: (name, scope) => scope === "project" ? null : ["mcp", "remove", name],
    reformats: () => true,
  },
  advice: (scope) => scope === "user" ? null : "Codex reads it only in a project that it was told to trust.",
};

function codexHome(site: HostSite): string {
  return variable(site, "CODEX_HOME") ?? join(userHome(site), ".codex");
}
