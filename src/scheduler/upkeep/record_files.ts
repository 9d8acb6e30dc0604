/**
 * Room `scheduler`: a job's record beside its files, as the store has it, for the day the store is damaged. Rule of
 * this file: nobody waits for it; what changes twice in a moment is written once.
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

export class RecordFiles {
  readonly #options: RecordFilesOptions;
  readonly #due = new Map<JobId, Job>();
  /** What has been written: the store gives out one and the same object more than once. */
  readonly #written = new WeakSet<Job>();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(options: RecordFilesOptions) {
    this.#options = options;
  }

  /** Writes the record soon; of a finished job it also takes the hosts' environments away. */
  put(job: Job): void {
    if (this.#written.has(job)) return;
    this.#due.set(job.id, job);
    this.#timer ??= setTimeout(() => this.flush(), 0);
  }

  /** Writes what is due now. A failure is logged, since the store has the record, and tried again with the next one. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (const job of [...this.#due.values()]) if (this.#write(job)) this.#due.delete(job.id);
  }

  /** Whether nothing is left to do. */
  #write(job: Job): boolean {
    const { directories, log } = this.#options;
    try {
      if (isFinished(job.state.status)) forgetEnvironments(job, directories);
      writeAtomically(directories.job(job.id).recordFile, JSON.stringify(job));
      this.#written.add(job);
      return true;
    } catch (error) {
      log.error("cannot write a job's record file", { job: job.id, error: String(error) });
      return isTakenAway(error);
    }
  }
}
