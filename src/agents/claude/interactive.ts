/**
 * Room `agents`: Claude Code at a terminal, in the session of a job. It asks the person who sits there, whatever the
 * job's policy, and whether it may trust the directory.
 *
 * @module
 */
import type { ApprovalPolicy } from "../../domain/agent/policy.ts";
import type { InteractiveCommand, InteractivePlan } from "../driver.ts";

export function claudeInteractive({ sessionId, model, policy }: InteractivePlan): InteractiveCommand {
  return {
    args: [
      "--resume",
      sessionId,
      ...(model === null ? [] : ["--model", model]),
      "--permission-mode",
      MODES[policy],
    ],
    env: {},
  };
}

/** Without `bypassPermissions`: it is refused to the superuser, and a person can switch to more at any time. */
const MODES: Readonly<Record<ApprovalPolicy, string>> = {
  suggest: "default",
  "auto-edit": "acceptEdits",
  ask: "default",
  "full-auto": "acceptEdits",
};
