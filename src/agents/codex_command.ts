/**
 * Room `agents`: the command line of one Codex turn. `resume` remembers nothing but the conversation, so every turn
 * passes everything, and what the parent command takes stands before the word `resume`.
 *
 * @module
 */
import type { ApprovalPolicy } from "../domain/policy.ts";
import type { AgentCommand, TurnPlan } from "./driver.ts";

export function codexCommand(plan: TurnPlan): AgentCommand {
  return {
    args: [
      "exec",
      "--json",
      "--skip-git-repo-check",
      "-C",
      plan.cwd,
      ...policyArgs(plan.policy, plan.gitDirs),
      ...(plan.model === null ? [] : [`--model=${plan.model}`]),
      ...CONFIGURATION.flatMap((setting) => ["-c", setting]),
      ...(plan.mcp === "none" ? withoutMcp(plan.mcpServers ?? []) : []),
      ...plan.extraArgs,
      ...(plan.sessionId === null ? [] : ["resume", plan.sessionId]),
      "-",
    ],
    env: {},
    stdin: "prompt",
  };
}

/**
 * Without the first, a refused connection is tried again for ever (0.153 and later). As `-c` and not as `--disable`:
 * a version that does not know the feature ignores the one and refuses to start over the other (0.125).
 */
const CONFIGURATION = ["features.unbounded_connection_retries=false"] as const;

/** `--full-auto` is never used: it is a hard error from 0.147 on. */
function policyArgs(policy: ApprovalPolicy, gitDirs: readonly string[]): string[] {
  switch (policy) {
    case "suggest":
      return ["-s", "read-only"];
    case "auto-edit":
      // The sandbox makes `.git` read-only even inside the workspace; a commit needs it named.
      return ["-s", "workspace-write", ...gitDirs.map((path) => `--add-dir=${path}`)];
    case "full-auto":
      return ["--dangerously-bypass-approvals-and-sandbox"];
  }
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
