/**
 * Room `scheduler`: which of two pending jobs comes first: that of higher priority, else the older one.
 *
 * @module
 */
import type { Job } from "../../domain/job/job.ts";

/** Compares jobs for sorting. */
export function byPrecedence(a: Job, b: Job): number {
  return b.priority - a.priority || a.number - b.number;
}

/** Sorted by {@link byPrecedence}; the same array where it is that already, as it nearly always is. */
export function inPrecedence<T extends Job>(jobs: readonly T[]): readonly T[] {
  for (let index = 1; index < jobs.length; index++) {
    if (byPrecedence(jobs[index - 1]!, jobs[index]!) > 0) return jobs.toSorted(byPrecedence);
  }
  return jobs;
}

/** Index of the first of `jobs`, which are in precedence, that `job` does not come after. */
export function firstNotBefore(job: Job, jobs: readonly Job[]): number {
  let [from, to] = [0, jobs.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (byPrecedence(jobs[middle]!, job) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}
