/**
 * Room `agents`: Claude Code as an agent that can be asked, answered and steered, 2.1.100 to 2.1.332 and later.
 *
 * @module
 */
import type { ApprovalPolicy } from "../../../domain/agent/policy.ts";
import type { LiveDriver } from "../../live_driver.ts";
import type { AgentCommand, TurnPlan } from "../../turn_command.ts";
import { commandOf } from "../command.ts";
import { ClaudeTalk } from "./talk.ts";

export const claudeLive: LiveDriver = {
  // It takes a message at the next pause of its work, between two calls of the model.
  steers: "queued",
  command: claudeLiveCommand,
  talk: (context) => new ClaudeTalk(context),
};

export function claudeLiveCommand(plan: TurnPlan<ApprovalPolicy>): AgentCommand<"channel"> {
  // The echoes tell when a message was taken and an answer was read.
  return {
    ...commandOf(plan, ["--input-format", "stream-json", "--replay-user-messages"]),
    stdin: "channel",
  };
}
