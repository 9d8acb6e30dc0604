/**
 * Room `cli`: what a coding agent cannot do, as its driver says.
 *
 * @module
 */
import { type AgentDriver, policiesOf } from "../../agents/driver.ts";
import { ApprovalPolicy, isUnasked } from "../../domain/agent/policy.ts";

/** What the agent cannot do, one sentence for each. */
export function inabilities(driver: AgentDriver): string[] {
  const kept = policiesOf(driver);
  const lacking = ApprovalPolicy.options.filter(isUnasked).filter((policy) => !kept.includes(policy));
  return [
    ...(lacking.length === 0 ? [] : [`It cannot be held to ${lacking.join(" or ")}.`]),
    ...(kept.includes("ask")
      ? []
      : ["It cannot be answered while it works: approval policy ask is refused."]),
    ...(driver.hasSessions ? [] : ["It cannot be continued with a reply: it has no sessions."]),
  ];
}
