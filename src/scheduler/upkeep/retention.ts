/**
 * Room `scheduler`: how long finished jobs are kept. Running and pending jobs are never removed, nor is a finished job
 * that a pending job waits for.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import type { JobId } from "../../domain/job/ids.ts";
import { finishedAt, type Job } from "../../domain/job/job.ts";
import type { JobDirectories } from "../../kernel/job_directories.ts";
import type { JobStore } from "../../store/job_store.ts";
import { Serial } from "../../store/records/serial.ts";
import type { Clock } from "../../system/clock.ts";
import type { Log } from "../../system/log.ts";
import { Slices } from "../../system/yielding/slices.ts";

const DAY_MS = 86_400_000;

/** Feed entries per read. */
const FEED_PAGE = 500;

/** Jobs that are removed together: as many as one commit of the store takes. */
const BATCH = 10;

export interface RetentionOptions {
  store: JobStore;
  directories: JobDirectories;
  clock: Clock;
  log: Log;
  /** Whether a person is in the job's session: then it stays. */
  isVisited?: (id: JobId) => boolean;
  /** Removes what a job has outside of its directory, before its files go. */
  discard?: (id: JobId) => Promise<unknown>;
  /** What isolated jobs changed and nobody has taken over. */
  unapplied?: {
    isOf: (job: Job) => boolean;
    /** Keeps it before the job is removed; a job whose work cannot be kept stays. @returns whether there was some */
    keep: (job: Job) => Promise<boolean>;
  };
  /** Aborts when the daemon hands over; the next daemon then does the rest. */
  signal: AbortSignal;
}

export interface PruneRule {
  /** Jobs that finished longer ago than this many days are removed. */
  olderThanDays: number;
  /** Bytes that all finished jobs may take together, those first removed that finished first; `null` for no limit. */
  maxBytes: number | null;
  /** Whether only to return what would be removed. */
  dryRun: boolean;
  /** Epoch ms at which ages are measured; default the clock's now. */
  now?: number;
}

/** What was removed, or would be with `dryRun`. */
export interface Pruned {
  jobs: JobId[];
  bytes: number;
  /** Those of the jobs whose changes nobody has taken over. */
  notApplied: JobId[];
}

/**
 * Returns a clock in epoch ms for automatic rounds. It never gets further ahead than the time measured since this call.
 * So a system clock that is wrongly set ahead later makes no job look older, and no job is removed by mistake.
 */
export function measuredNow(clock: Clock): () => number {
  const [wall, steady] = [clock.now(), clock.steady()];
  return () => Math.min(clock.now(), wall + clock.steady() - steady);
}

/** What is kept in memory of a finished job. Whole records of a million jobs would take gigabytes. */
interface Ended {
  readonly id: JobId;
  /** When the job finished, in epoch ms. */
  readonly at: number;
  /** Bytes of its directory; `null` until counted. Its files do not change until the job gets a reply. */
  bytes: number | null;
}

/** Jobs of a batch that were removed, or would be; and those of them whose changes nobody has taken over. */
interface Gone {
  readonly gone: JobId[];
  readonly notApplied: JobId[];
}

/** Removes old finished jobs with all their files. */
export class Retention {
  /** Every job that has finished and was not removed, the one that finished longest ago first. */
  readonly #ended = new Map<JobId, Ended>();
  /** The cursor up to which the feed was read for finished jobs. */
  #cursor = 0;
  readonly #rounds = new Serial();

  constructor(readonly options: RetentionOptions) {}

  /**
   * Removes the jobs that the rule names. Concurrent calls run one after the other.
   *
   * @throws {AgentAsyncError} `handover` when the daemon hands over meanwhile; some jobs may be removed by then
   */
  prune(rule: PruneRule): Promise<Pruned> {
    return this.#rounds.run(() => this.#prune(rule));
  }

  async #prune(rule: PruneRule): Promise<Pruned> {
    const { clock, log, isVisited } = this.options;
    await this.#catchUp();
    const before = (rule.now ?? clock.now()) - rule.olderThanDays * DAY_MS;
    const spared = await this.#spared();
    const jobs = [...this.#ended.values()].filter(({ id }) => !spared.has(id));
    const doomed = jobs.filter(({ at }) => at < before);
    if (rule.maxBytes !== null) {
      doomed.push(...await this.#overSize(jobs.filter(({ at }) => at >= before), rule.maxBytes));
    }
    const pruned: Pruned = { jobs: [], bytes: 0, notApplied: [] };
    for (let start = 0; start < doomed.length; start += BATCH) {
      const batch = doomed.slice(start, start + BATCH).filter(({ id }) => isVisited?.(id) !== true);
      const sizes = new Map<JobId, number>();
      for (const job of batch) sizes.set(job.id, await this.#size(job));
      const { gone, notApplied } = rule.dryRun ? await this.#finished(batch) : await this.#remove(batch);
      for (const id of gone) pruned.bytes += sizes.get(id) ?? 0;
      pruned.jobs.push(...gone);
      pruned.notApplied.push(...notApplied);
    }
    if (!rule.dryRun && pruned.jobs.length > 0) {
      log.info("pruned finished jobs", { jobs: pruned.jobs.length, bytes: pruned.bytes });
    }
    return pruned;
  }

  /** Reads from the feed which jobs have finished since the last round. */
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

  /** The jobs that must not be removed now: running and pending ones, and those that a pending one waits for. */
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

  /** The first of `jobs`, as many as must be removed for the rest to fit into `maxBytes`. */
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

  async #finished(jobs: readonly Ended[]): Promise<Gone> {
    const records = await this.#records(jobs.map(({ id }) => id));
    const finished = records.filter((job) => finishedAt(job) !== null);
    const isNotApplied = (job: Job) => this.options.unapplied?.isOf(job) ?? false;
    const ids = (jobs: readonly Job[]) => jobs.map(({ id }) => id);
    return { gone: ids(finished), notApplied: ids(finished.filter(isNotApplied)) };
  }

  async #records(ids: readonly JobId[]): Promise<Job[]> {
    const records = await Promise.all(ids.map((id) => this.options.store.get(id)));
    return records.filter((job) => job !== null);
  }

  /** Keeps what nobody has taken over of these jobs. @returns with `true` where there was some; only what may go now */
  async #keepWork(ids: readonly JobId[]): Promise<Map<JobId, boolean>> {
    const { unapplied, log } = this.options;
    const kept = new Map(ids.map((id) => [id, false]));
    if (unapplied === undefined) return kept;
    for (const job of await this.#records(ids)) {
      try {
        kept.set(job.id, await unapplied.keep(job));
      } catch (cause) {
        kept.delete(job.id);
        const error = String(cause);
        log.error("kept a job: its changes cannot be saved as a patch", { job: job.id, error });
      }
    }
    return kept;
  }

  /**
   * Removes the records first, so that nobody finds a job without its files. Then all directories are renamed, which is
   * quick, and their files removed. The ids are noted before, for the next daemon to finish after a crash.
   */
  async #remove(jobs: readonly Ended[]): Promise<Gone> {
    const { store, directories, log, discard } = this.options;
    this.#throwIfLeaving();
    const kept = await this.#keepWork(jobs.map(({ id }) => id));
    // Read again: a job may have got a reply, or one that waits for it, while others were removed.
    const spared = await this.#spared();
    const doomed = [...kept.keys()].filter((id) => !spared.has(id));
    directories.noteRemovals(doomed);
    const removed = await store.remove(doomed);
    const attempt = (id: JobId, work: () => void | Promise<void>) =>
      Promise.try(work).catch((error) => {
        log.error("cannot remove a job's directory", { job: id, error: String(error) });
      });
    for (const id of removed) {
      this.#ended.delete(id);
      await attempt(id, () => directories.job(id).conceal());
    }
    directories.forgetRemovals();
    for (const id of removed) {
      // The directory goes last: as long as it is there, the next daemon finishes what this one has begun.
      await attempt(id, async () => {
        await discard?.(id);
        await directories.job(id).remove();
      });
    }
    return { gone: removed, notApplied: removed.filter((id) => kept.get(id) === true) };
  }

  #throwIfLeaving(): void {
    if (!this.options.signal.aborted) return;
    throw new AgentAsyncError("handover", "This daemon is leaving; the same call reaches the next one.");
  }
}
