/**
 * Room `scheduler`: what a cancel changes in a job record.
 *
 * @module
 */
import { isJobIn, type Job } from "../domain/job/job.ts";
import { transition } from "../domain/job/transition.ts";

export interface Cancelled {
  job: Job;
  /** Pids of the job's processes that could not be ended. */
  survivors: readonly number[];
}

/**
 * The record after a cancel. A pending job is finished as cancelled. A running job gets a stop, and its waiting replies
 * are dropped. A finished job is returned as it is.
 *
 * @param options.at epoch ms
 * @param options.readBytes bytes of the turn's output that had been read by then
 */
export function asCancelled(job: Job, { at, readBytes }: { at: number; readBytes: number }): Job {
  if (isJobIn(job, "pending")) {
    return transition(job, { type: "drop", verdict: { status: "cancelled", reason: "cancelled" }, at });
  }
  if (isJobIn(job, "running")) {
    return transition(withoutReplies(job), { type: "stop", cause: "cancelled", readBytes, at });
  }
  return job;
}

/** Returns the same object when no replies wait, so that the store has nothing to write. */
function withoutReplies(job: Job): Job {
  return job.queue.length === 0 ? job : { ...job, queue: [] };
}
