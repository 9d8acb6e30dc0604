/**
 * Room `scheduler`: what a cancel makes of a job.
 *
 * @module
 */
import { isJobIn, type Job } from "../domain/job/job.ts";
import { transition } from "../domain/job/transition.ts";

export interface Cancelled {
  job: Job;
  /** Pids of what could not be ended. */
  survivors: readonly number[];
}

/**
 * The job as a cancel leaves it: ended when it waits, told to stop when it runs, itself when it has ended.
 *
 * @param options.at epoch ms
 * @param options.readBytes place in the output up to which it had been read
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

/** The job itself when none wait: what changes nothing is not written. */
function withoutReplies(job: Job): Job {
  return job.queue.length === 0 ? job : { ...job, queue: [] };
}
