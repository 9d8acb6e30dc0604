/**
 * Room `service`, part of `LocalService`: which jobs have changed the same files in places of their own, and were not
 * taken over yet: whoever comes second may meet a conflict.
 *
 * @module
 */
import type { Job } from "../../domain/job/job.ts";
import { type JobChanges, readJobChanges } from "../../scheduler/views/job_changes.ts";
import { conflictsBetween } from "../../places/changes/forecast.ts";
import { jobChange } from "../../places/changes/job_change.ts";
import { isIsolated } from "../../scheduler/turn/where.ts";
import type { LocalDependencies } from "./dependencies.ts";

/** Newest jobs that are compared. */
const MOST_JOBS = 100;

/** Ids, the newest first; none for a job whose changes are in the caller's tree already. */
export async function conflictsWith(
  job: Job,
  work: JobChanges,
  { store, directories, scheduler }: LocalDependencies,
): Promise<string[]> {
  const { places } = scheduler.options;
  if (!isOpen(job) || places === undefined || work.changes.length === 0) return [];
  const own = await jobChange(places, work.changes.map(({ change }) => change));
  const { jobs } = await store.list({ limit: MOST_JOBS });
  const meeting: string[] = [];
  for (const other of jobs) {
    if (other.id === job.id || other.tree.root !== job.tree.root || !isOpen(other)) continue;
    const { changes } = readJobChanges(other, directories);
    if (changes.length === 0) continue;
    const theirs = await jobChange(places, changes.map(({ change }) => change));
    if ((await conflictsBetween(places, own, theirs)).length > 0) meeting.push(other.id);
  }
  return meeting;
}

/** Whether its changes wait to be taken over. */
function isOpen(job: Job): boolean {
  return isIsolated(job) && (job.work?.applied ?? 0) < job.last_turn && job.work?.discarded !== true;
}
