/**
 * Room `scheduler`: the running jobs that do nothing but wait for an answer. They have given up their slot, and only so
 * many may do that.
 *
 * @module
 */
import type { JobId } from "../../domain/job/ids.ts";
import { type Job, openQuestions } from "../../domain/job/job.ts";
import type { Conversation } from "./conversation.ts";

/** What is asked of who watches the running turns. */
export interface Watched {
  run(id: JobId): { readonly job: Job; readonly live: Conversation | null } | null;
}

/**
 * Those of `running` that only wait. Where they are more than `most`, the oldest question among them is refused, and its
 * job goes on.
 */
export function waitingJobs(
  running: readonly Job[],
  { most, watched }: { most: number; watched: Watched },
): ReadonlySet<JobId> {
  const waiting = running.flatMap((job) => {
    const run = watched.run(job.id);
    const isSo = run?.job.turn === job.turn && run.live?.isWaiting === true && openQuestions(job).length > 0;
    return isSo ? [{ id: job.id, live: run.live, since: run.live.open[0]?.asked_at ?? 0 }] : [];
  });
  const oldestFirst = waiting.toSorted((a, b) => a.since - b.since);
  for (const { live } of oldestFirst.slice(0, Math.max(0, waiting.length - most))) {
    live.refuseOldest(`more than ${most} jobs wait for an answer`);
  }
  return new Set(waiting.map(({ id }) => id));
}
