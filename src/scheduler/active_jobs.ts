/**
 * Room `scheduler`: the running and pending jobs, held in memory. Rule of this file: it holds only what the store has
 * committed, and it follows the store's feed.
 *
 * @module
 */
import type { JobId } from "../domain/job/ids.ts";
import { isJobIn, type Job, type JobOf } from "../domain/job/job.ts";
import type { JobStatus } from "../domain/job/reason.ts";
import type { JobStore } from "../store/job_store.ts";
import { PendingJobs } from "./queue/pending_jobs.ts";
import { RecordFiles, type RecordFilesOptions } from "./upkeep/record_files.ts";

export interface ActiveJobsOptions extends RecordFilesOptions {
  store: JobStore;
}

/** Feed entries read at a time. */
const FEED_PAGE = 500;

export class ActiveJobs {
  readonly #store: JobStore;
  readonly #records: RecordFiles;
  readonly #pending = new Map<JobId, JobOf<"pending">>();
  readonly #running = new Map<JobId, Job>();
  #inLine: PendingJobs | null = null;
  #version = 0;
  #cursor = 0;

  constructor(options: ActiveJobsOptions) {
    this.#store = options.store;
    this.#records = new RecordFiles(options);
  }

  get size(): number {
    return this.#pending.size + this.#running.size;
  }

  /** Another number after each change. */
  get version(): number {
    return this.#version;
  }

  /** How many wait to be started. */
  get pendingCount(): number {
    return this.#pending.size;
  }

  /** `null` for a job that is not active. */
  get(id: JobId): Job | null {
    return this.#pending.get(id) ?? this.#running.get(id) ?? null;
  }

  /** The same until a job begins or ceases to wait. */
  pending(): PendingJobs {
    return this.#inLine ??= new PendingJobs([...this.#pending.values()]);
  }

  running(): Job[] {
    return [...this.#running.values()];
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
    const known = this.get(job.id);
    if (isJobIn(job, "pending") || this.#pending.has(job.id)) this.#inLine = null;
    if (isJobIn(job, "pending")) this.#pending.set(job.id, job);
    else this.#pending.delete(job.id);
    if (job.state.status === "running") this.#running.set(job.id, job);
    else this.#running.delete(job.id);
    if (this.get(job.id) !== known) this.#version++;
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
      const known = this.get(id);
      const job = await this.#store.get(id);
      if (this.get(id) !== known) continue;
      if (job !== null) this.remember(job);
      return;
    }
  }

  /** The status of every job that a pending one names in `after`. A job that is not in the store is absent. */
  async dependenciesOf({ dependent }: Pick<PendingJobs, "dependent">): Promise<Map<JobId, JobStatus>> {
    const statuses = new Map<JobId, JobStatus>();
    for (const id of new Set(dependent.flatMap(({ after }) => after))) {
      const job = this.get(id) ?? await this.#store.get(id);
      if (job !== null) statuses.set(id, job.state.status);
    }
    return statuses;
  }

  /** Writes the record files that are still due. */
  flush(): void {
    this.#records.flush();
  }
}
