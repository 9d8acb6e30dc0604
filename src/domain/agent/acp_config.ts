/**
 * Room `domain`: the schema of how an agent is run that speaks ACP, the Agent Client Protocol.
 *
 * @module
 */
import * as z from "zod";
import { ArgumentTemplate } from "./argument_template.ts";
import { Text } from "./event_mapping.ts";
import { ApprovalPolicy } from "./policy.ts";

/** One value for each approval policy that the agent can keep. */
function byPolicy<Value extends z.ZodType>(value: Value) {
  return z.strictObject(
    {
      suggest: value.exactOptional(),
      "auto-edit": value.exactOptional(),
      ask: value.exactOptional(),
      "full-auto": value.exactOptional(),
    } satisfies Record<ApprovalPolicy, z.ZodType>,
  );
}

export const PolicyArguments = byPolicy(z.array(z.string()));
export const PolicyVariables = byPolicy(z.record(z.string(), z.string()));

/** The id of a mode, or values of the session's options by their ids, where `mode` is the mode. */
export const PolicyModes = byPolicy(z.union([Text, z.record(z.string(), Text)], {
  error: "must be the id of a mode, or values by the ids of options",
}));
export type PolicyModes = z.infer<typeof PolicyModes>;

/** What an entry has for an agent that speaks ACP. */
export const acpMembers = {
  args: z.array(ArgumentTemplate).default([]).describe(
    "Its arguments; {cwd}, {model} and {policy_args} are filled in",
  ),
  policy_modes: PolicyModes.exactOptional().describe(
    "The session mode of ACP for each approval policy, or values of its options by their ids",
  ),
  policy_args: PolicyArguments.exactOptional().describe(
    "What to add to its arguments for each approval policy",
  ),
  policy_env: PolicyVariables.exactOptional().describe("Variables to set for each approval policy"),
  auth_method: Text.exactOptional().describe(
    "The method of ACP by which it logs in when it demands that; only one that needs nobody",
  ),
  steering: z.boolean().default(false).describe("Whether it takes _session/steering while it works"),
};

/** How an agent with a one-way output is run when it is spoken with. */
export const AcpConfig = z.strictObject(acpMembers);
export type AcpConfig = z.infer<typeof AcpConfig>;

/**
 * The approval policies that an agent can keep over ACP. One whose entry names none is opened as it is by itself: what
 * it asks is refused under `auto-edit`, asked under `ask`, and allowed under `full-auto`.
 */
export function acpPoliciesOf(
  { policy_modes, policy_args, policy_env }: Pick<AcpConfig, "policy_modes" | "policy_args" | "policy_env">,
): ApprovalPolicy[] {
  const given = [policy_modes, policy_args, policy_env].filter((each) => each !== undefined);
  if (given.length === 0) return ["auto-edit", "ask", "full-auto"];
  return ApprovalPolicy.options.filter((policy) => given.some((each) => each[policy] !== undefined));
}
