/**
 * Room `cli`: jobs that have not ended, or whose changes nobody has taken over, when the program is uninstalled.
 *
 * @module
 */
import { JOB_ID_ALPHABET, JOB_ID_LENGTH } from "../../domain/job/ids.ts";
import type { Brief } from "../../domain/job/result.ts";
import type { JobService } from "../../service/job_service.ts";
import { MAX_LISTED } from "../../service/read_requests.ts";

/** Jobs asked for at a time: the most that the service lists. */
const PAGE = 100;

const UNFINISHED = ["running", "pending"] as const;

export async function countUnfinished(service: JobService, signal: AbortSignal): Promise<number> {
  const lists = await Promise.all(UNFINISHED.map((status) => service.list({ status, limit: 1 }, { signal })));
  return lists.reduce((sum, { total }) => sum + total, 0);
}

/**
 * How many jobs have changes that nobody has taken over, of all that there are. A list has a limit, so where there are
 * more they are gone through by the beginnings of their ids.
 */
export async function countUnapplied(
  service: Pick<JobService, "list">,
  signal: AbortSignal,
): Promise<number> {
  const { jobs, total } = await service.list({ limit: MAX_LISTED }, { signal });
  return total <= jobs.length ? unappliedOf(jobs) : await countBelow("", { service, signal });
}

async function countBelow(
  prefix: string,
  { service, signal }: { service: Pick<JobService, "list">; signal: AbortSignal },
): Promise<number> {
  let count = 0;
  for (const letter of JOB_ID_ALPHABET) {
    const longer = `${prefix}${letter}`;
    const { jobs } = await service.list({ id_prefix: longer, limit: MAX_LISTED }, { signal });
    const isWhole = jobs.length < MAX_LISTED || longer.length === JOB_ID_LENGTH;
    count += isWhole ? unappliedOf(jobs) : await countBelow(longer, { service, signal });
  }
  return count;
}

function unappliedOf(jobs: readonly Brief[]): number {
  return jobs.filter(({ work }) => work === "not_applied").length;
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
