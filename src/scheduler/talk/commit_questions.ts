/**
 * Room `scheduler`: puts the open questions of a running turn into its job's record.
 *
 * @module
 */
import type { Job } from "../../domain/job/job.ts";
import { transition } from "../../domain/job/transition.ts";
import type { OpenQuestion } from "../../domain/question/question.ts";
import type { JobStore } from "../../store/job_store.ts";
import type { Clock } from "../../system/clock.ts";

/** Changes nothing when the record has just these, or the turn is over. @returns the record */
export async function commitQuestions(
  { id, turn }: Pick<Job, "id" | "turn">,
  questions: readonly OpenQuestion[],
  { store, clock }: { store: JobStore; clock: Clock },
): Promise<Job> {
  const { job } = await store.update(
    id,
    (job) => job.turn === turn ? transition(job, { type: "ask", questions, at: clock.now() }) : job,
  );
  return job;
}
