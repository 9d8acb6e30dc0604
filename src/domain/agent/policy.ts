/**
 * Room `domain`: approval policies, from the most careful to the least.
 *
 * @module
 */
import * as z from "zod";

/**
 * What an agent may do without asking: `suggest` reads only, `auto-edit` writes inside the workspace (sandboxed where
 * the agent has a sandbox), `ask` works by the agent's own rules and makes a question of whatever goes beyond them,
 * `full-auto` has neither sandbox nor questions.
 */
export const ApprovalPolicy = z.enum(["suggest", "auto-edit", "ask", "full-auto"]);
export type ApprovalPolicy = z.infer<typeof ApprovalPolicy>;

/** The policies under which an agent never asks, which are all that a one-way driver can keep. */
export type UnaskedPolicy = Exclude<ApprovalPolicy, "ask">;

/** Whether the agent never asks under this policy. */
export function isUnasked(policy: ApprovalPolicy): policy is UnaskedPolicy {
  return policy !== "ask";
}

/** Whether `policy` allows no more than `cap` does. */
export function isWithinPolicy(policy: ApprovalPolicy, cap: ApprovalPolicy): boolean {
  // A policy that this version does not know counts as within none.
  const place = ApprovalPolicy.options.indexOf(policy);
  return place >= 0 && place <= ApprovalPolicy.options.indexOf(cap);
}

/** The stricter of `policy` and `cap`; `cap` when this version does not know `policy`. */
export function cappedPolicy(policy: ApprovalPolicy, cap: ApprovalPolicy): ApprovalPolicy {
  return isWithinPolicy(policy, cap) ? policy : cap;
}

/** Whether a job under this policy may write, and so must not share its tree with another writer. */
export function mayWrite(policy: ApprovalPolicy): boolean {
  return policy !== "suggest";
}
