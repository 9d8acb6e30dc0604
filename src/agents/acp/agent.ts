/**
 * Room `agents`: what the ACP driver is told of one agent. All else is the protocol's, or told by the agent itself.
 *
 * @module
 */
import type { ApprovalPolicy } from "../../domain/agent/policy.ts";
import type { FailureWords } from "../../domain/agent/custom_agent.ts";
import type { Failure } from "../../domain/turn/turn.ts";
import type { AgentCommand, TurnPlan } from "../turn_command.ts";
import type { AcpError } from "./messages.ts";

/**
 * What opens a session under a policy: a mode by its id, or options by theirs. `null`: as the agent is by itself.
 */
export type AcpSetting = string | Readonly<Record<string, string>> | null;

export interface AcpAgent {
  /** As people call it. */
  readonly title: string;
  readonly policies: readonly ApprovalPolicy[];
  settings(policy: ApprovalPolicy): AcpSetting;
  command(plan: TurnPlan<ApprovalPolicy>): AgentCommand<"channel">;
  /** Whether the command line names the model, so that the session need not. */
  readonly takesModel: boolean;
  /** The way to authenticate when it demands one: only such as need nobody. */
  readonly authMethod: string | null;
  /** One sentence; `null`: in the agent's own words. */
  readonly loginHint: string | null;
  readonly failures: readonly FailureWords[];
  /** Reads an error that answers a request, with all its words in its message, for an agent whose failures are known better than by common words. */
  failureIn?(error: AcpError, startedAt: number): Failure;
  /** Whether it takes `_session/steering`. */
  readonly steers: boolean;
}
