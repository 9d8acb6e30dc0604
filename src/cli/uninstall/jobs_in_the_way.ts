/**
 * Room `cli`: jobs that have not ended, or whose changes nobody has taken over, when the program is uninstalled.
 *
 * @module
 */
import type { JobService } from "../../service/job_service.ts";
import { MAX_LISTED } from "../../service/read_requests.ts";

/** Jobs asked for at a time: the most that the service lists. */
const PAGE = 100;

const UNFINISHED = ["running", "pending"] as const;

export async function countUnfinished(service: JobService, signal: AbortSignal): Promise<number> {
  const lists = await Promise.all(UNFINISHED.map((status) => service.list({ status, limit: 1 }, { signal })));
  return lists.reduce((sum, { total }) => sum + total, 0);
}

const ENDED = ["done", "error", "cancelled"] as const;

/** Of the newest ended jobs: how many have changes that nobody has taken over. */
export async function countUnapplied(service: JobService, signal: AbortSignal): Promise<number> {
  const lists = await Promise.all(
    ENDED.map((status) => service.list({ status, limit: MAX_LISTED }, { signal })),
  );
  return lists.flatMap(({ jobs }) => jobs).filter(({ work }) => work === "not_applied").length;
}

/** Ends them all, the waiting ones first so that none of them takes a free slot. Answers when nothing of them runs. */
export async function cancelUnfinished(service: JobService, signal: AbortSignal): Promise<number> {
  let count = 0;
  for (const status of [...UNFINISHED].reverse()) {
    for (;;) {
      const { jobs } = await service.list({ status, limit: PAGE }, { signal });
      if (jobs.length === 0) break;
      await Promise.all(jobs.map(({ job_id }) => service.cancel({ job_id }, { signal })));
      count += jobs.length;
    }
  }
  return count;
}
