/**
 * Room `agents`: the command line of one Codex turn. `resume` remembers nothing but the conversation, so every turn
 * passes everything, and what the parent command takes stands before the word `resume`.
 *
 * @module
 */
import type { ApprovalPolicy } from "../../domain/agent/policy.ts";
import type { AgentCommand, TurnPlan } from "../turn_command.ts";
import { readOnlyHookSettings } from "./read_only.ts";
import { isStrictSchema } from "./strict_schema.ts";

export function codexCommand(plan: TurnPlan): AgentCommand {
  const schema = strictSchemaOf(plan);
  return {
    args: [
      "exec",
      "--json",
      "--skip-git-repo-check",
      "-C",
      plan.cwd,
      ...policyArgs(plan),
      ...(plan.model === null ? [] : [`--model=${plan.model}`]),
      ...configurationArgs(plan),
      ...(schema === null ? [] : ["--output-schema", `${plan.scratchDir}/${SCHEMA_FILE}`]),
      ...plan.extraArgs,
      ...(plan.sessionId === null ? [] : ["resume", plan.sessionId]),
      "-",
    ],
    env: {},
    stdin: "prompt",
    ...(schema === null ? {} : { files: { [SCHEMA_FILE]: JSON.stringify(schema) } }),
  };
}

const SCHEMA_FILE = "result_schema.json";

/** The schema of the wanted answer, if it is one that Codex can be given. */
export function strictSchemaOf({ resultSchema }: { resultSchema?: TurnPlan["resultSchema"] | undefined }) {
  return resultSchema !== undefined && isStrictSchema(resultSchema) ? resultSchema : null;
}

type Configured = Pick<TurnPlan<ApprovalPolicy>, "untrustedRoots" | "mcp" | "mcpServers" | "policy">;

/** What every turn says to Codex, one-way or two-way, whatever its policy lets it do. */
export function configurationArgs(
  { untrustedRoots, mcp, mcpServers = [], policy }: Configured,
): string[] {
  return [
    ...CONFIGURATION.flatMap((setting) => ["-c", setting]),
    ...(policy === "suggest" ? readOnlyHookSettings().flatMap((setting) => ["-c", setting]) : []),
    ...untrusted(untrustedRoots),
    ...(mcp === "none" ? withoutMcp(mcpServers) : []),
  ];
}

/**
 * Without the first, a refused connection is tried again for ever (0.153 and later). As `-c` and not as `--disable`:
 * a version that does not know the feature ignores the one and refuses to start over the other (0.125).
 */
const CONFIGURATION = ["features.unbounded_connection_retries=false"] as const;

/**
 * In a directory that the user trusts, the project's settings count: its MCP servers start outside of the sandbox, and
 * it may widen the sandbox. Whoever trusted the project once has not seen what it brings today.
 */
function untrusted(roots: readonly string[]): string[] {
  const entries = roots.map((path) => `${JSON.stringify(path)}={trust_level="untrusted"}`);
  return entries.length === 0 ? [] : ["-c", `projects={${entries.join(",")}}`];
}

/** `--full-auto` is never used: it is a hard error from 0.147 on. */
function policyArgs(plan: TurnPlan): string[] {
  switch (plan.policy) {
    case "suggest":
      return ["-s", "read-only"];
    case "auto-edit": {
      const { roots, args } = closedToGit(plan);
      return ["-s", "workspace-write", ...roots.map((path) => `--add-dir=${path}`), ...args];
    }
    case "full-auto":
      return ["--dangerously-bypass-approvals-and-sandbox"];
  }
}

/**
 * The sandbox makes the `.git` at the top of each writable directory read-only, and no other. So a repository that lies
 * in a writable directory is named as one: one below `cwd`, and the job's own where `cwd` lies deeper in it and it lies
 * in a directory for temporary files. Nothing becomes writable by that. What git executes (hooks, configuration) is
 * nobody's to write: the user's next git command would run it outside of every sandbox. So a job cannot commit, but in
 * a repository of its own, whose git directory is its to write.
 */
export function closedToGit(
  { cwd, gitDirs, nestedRepositories, tempDirs, ownGitDir }: Closing,
): ClosedToGit {
  const open = gitDirs.filter((path) => tempDirs.some((temp) => path.startsWith(`${temp}/`)));
  const tops = open.map((path) => /^(.*)\/\.git(?:\/|$)/.exec(path)?.[1] ?? null);
  const named = [...tops.filter((top) => top !== null), ...nestedRepositories].filter((path) => path !== cwd);
  return {
    roots: [...new Set(named), ...(ownGitDir === undefined ? [] : [ownGitDir])],
    // A git directory of another name is protected by nothing but this.
    args: tops.includes(null)
      ? ["exclude_slash_tmp", "exclude_tmpdir_env_var"].flatMap((
        name,
      ) => ["-c", `sandbox_workspace_write.${name}=true`])
      : [],
  };
}

type Closing = Pick<
  TurnPlan<ApprovalPolicy>,
  "cwd" | "gitDirs" | "nestedRepositories" | "tempDirs" | "ownGitDir"
>;

interface ClosedToGit {
  /** Repositories to be named as writable, so that their `.git` is not. */
  readonly roots: readonly string[];
  readonly args: readonly string[];
}

/**
 * Switches off each server by name, since `-c mcp_servers={}` merges and so changes nothing (openai/codex#16045), and
 * a name that is not configured is an error. Plugins and connectors bring servers of their own.
 */
function withoutMcp(servers: readonly string[]): string[] {
  const off = servers.map((name) => `${JSON.stringify(name)}={enabled=false}`);
  return [
    "-c",
    "features.plugins=false",
    "-c",
    "features.apps=false",
    ...(off.length === 0 ? [] : ["-c", `mcp_servers={${off.join(",")}}`]),
  ];
}
