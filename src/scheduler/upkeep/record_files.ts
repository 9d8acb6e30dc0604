/**
 * Room `scheduler`: a job's record beside its files, as the store has it, for the day the store is damaged. Rule of
 * this file: nobody waits for it; what changes twice in a moment is written once, and what the files of a turn prove as
 * well is written late.
 *
 * @module
 */
import type { JobId } from "../../domain/job/ids.ts";
import type { Job } from "../../domain/job/job.ts";
import { isFinished } from "../../domain/job/reason.ts";
import type { JobDirectories } from "../../kernel/job_directories.ts";
import { isTakenAway, writeAtomically } from "../../system/files/files.ts";
import type { Log } from "../../system/log.ts";
import { forgetEnvironments } from "./leftovers.ts";

export interface RecordFilesOptions {
  directories: JobDirectories;
  log: Log;
}

/** Ms after which the record of a turn is written that has begun: by then most short turns have ended. */
const LATE_MS = 1_000;

export class RecordFiles {
  readonly #options: RecordFilesOptions;
  readonly #due = new Map<JobId, Job>();
  /** Due as well, but not yet. */
  readonly #late = new Map<JobId, Job>();
  /** What has been written: the store gives out one and the same object more than once. */
  readonly #written = new WeakSet<Job>();
  /** Of pending jobs, what is on the disk. */
  readonly #pending = new Map<JobId, Job>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #lateTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(options: RecordFilesOptions) {
    this.#options = options;
  }

  /** Writes the record soon; of a finished job it also takes the hosts' environments away. */
  put(job: Job): void {
    if (this.#written.has(job)) return;
    if (this.#isProved(job)) {
      this.#late.set(job.id, job);
      this.#lateTimer ??= setTimeout(() => this.flush(), LATE_MS);
      return;
    }
    this.#late.delete(job.id);
    this.#due.set(job.id, job);
    this.#timer ??= setTimeout(() => this.#writeDue(), 0);
  }

  /** Writes all that is due, late or not. */
  flush(): void {
    if (this.#lateTimer !== null) clearTimeout(this.#lateTimer);
    this.#lateTimer = null;
    for (const [id, job] of this.#late) this.#due.set(id, job);
    this.#late.clear();
    this.#writeDue();
  }

  /** A failure is logged, since the store has the record, and tried again with the next one. */
  #writeDue(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (const job of [...this.#due.values()]) if (this.#write(job)) this.#due.delete(job.id);
  }

  /** Whether the record on the disk becomes this one by what the files of its turn tell: see `advanced`. */
  #isProved(job: Job): boolean {
    const { id, started_at, state } = job;
    const pending = this.#pending.get(id);
    return pending !== undefined && !this.#due.has(id) && state.status === "running" && state.stop === null &&
      JSON.stringify({ ...pending, started_at, state }) === JSON.stringify(job);
  }

  /** Whether nothing is left to do. */
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
