/**
 * Room `config`: who may answer what agents ask, as the configuration says or implies. Apart from the schema, so that a
 * front-end can tell without it.
 *
 * @module
 */
import type { ApprovalPolicy } from "../domain/agent/policy.ts";

/** Who may answer an agent's questions: any caller, or only people. */
export type Answerer = "anyone" | "person";

export interface AnswererSettings {
  readonly questions: { readonly answered_by: Answerer | null };
  readonly max_approval_policy: ApprovalPolicy;
}

/** Where nothing is configured. */
export const DEFAULT_ANSWERERS = {
  questions: { answered_by: null },
  max_approval_policy: "full-auto",
} as const satisfies AnswererSettings;

/** Where the configuration does not say: whoever could start a job that asks for nothing may also allow anything. */
export function answererOf({ questions, max_approval_policy }: AnswererSettings): Answerer {
  return questions.answered_by ?? (max_approval_policy === "full-auto" ? "anyone" : "person");
}
