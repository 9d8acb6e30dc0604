/**
 * Room `agents`: the command line of a two-way turn of Codex. What can be said in the talk is said there; what would
 * start a program, or open a project, before the first word has to stand here.
 *
 * @module
 */
import type { ApprovalPolicy } from "../../../domain/agent/policy.ts";
import type { AgentCommand, TurnPlan } from "../../turn_command.ts";
import { closedToGit, configurationArgs } from "../command.ts";

export function codexLiveCommand(plan: TurnPlan<ApprovalPolicy>): AgentCommand<"channel"> {
  const isSandboxed = plan.policy === "auto-edit" || plan.policy === "ask";
  return {
    args: [
      "app-server",
      ...configurationArgs(plan),
      ...(isSandboxed ? closedToGit(plan).args : []),
      ...(plan.policy === "ask" ? ASKING.flatMap((setting) => ["-c", setting]) : []),
      ...plan.extraArgs,
    ],
    env: {},
    stdin: "channel",
  };
}

/** `codex app-server` knows few of the options of `codex exec`, and none for what is said in the talk. */
export function areServerArgs(args: readonly string[]): boolean {
  const [first, ...rest] = args;
  if (first === undefined) return true;
  if (["-c", "--config", "--enable", "--disable"].includes(first)) return areServerArgs(rest.slice(1));
  return /^(-c.|--(config|enable|disable)=|--strict-config$)/.test(first) && areServerArgs(rest);
}

/** The model may ask the user something, which it may else only while it plans (0.171). */
const ASKING = [
  "features.default_mode_request_user_input=true",
  "suppress_unstable_features_warning=true",
] as const;
