/**
 * Room `cli`, the monitor: the newest jobs, and the jobs that ended last, however many newer ones wait.
 *
 * @module
 */
import { isFinished } from "../../domain/job/reason.ts";
import type { Brief } from "../../domain/job/result.ts";
import type { CallOptions } from "../../service/call.ts";
import type { JobService } from "../../service/job_service.ts";

/** Newest jobs that are listed. */
const LOOKED_AT = 100;
/** When fewer than this many of the newest jobs have ended, older ended jobs are listed too. */
const FEW = 20;

export interface RecentJobs {
  /** The newest jobs of any status, from the daemon's records. */
  readonly newest: readonly Brief[];
  /** Ended jobs, the latest end first. */
  readonly finished: readonly Brief[];
}

export async function recentJobs(service: JobService, options: CallOptions): Promise<RecentJobs> {
  const { jobs: newest, total } = await service.list({ limit: LOOKED_AT }, options);
  const finished = newest.filter((job) => isFinished(job.status));
  const isHidden = finished.length < FEW && total > newest.length;
  const older = isHidden ? await olderFinished(service, options) : [];
  const byId = new Map([...older, ...finished].map((job) => [job.job_id, job]));
  return { newest, finished: [...byId.values()].sort((a, b) => endOf(b) - endOf(a)) };
}

async function olderFinished(service: JobService, options: CallOptions): Promise<Brief[]> {
  const lists = await Promise.all(
    (["done", "error", "cancelled"] as const).map((status) => service.list({ status, limit: FEW }, options)),
  );
  return lists.flatMap(({ jobs }) => jobs);
}

function endOf(job: Brief): number {
  return Date.parse(job.finished_at ?? job.created_at);
}
