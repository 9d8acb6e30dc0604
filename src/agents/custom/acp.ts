/**
 * Room `agents`: an agent of the user's own, or of a preset, that speaks ACP.
 *
 * @module
 */
import type { AcpConfig } from "../../domain/agent/acp_config.ts";
import { acpPoliciesOf } from "../../domain/agent/acp_config.ts";
import type { CustomAgentConfig } from "../../domain/agent/custom_agent.ts";
import type { ApprovalPolicy } from "../../domain/agent/policy.ts";
import type { AcpAgent } from "../acp/agent.ts";
import type { AgentCommand, TurnPlan } from "../turn_command.ts";
import { fillTemplate, usesPlaceholder } from "./argument_template.ts";

/** @param config of the entry; @param acp how it is run for a talk */
export function acpAgent(
  title: string,
  { config, acp }: { config: CustomAgentConfig; acp: AcpConfig },
): AcpAgent {
  return {
    title,
    policies: acpPoliciesOf(acp),
    settings: (policy) => acp.policy_modes?.[policy] ?? null,
    command: (plan) => acpCommand(acp, plan),
    takesModel: usesPlaceholder(acp.args, "model"),
    authMethod: acp.auth_method ?? null,
    loginHint: config.login_hint ?? null,
    failures: config.failures,
    steers: acp.steering,
  };
}

function acpCommand(acp: AcpConfig, plan: TurnPlan<ApprovalPolicy>): AgentCommand<"channel"> {
  const { policy, cwd, model, promptFile, sessionId } = plan;
  const template = usesPlaceholder(acp.args, "policy_args") ? acp.args : [...acp.args, "{policy_args}"];
  const values = { prompt_file: promptFile, cwd, model, session_id: sessionId };
  return {
    args: fillTemplate(template, values).flatMap((word) =>
      word === "{policy_args}" ? acp.policy_args?.[policy] ?? [] : [word]
    ),
    env: acp.policy_env?.[policy] ?? {},
    stdin: "channel",
  };
}
