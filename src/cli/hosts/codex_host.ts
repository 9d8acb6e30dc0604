/**
 * Room `cli`: the Codex CLI as a host. Its `mcp add` takes no timeout, no approval mode and no names of variables. It
 * also rewrites every other server of the file, without the comments.
 *
 * @module
 */
import { join } from "node:path";
import { commonEntry, type Host, type HostSite, userHome, variable } from "./host.ts";
import type { Plain } from "./plain_data.ts";
import { DEPTH_VARIABLE, JOB_VARIABLE } from "../../domain/job/job_variables.ts";

/** The approval mode of a tool that Codex calls without asking. */
const APPROVED = "approve";

/**
 * Limit of one tool call in seconds: more than the longest wait (100 s), which the default of some versions (60) would
 * cut short.
 */
const CALL_SECONDS = 120;

/**
 * Names of the variables that Codex is to pass on to this server: by itself it passes on only a few that every program
 * has. Jobs inherit the server's environment. These variables hold agents' logins and directories, the network's
 * proxies and how deep a job is nested in others. Only names are written into the file, never values.
 */
export const PASSED_ON: readonly string[] = [
  "OPENAI_API_KEY",
  "OPENAI_BASE_URL",
  "CODEX_API_KEY",
  "CODEX_HOME",
  "ANTHROPIC_API_KEY",
  "ANTHROPIC_AUTH_TOKEN",
  "ANTHROPIC_BASE_URL",
  "CLAUDE_CODE_OAUTH_TOKEN",
  "CLAUDE_CONFIG_DIR",
  "GEMINI_API_KEY",
  "GOOGLE_API_KEY",
  "GOOGLE_CLOUD_PROJECT",
  "GOOGLE_APPLICATION_CREDENTIALS",
  "CURSOR_API_KEY",
  ...["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"].flatMap((name) => [name, name.toLowerCase()]),
  JOB_VARIABLE,
  DEPTH_VARIABLE,
];

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
  entry: (registration, present) => ({
    ...commonEntry(registration),
    env_vars: withAll(present?.["env_vars"], PASSED_ON),
    tool_timeout_sec: CALL_SECONDS,
    ...approvals(registration.allowedTools, present),
  }),
  isServerWide: (entry) => entry["default_tools_approval_mode"] === APPROVED,
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

/**
 * Approvals for single tools. An approval of the whole server, which earlier versions wrote, is set back to Codex's
 * default.
 */
function approvals(tools: readonly string[], present: Plain | undefined): Plain {
  if (tools.length === 0) return {};
  const isServerWide = present?.["default_tools_approval_mode"] === APPROVED;
  return {
    ...(isServerWide ? { default_tools_approval_mode: "auto" } : {}),
    tools: Object.fromEntries(tools.map((tool) => [tool, { approval_mode: APPROVED }])),
  };
}

/** The items of `list` as they are, followed by the `names` that it lacks. */
export function withAll(list: unknown, names: readonly string[]): unknown[] {
  const present: unknown[] = Array.isArray(list) ? list : [];
  return [...present, ...names.filter((name) => !present.includes(name))];
}

function codexHome(site: HostSite): string {
  return variable(site, "CODEX_HOME") ?? join(userHome(site), ".codex");
}
