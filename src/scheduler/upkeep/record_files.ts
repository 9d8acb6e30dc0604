/**
 * Room `scheduler`: keeps a copy of each job's record in its directory, for when the store is damaged. Rule of this
 * file: nobody waits for a write. Changes that follow each other at once are written once. A change that the turn's
 * files prove as well is written later.
 *
 * @module
 */
import type { JobId } from "../../domain/job/ids.ts";
import type { Job } from "../../domain/job/job.ts";
import { isFinished } from "../../domain/job/reason.ts";
import { isUnreadable } from "../../domain/job/unreadable_job.ts";
import type { JobDirectories } from "../../kernel/job_directories.ts";
import { isTakenAway, writeAtomically } from "../../system/files/files.ts";
import type { Log } from "../../system/log.ts";
import { forgetEnvironments } from "./leftovers.ts";

export interface RecordFilesOptions {
  directories: JobDirectories;
  log: Log;
}

/**
 * Ms before a record is written. By then the end of a turn has removed its environment, which takes some ms and is done
 * here, where it blocks the event loop, only for turns that nothing has ended.
 */
const SOON_MS = 25;

/** Ms before the record of a job is written whose turn has started: by then most short turns have ended. */
const LATE_MS = 1_000;

/** Writes the record files of all jobs. The daemon calls `flush` before it exits. */
export class RecordFiles {
  readonly #options: RecordFilesOptions;
  /** Records to be written at the next opportunity. */
  readonly #due = new Map<JobId, Job>();
  /** Records to be written after `LATE_MS`. */
  readonly #late = new Map<JobId, Job>();
  /** Records that were written: the store returns the same object more than once. */
  readonly #written = new WeakSet<Job>();
  /** The records of pending jobs that are on the disk. */
  readonly #pending = new Map<JobId, Job>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #lateTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(options: RecordFilesOptions) {
    this.#options = options;
  }

  /** Has the record written soon. When the job is finished, its environments are removed too. */
  put(job: Job): void {
    // The file of an unreadable job holds more than the stand-in for it: a later version may read it.
    if (this.#written.has(job) || isUnreadable(job)) return;
    if (this.#isProved(job)) {
      this.#late.set(job.id, job);
      this.#lateTimer ??= setTimeout(() => this.flush(), LATE_MS);
      return;
    }
    this.#late.delete(job.id);
    this.#due.set(job.id, job);
    this.#timer ??= setTimeout(() => this.#writeDue(), SOON_MS);
  }

  /** Writes all records that wait to be written, now. */
  flush(): void {
    if (this.#lateTimer !== null) clearTimeout(this.#lateTimer);
    this.#lateTimer = null;
    for (const [id, job] of this.#late) this.#due.set(id, job);
    this.#late.clear();
    this.#writeDue();
  }

  /** Writes the due records. A failure is only logged, since the store has the record; the next write tries again. */
  #writeDue(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (const job of [...this.#due.values()]) if (this.#write(job)) this.#due.delete(job.id);
  }

  /**
   * Whether `rebuild.ts` can derive this record from the one on the disk and the turn's files: see `advanced` there.
   */
  #isProved(job: Job): boolean {
    const { id, started_at, state } = job;
    const pending = this.#pending.get(id);
    return pending !== undefined && !this.#due.has(id) && state.status === "running" && state.stop === null &&
      JSON.stringify({ ...pending, started_at, state }) === JSON.stringify(job);
  }

  /**
   * Writes a record. Returns false when it must be tried again: not where the directory is gone or cannot be written
   * to.
   */
  #write(job: Job): boolean {
    const { directories, log } = this.#options;
    try {
      if (isFinished(job.state.status)) forgetEnvironments(job, directories);
      writeAtomically(directories.job(job.id).recordFile, JSON.stringify(job));
      this.#written.add(job);
      if (job.state.status === "pending") this.#pending.set(job.id, job);
      else this.#pending.delete(job.id);
      return true;
    } catch (error) {
      log.error("cannot write a job's record file", { job: job.id, error: String(error) });
      return isTakenAway(error);
    }
  }
}
