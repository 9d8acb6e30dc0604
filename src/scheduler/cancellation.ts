/**
 * Room `scheduler`: cancelling a job, and what that changes in its record.
 *
 * @module
 */
import type { JobId } from "../domain/job/ids.ts";
import { isActive, isJobIn, type Job } from "../domain/job/job.ts";
import { transition } from "../domain/job/transition.ts";
import type { JobStore } from "../store/job_store.ts";
import { Bell } from "../system/bell.ts";
import type { Clock } from "../system/clock.ts";
import { within } from "../system/deadline.ts";
import type { Supervisor } from "./supervisor.ts";

export interface Cancelled {
  job: Job;
  /** Pids of the job's processes that could not be ended. */
  survivors: readonly number[];
}

/** Ms between two looks of a cancel that waits for a launch under way. */
const LAUNCH_LOOK_MS = 50;

/** What a cancel needs of the scheduler. */
export interface Canceller {
  readonly options: { store: JobStore; clock: Clock };
  readonly supervisor: Pick<Supervisor, "knownBytes" | "end">;
  /** Whether the daemon leaves. */
  readonly isClosed: boolean;
  keep(job: Job): void;
  reconcile(): Promise<void>;
  listen(ids: readonly JobId[], bell: Bell): Disposable;
}

/** Commits the cancel of a job and waits until it has ended, or the daemon leaves. */
export async function cancelAndWait(
  id: JobId,
  scheduler: Canceller,
): Promise<Job> {
  const { options: { store, clock }, supervisor } = scheduler;
  const bell = new Bell();
  using _listening = scheduler.listen([id], bell);
  for (;;) {
    const { job } = await store.update(
      id,
      (job) => asCancelled(job, { at: clock.now(), readBytes: supervisor.knownBytes(job) }),
    );
    scheduler.keep(job);
    await scheduler.reconcile();
    if (!isActive(job) || scheduler.isClosed) return job;
    await supervisor.end(id, "cancelled");
    const now = await store.get(id);
    if (now === null || !isActive(now)) return now ?? job;
    // The job is committed as running but not launched yet. The launch will find the stop, or the next round will.
    await within(LAUNCH_LOOK_MS, bell.heard());
  }
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
