/**
 * Room `cli`: what a coding agent cannot do for us, by its driver.
 *
 * @module
 */
import type { AgentDriver } from "../../agents/driver.ts";
import { ApprovalPolicy } from "../../domain/agent/policy.ts";

/** The policies that it can be held to, from the most careful on. */
export function policiesOf(driver: AgentDriver): readonly ApprovalPolicy[] {
  return driver.policies ?? ApprovalPolicy.options;
}

/** Each in a sentence. */
export function inabilities(driver: AgentDriver): string[] {
  const kept = policiesOf(driver);
  const lacking = ApprovalPolicy.options.filter((policy) => !kept.includes(policy));
  return [
    ...(lacking.length === 0 ? [] : [`It cannot be held to ${lacking.join(" or ")}.`]),
    ...(driver.hasSessions ? [] : ["It cannot be continued with a reply: it has no sessions."]),
  ];
}
