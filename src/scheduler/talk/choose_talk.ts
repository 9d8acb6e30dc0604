/**
 * Room `scheduler`: whether a turn is run two-way.
 *
 * @module
 */
import type { AgentDriver } from "../../agents/driver.ts";
import type { LiveDriver } from "../../agents/live_driver.ts";
import { type ApprovalPolicy, isUnasked } from "../../domain/agent/policy.ts";

/**
 * The two-way driver for a turn under this policy; `null` where it is run one-way. Two-way is what asks, and what an
 * agent has that speaks no other way. Else the configuration says, else the driver.
 *
 * @param settings.live `agents.<name>.live` of the configuration; `null` when it does not say
 * @param settings.args further arguments of the configuration
 */
export function talkFor(
  { live, policies }: Pick<AgentDriver, "live" | "policies">,
  policy: ApprovalPolicy,
  { live: configured, args = [] }: {
    live?: boolean | null | undefined;
    args?: readonly string[] | undefined;
  },
): LiveDriver | null {
  if (live == null || live.policies?.includes(policy) === false) return null;
  if (!isUnasked(policy) || policies?.includes(policy) === false) return live;
  const isDefault = live.isDefault === true && live.takesArgs?.(args) !== false;
  return configured ?? isDefault ? live : null;
}
