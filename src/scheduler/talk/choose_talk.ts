/**
 * Room `scheduler`: whether a turn is run two-way.
 *
 * @module
 */
import type { AgentDriver } from "../../agents/driver.ts";
import type { LiveDriver } from "../../agents/live_driver.ts";
import { type ApprovalPolicy, isUnasked } from "../../domain/agent/policy.ts";
import { compareVersions } from "../../domain/compare_versions.ts";

export interface TalkChoice {
  /** `agents.<name>.live` of the configuration; `null` when it does not say. */
  readonly live?: boolean | null | undefined;
  /** Further arguments of the configuration. */
  readonly args?: readonly string[] | undefined;
  /** Whether a budget is to hold within the turn. */
  readonly hasBudget?: boolean | undefined;
  /** Of the agent, as detected; `null` when it is not known. */
  readonly version: string | null;
}

/**
 * The two-way driver for a turn under this policy; `null` where it is run one-way. Two-way is what asks, and what an
 * agent has that speaks no other way. Else the configuration says, else the driver.
 */
export function talkFor(
  { live, policies }: Pick<AgentDriver, "live" | "policies">,
  policy: ApprovalPolicy,
  choice: TalkChoice,
): LiveDriver | null {
  if (live == null || live.policies?.includes(policy) === false) return null;
  if (!isUnasked(policy) || policies?.includes(policy) === false) return live;
  return choice.live ?? (takesArgs(live, choice) && (choice.hasBudget === true || isDefault(live, choice)))
    ? live
    : null;
}

function takesArgs(live: LiveDriver, { args = [] }: TalkChoice): boolean {
  return live.takesArgs?.(args) !== false;
}

function isDefault(live: LiveDriver, { version }: TalkChoice): boolean {
  const { defaultSince: since } = live;
  const isProved = since === undefined || (version !== null && compareVersions(version, since) >= 0);
  return live.isDefault === true && isProved;
}
