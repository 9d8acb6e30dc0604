/**
 * Room `agents`: something that Codex asks, and how its being settled is told. One request can be several questions; it
 * is answered when all of them are settled.
 *
 * @module
 */
import type { Answer, AskedQuestion, QuestionOption } from "../../../domain/question/question.ts";
import type { Words } from "./words.ts";

/** How a question was settled: by an answer, or by nobody. */
export type Settlement = Answer | "refused";

/** What Codex is told, in the words of its protocol. */
export interface Response {
  readonly result: Readonly<Record<string, unknown>>;
  /** The item that will not be carried out, where Codex itself would call it failed. */
  readonly declinedItem?: string | undefined;
  /** Words beside the answer, for which the protocol has no place. */
  readonly remark?: string | undefined;
}

export interface Asked {
  /** Those that are still open. */
  readonly questions: readonly AskedQuestion[];
  /** @returns the response to the request; `null` while other questions of it are open */
  settle(questionId: string, settlement: Settlement): Response | null;
}

/** Only for this once: what Codex offers beside it (for the session, a new rule) would outlive the turn. */
const OPTIONS: readonly QuestionOption[] = [
  { id: "allow", label: "Allow this once", kind: "allow" },
  { id: "reject", label: "Reject", kind: "reject" },
];

export function approval(id: string, words: Words, respond: (isAllowed: boolean) => Response): Asked {
  return single({ question_id: id, kind: "approval", ...words, options: [...OPTIONS] }, (settlement) => {
    const isAnswered = settlement !== "refused";
    const response = respond(isAnswered && settlement.option === "allow");
    const remark = isAnswered ? settlement.text?.trim() ?? "" : "";
    return remark === "" ? response : { ...response, remark };
  });
}

/** A request that is one question. */
export function single(question: AskedQuestion, settle: (settlement: Settlement) => Response): Asked {
  return { questions: [question], settle: (_id, settlement) => settle(settlement) };
}
