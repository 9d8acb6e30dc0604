/**
 * Room `scheduler`: how long finished jobs are kept. Running and pending jobs are never touched, nor is a finished one
 * that a pending job waits for.
 *
 * @module
 */
import type { JobId } from "../domain/ids.ts";
import { finishedAt } from "../domain/job.ts";
import type { JobDirectories } from "../kernel/job_directories.ts";
import type { JobStore } from "../store/job_store.ts";
import type { Clock } from "../system/clock.ts";
import type { Log } from "../system/log.ts";

const DAY_MS = 86_400_000;

/** Jobs removed in one go, so that a large clean-up does not hold up the store. */
const BATCH = 100;

export interface RetentionOptions {
  store: JobStore;
  directories: JobDirectories;
  clock: Clock;
  log: Log;
}

export interface PruneRule {
  /** Finished longer ago than this. */
  olderThanDays: number;
  /** Bytes that all finished jobs may take together; the oldest go first. */
  maxBytes: number | null;
  /** Only says what would go. */
  dryRun: boolean;
  /** Epoch ms from which ages are counted; the clock's unless given. */
  now?: number;
}

export interface Pruned {
  jobs: JobId[];
  bytes: number;
}

/**
 * Epoch ms for rounds that nobody has asked for: never further than time has gone on since this was called. A clock that
 * is wrongly set ahead makes no job older, and what is removed does not come back when it is put right.
 */
export function measuredNow(clock: Clock): () => number {
  const [wall, steady] = [clock.now(), clock.steady()];
  return () => Math.min(clock.now(), wall + clock.steady() - steady);
}

/** What has to be known of a finished job: of a million, whole records would take gigabytes. */
interface Finished {
  id: JobId;
  finishedAt: number;
}

export class Retention {
  /** A finished job's files do not change until it is replied to, which gives it another end. */
  #sizes = new Map<JobId, { finishedAt: number; bytes: number }>();

  constructor(readonly options: RetentionOptions) {}

  async prune(rule: PruneRule): Promise<Pruned> {
    const { clock, log } = this.options;
    const jobs = await this.#removable();
    const before = (rule.now ?? clock.now()) - rule.olderThanDays * DAY_MS;
    const doomed = jobs.filter((job) => job.finishedAt < before);
    if (rule.maxBytes !== null) {
      doomed.push(...await this.#overSize(jobs.slice(doomed.length), rule.maxBytes));
    }
    let bytes = 0;
    for (const job of doomed) bytes += await this.#size(job);
    if (!rule.dryRun) await this.#remove(doomed.map((job) => job.id));
    if (doomed.length > 0 && !rule.dryRun) log.info("pruned finished jobs", { jobs: doomed.length, bytes });
    return { jobs: doomed.map((job) => job.id), bytes };
  }

  /** Finished jobs, the one that ended first in front. */
  async #removable(): Promise<Finished[]> {
    const { store } = this.options;
    const needed = new Set<JobId>();
    for await (const job of store.inStatus("pending")) for (const id of job.after) needed.add(id);
    const jobs: Finished[] = [];
    for (const status of ["done", "error", "cancelled"] as const) {
      for await (const job of store.inStatus(status)) {
        const at = finishedAt(job);
        if (at !== null && !needed.has(job.id)) jobs.push({ id: job.id, finishedAt: at });
      }
    }
    return jobs.sort((a, b) => a.finishedAt - b.finishedAt);
  }

  async #overSize(jobs: readonly Finished[], maxBytes: number): Promise<Finished[]> {
    let total = 0;
    for (const job of jobs) total += await this.#size(job);
    const doomed: Finished[] = [];
    for (const job of jobs) {
      if (total <= maxBytes) break;
      doomed.push(job);
      total -= await this.#size(job);
    }
    return doomed;
  }

  async #size({ id, finishedAt }: Finished): Promise<number> {
    const known = this.#sizes.get(id);
    if (known?.finishedAt === finishedAt) return known.bytes;
    const bytes = await this.options.directories.job(id).sizeBytes();
    this.#sizes.set(id, { finishedAt, bytes });
    return bytes;
  }

  /** Records first: a directory that a crash leaves behind is only space. */
  async #remove(ids: readonly JobId[]): Promise<void> {
    const { store, directories, log } = this.options;
    for (let start = 0; start < ids.length; start += BATCH) {
      for (const id of await store.remove(ids.slice(start, start + BATCH))) {
        this.#sizes.delete(id);
        await directories.job(id).remove().catch((error) =>
          log.error("cannot remove a job's directory", { job: id, error: String(error) })
        );
      }
    }
  }
}
