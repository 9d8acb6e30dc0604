/**
 * Room `service`, part of `LocalService`: jobs that were started together. No index has them, so that a job costs no
 * more than without groups.
 *
 * @module
 */
import type { Job } from "../../domain/job/job.ts";
import { MAX_LISTED } from "../read_requests.ts";
import type { LocalDependencies } from "./dependencies.ts";

/** Whether a job has what a list is asked for. */
export function isLike(
  job: Job,
  { status, agent, cwd }: {
    status?: string | undefined;
    agent?: string | undefined;
    cwd?: string | undefined;
  },
): boolean {
  return (status === undefined || job.state.status === status) &&
    (agent === undefined || job.agent === agent) &&
    (cwd === undefined || job.cwd === cwd);
}

/** The jobs of a group, the newest first: all that have not ended, and the ended ones of the newest {@link MAX_LISTED}. */
export async function jobsOfGroup(
  group: string,
  { store, scheduler }: Pick<LocalDependencies, "store" | "scheduler">,
): Promise<Job[]> {
  const { running, pending } = scheduler.queue.all();
  const { jobs: newest } = await store.list({ limit: MAX_LISTED });
  const jobs = new Map([...running, ...pending, ...newest].map((job) => [job.id, job]));
  return [...jobs.values()].filter((job) => job.group === group)
    .toSorted((one, other) => other.number - one.number);
}
