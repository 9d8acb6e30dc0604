/**
 * Room `agents`: a request of Claude Code's that waits for somebody's answer. One request can be several questions; it
 * is answered when all of them are settled.
 *
 * @module
 */
import type { Answer, AskedQuestion } from "../../../domain/question/question.ts";

/** How a question was settled: by an answer, or by nobody, and why. */
export type Settlement = { readonly answer: Answer } | { readonly why: string };

export interface Response {
  readonly response: Readonly<Record<string, unknown>>;
  /** The call that will not be executed. */
  readonly rejectedCall?: string;
  /** Words beside an answer that Claude Code has no place for. */
  readonly remark?: string;
}

export interface Asked {
  readonly requestId: string;
  /** Those that are still open. */
  readonly questions: readonly AskedQuestion[];
  /** @returns the response to the request; `null` while other questions of it are open */
  settle(questionId: string, settlement: Settlement): Response | null;
}
