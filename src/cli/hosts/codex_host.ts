/**
 * Room `cli`: the Codex CLI as a host. Its `mcp add` takes neither a timeout nor an approval mode nor the names of
 * variables, and writes every other server of the file anew, without its comments.
 *
 * @module
 */
import { join } from "node:path";
import { commonEntry, type Host, type HostSite, userHome, variable } from "./host.ts";
import type { Plain } from "./plain_data.ts";
import { DEPTH_VARIABLE, JOB_VARIABLE } from "../../domain/job/job_variables.ts";

/** Called without asking. */
const APPROVED = "approve";

/** Seconds for one call: more than the longest wait (100 s), which some versions' default of 60 would cut. */
const CALL_SECONDS = 120;

/**
 * Codex hands its servers no variables but a few that every program has. Jobs get the environment of their server: these
 * are what agents log in with, where they look for it, how they reach the network, and how deep a job is inside of
 * others. Only names are written down, never values.
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

/** Tool by tool; what an earlier version has allowed for all of them goes back to Codex's default. */
function approvals(tools: readonly string[], present: Plain | undefined): Plain {
  if (tools.length === 0) return {};
  const isServerWide = present?.["default_tools_approval_mode"] === APPROVED;
  return {
    ...(isServerWide ? { default_tools_approval_mode: "auto" } : {}),
    tools: Object.fromEntries(tools.map((tool) => [tool, { approval_mode: APPROVED }])),
  };
}

/** The list as it is, and after it what it lacks. */
export function withAll(list: unknown, names: readonly string[]): unknown[] {
  const present: unknown[] = Array.isArray(list) ? list : [];
  return [...present, ...names.filter((name) => !present.includes(name))];
}

function codexHome(site: HostSite): string {
  return variable(site, "CODEX_HOME") ?? join(userHome(site), ".codex");
}
