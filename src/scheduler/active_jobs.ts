/**
 * Room `scheduler`: the running and pending jobs, held in memory. Rule of this file: it holds only what the store has
 * committed, and it follows the store's feed.
 *
 * @module
 */
import type { JobId } from "../domain/job/ids.ts";
import { isJobIn, type Job, type JobOf } from "../domain/job/job.ts";
import { isFinished, type JobStatus } from "../domain/job/reason.ts";
import type { JobStore } from "../store/job_store.ts";
import { RecordFiles, type RecordFilesOptions } from "./upkeep/record_files.ts";

export interface ActiveJobsOptions extends RecordFilesOptions {
  store: JobStore;
}

/** Feed entries read at a time. */
const FEED_PAGE = 500;

export class ActiveJobs {
  readonly #store: JobStore;
  readonly #records: RecordFiles;
  readonly #jobs = new Map<JobId, Job>();
  #cursor = 0;

  constructor(options: ActiveJobsOptions) {
    this.#store = options.store;
    this.#records = new RecordFiles(options);
  }

  get size(): number {
    return this.#jobs.size;
  }

  /** `null` for a job that is not active. */
  get(id: JobId): Job | null {
    return this.#jobs.get(id) ?? null;
  }

  pending(): JobOf<"pending">[] {
    return [...this.#jobs.values()].filter((job) => isJobIn(job, "pending"));
  }

  running(): Job[] {
    return [...this.#jobs.values()].filter((job) => job.state.status === "running");
  }

  /** Fills the memory from the store. To be called once, before all else. */
  async load(): Promise<void> {
    this.#cursor = await this.#store.feedHead();
    for (const status of ["running", "pending"] as const) {
      for await (const job of this.#store.inStatus(status)) this.remember(job);
    }
  }

  /** Holds a job while it is active, forgets it when it is finished, and has its record file written. */
  remember(job: Job): void {
    if (isFinished(job.state.status)) this.#jobs.delete(job.id);
    else this.#jobs.set(job.id, job);
    this.#records.put(job);
  }

  /** Reads the feed up to its head. `told` is called with each job in it, after the job was read afresh. */
  async takeIn(told: (id: JobId) => void): Promise<void> {
    for (;;) {
      const { entries, cursor } = await this.#store.feed(this.#cursor, { limit: FEED_PAGE });
      for (const id of new Set(entries.map((entry) => entry.job_id))) {
        await this.#refresh(id);
        told(id);
      }
      if (cursor === this.#cursor) return;
      this.#cursor = cursor;
    }
  }

  /** Reads a job from the store. A job remembered during that read is newer than the answer: then it reads again. */
  async #refresh(id: JobId): Promise<void> {
    for (;;) {
      const known = this.#jobs.get(id);
      const job = await this.#store.get(id);
      if (this.#jobs.get(id) !== known) continue;
      if (job !== null) this.remember(job);
      return;
    }
  }

  /** The status of every job that one of `jobs` names in `after`. A job that is not in the store is absent. */
  async dependenciesOf(jobs: readonly Job[]): Promise<Map<JobId, JobStatus>> {
    const statuses = new Map<JobId, JobStatus>();
    for (const id of new Set(jobs.flatMap((job) => job.after))) {
      const job = this.#jobs.get(id) ?? await this.#store.get(id);
      if (job !== null && job !== undefined) statuses.set(id, job.state.status);
    }
    return statuses;
  }

  /** Writes the record files that are still due. */
  flush(): void {
    this.#records.flush();
  }
}
