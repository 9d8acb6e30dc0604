/**
 * Room `cli`, the monitor: the newest jobs, and those of them that ended last, however many newer ones wait.
 *
 * @module
 */
import { isFinished } from "../../domain/job/reason.ts";
import type { Brief } from "../../domain/job/result.ts";
import type { CallOptions } from "../../service/call.ts";
import type { JobService } from "../../service/job_service.ts";

/** Jobs that are looked at. */
const LOOKED_AT = 100;
/** Ended jobs below which it is worth to look for more behind those that wait. */
const FEW = 20;

export interface RecentJobs {
  /** As the daemon's records have them now. */
  readonly newest: readonly Brief[];
  /** The one that ended last in front. */
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
