/**
 * Room `agents`: Codex at a terminal, in the session of a job. It asks the person who sits there, whatever the job's
 * policy; what its sandbox keeps from it is the policy's.
 *
 * @module
 */
import type { ApprovalPolicy } from "../../domain/agent/policy.ts";
import { compareVersions } from "../../domain/compare_versions.ts";
import type { InteractiveCommand, InteractivePlan } from "../driver.ts";

export function codexInteractive(
  { version, sessionId, cwd, policy, model }: InteractivePlan,
): InteractiveCommand {
  return {
    args: [
      "resume",
      ...withoutDaemon(version),
      // A thread goes on in the directory in which it began, unless told.
      "-C",
      cwd,
      ...policyArgs(policy),
      ...(model === null ? [] : [`--model=${model}`]),
      sessionId,
    ],
    env: {},
  };
}

/**
 * Codex's terminal works through a process in the background, which keeps every other writer off the session for a
 * minute after the person has left (0.169 and later): the job's next turn would find it taken. The version from which
 * on there is an option; before, the setting is ignored where there is no such process.
 */
function withoutDaemon(version: string | null): string[] {
  return version !== null && compareVersions(version, "0.169.0") >= 0
    ? ["--no-daemon"]
    : ["-c", "features.daemon_auto_start=false"];
}

function policyArgs(policy: ApprovalPolicy): string[] {
  switch (policy) {
    case "suggest":
      return ["-s", "read-only", "-a", "on-request"];
    case "auto-edit":
    case "ask":
      return ["-s", "workspace-write", "-a", "on-request"];
    case "full-auto":
      return ["--dangerously-bypass-approvals-and-sandbox"];
  }
}
