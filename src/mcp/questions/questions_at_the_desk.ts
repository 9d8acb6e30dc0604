/**
 * Room `mcp`: the questions of running jobs, as far as a person at a host may be asked them.
 *
 * @module
 */
import type { Answer, Question } from "../../domain/question/question.ts";
import type { CallOptions } from "../../service/call.ts";

/** A question that is open, and whose it is. */
export interface OpenedQuestion {
  readonly job_id: string;
  readonly agent: string;
  readonly question: Question;
}

/** Where the questions come from and where their answers go. */
export interface QuestionsAtTheDesk {
  /**
   * What is open at this moment and may be answered by a person.
   *
   * @param jobIds of these jobs; `undefined` for those of this session.
   */
  open(jobIds: readonly string[] | undefined, options: CallOptions): Promise<readonly OpenedQuestion[]>;
  /**
   * A person at this host has answered.
   *
   * @throws {AgentAsyncError} when somebody was quicker or the job has ended.
   */
  answer(opened: OpenedQuestion, answer: Answer): Promise<void>;
}

/** What a question is called in an exchange with a host; unique among all jobs. */
export function questionKey({ job_id, question }: OpenedQuestion): string {
  return `${job_id}/${question.question_id}`;
}
