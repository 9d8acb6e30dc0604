/**
 * Room `scheduler`: how long finished jobs are kept. Running and pending jobs are never touched, nor is a finished one
 * that a pending job waits for.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import type { JobId } from "../../domain/job/ids.ts";
import { finishedAt } from "../../domain/job/job.ts";
import type { JobDirectories } from "../../kernel/job_directories.ts";
import type { JobStore } from "../../store/job_store.ts";
import { Serial } from "../../store/records/serial.ts";
import type { Clock } from "../../system/clock.ts";
import type { Log } from "../../system/log.ts";
import { Slices } from "../../system/slices.ts";

const DAY_MS = 86_400_000;

/** Feed entries read at a time. */
const FEED_PAGE = 500;

/** Jobs removed in one go, as many as one commit of the store takes. */
const BATCH = 10;

export interface RetentionOptions {
  store: JobStore;
  directories: JobDirectories;
  clock: Clock;
  log: Log;
  /** Aborted when the daemon leaves: what is left to be done is the next one's. */
  signal: AbortSignal;
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

/** What has to be known of a job that has ended: of a million, whole records would take gigabytes. */
interface Ended {
  readonly id: JobId;
  /** Epoch ms. */
  readonly at: number;
  /** Of its directory, once they were counted: its files do not change until it is replied to. */
  bytes: number | null;
}

export class Retention {
  /** Every job that has ended and was not removed, in the order of their last ends. */
  readonly #ended = new Map<JobId, Ended>();
  /** Up to where the feed of ends has been read. */
  #cursor = 0;
  readonly #rounds = new Serial();

  constructor(readonly options: RetentionOptions) {}

  /** One round after the other. @throws {AgentAsyncError} `handover` when the daemon leaves meanwhile. */
  prune(rule: PruneRule): Promise<Pruned> {
    return this.#rounds.run(() => this.#prune(rule));
  }

  async #prune(rule: PruneRule): Promise<Pruned> {
    const { clock, log } = this.options;
    await this.#catchUp();
    const before = (rule.now ?? clock.now()) - rule.olderThanDays * DAY_MS;
    const spared = await this.#spared();
    const jobs = [...this.#ended.values()].filter(({ id }) => !spared.has(id));
    const doomed = jobs.filter(({ at }) => at < before);
    if (rule.maxBytes !== null) {
      doomed.push(...await this.#overSize(jobs.filter(({ at }) => at >= before), rule.maxBytes));
    }
    const pruned: Pruned = { jobs: [], bytes: 0 };
    for (let start = 0; start < doomed.length; start += BATCH) {
      const batch = doomed.slice(start, start + BATCH);
      const sizes = new Map<JobId, number>();
      for (const job of batch) sizes.set(job.id, await this.#size(job));
      const gone = rule.dryRun ? await this.#finished(batch) : await this.#remove(batch);
      for (const id of gone) pruned.bytes += sizes.get(id) ?? 0;
      pruned.jobs.push(...gone);
    }
    if (!rule.dryRun && pruned.jobs.length > 0) {
      log.info("pruned finished jobs", { jobs: pruned.jobs.length, bytes: pruned.bytes });
    }
    return pruned;
  }

  /** Reads of the ends since the last round. */
  async #catchUp(): Promise<void> {
    for (;;) {
      this.#throwIfLeaving();
      const page = await this.options.store.feed(this.#cursor, { limit: FEED_PAGE, finishedOnly: true });
      for (const { job_id: id, at } of page.entries) {
        this.#ended.delete(id);
        this.#ended.set(id, { id, at, bytes: null });
      }
      if (page.cursor === this.#cursor) return;
      this.#cursor = page.cursor;
    }
  }

  /** Jobs that are not to be removed now: those that go on, and those that a pending one waits for. */
  async #spared(): Promise<Set<JobId>> {
    const { store } = this.options;
    const spared = new Set<JobId>();
    for (const status of ["pending", "running"] as const) {
      for await (const job of store.inStatus(status)) {
        spared.add(job.id);
        if (status === "pending") { for (const id of job.after) spared.add(id); }
      }
    }
    return spared;
  }

  /** Those of `jobs`, the one that ended first in front, that have to go for the others to fit. */
  async #overSize(jobs: readonly Ended[], maxBytes: number): Promise<Ended[]> {
    const slices = new Slices();
    let total = 0;
    for (const job of jobs) {
      total += await this.#size(job);
      await slices.pause();
    }
    const doomed: Ended[] = [];
    for (const job of jobs) {
      if (total <= maxBytes) break;
      doomed.push(job);
      total -= await this.#size(job);
    }
    return doomed;
  }

  async #size(job: Ended): Promise<number> {
    if (job.bytes !== null) return job.bytes;
    this.#throwIfLeaving();
    return job.bytes = await this.options.directories.job(job.id).sizeBytes();
  }

  async #finished(jobs: readonly Ended[]): Promise<JobId[]> {
    const records = await Promise.all(jobs.map(({ id }) => this.options.store.get(id)));
    return records.flatMap((job) => job !== null && finishedAt(job) !== null ? [job.id] : []);
  }

  /**
   * Records first: nobody is to find a job without its files. Then all directories out of sight, and only then what
   * takes time. What a crash leaves behind of it is noted before.
   */
  async #remove(jobs: readonly Ended[]): Promise<JobId[]> {
    const { store, directories, log } = this.options;
    this.#throwIfLeaving();
    // Somebody may have come to need them while others were removed.
    const spared = await this.#spared();
    const doomed = jobs.map(({ id }) => id).filter((id) => !spared.has(id));
    directories.noteRemovals(doomed);
    const removed = await store.remove(doomed);
    const attempt = async (id: JobId, work: () => void | Promise<void>) => {
      try {
        await work();
      } catch (error) {
        log.error("cannot remove a job's directory", { job: id, error: String(error) });
      }
    };
    for (const id of removed) {
      this.#ended.delete(id);
      await attempt(id, () => directories.job(id).conceal());
    }
    directories.forgetRemovals();
    for (const id of removed) await attempt(id, () => directories.job(id).remove());
    return removed;
  }

  #throwIfLeaving(): void {
    if (!this.options.signal.aborted) return;
    throw new AgentAsyncError("handover", "This daemon is leaving; the same call reaches the next one.");
  }
}
