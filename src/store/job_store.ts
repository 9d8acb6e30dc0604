/**
 * Room `store`: the only room that touches Deno.Kv. Every change of a job is one atomic commit, checked by
 * versionstamp, of the record, its indexes, the counters and the feed entry together.
 *
 * @module
 */
import * as z from "zod";
import type { FeedEntry } from "../domain/feed.ts";
import { JobId } from "../domain/job/ids.ts";
import type { Job } from "../domain/job/job.ts";
import type { JobStatus } from "../domain/job/reason.ts";

export interface ListFilter {
  limit: number;
  status?: JobStatus | undefined;
  agent?: string | undefined;
  cwd?: string | undefined;
}

/** A job before the store has given it a number. */
export type NewJob = Omit<Job, "number">;

/** A job as its directory tells of it. */
export interface RecordedJob {
  job: Job;
  /** Of its replies: the request keys that have made them. */
  replies: readonly { key: string; turn: number }[];
}

/** What the job directories tell, job by job. */
export interface JobRecords {
  /** Of all jobs that have a directory, but not of those that are being removed. Only names are read. */
  ids(): readonly JobId[];
  /** `null` when the directory is not ours, was never accepted, or holds nothing readable. */
  read(id: JobId): RecordedJob | null;
}

/** What a request key stands for: a job, or a further turn of one. */
export const KeyedTurn = z.object({ jobId: JobId, turn: z.number().int().positive() });
export type KeyedTurn = z.infer<typeof KeyedTurn>;

export interface JobStore extends AsyncDisposable {
  /**
   * Creates a job. When its `request_key` is known already, nothing is created and the earlier job is returned.
   * @throws when the id is taken (`conflict`): draw another.
   */
  create(job: NewJob): Promise<{ job: Job; created: boolean }>;
  get(id: JobId): Promise<Job | null>;
  /**
   * Compare-and-set: applies the pure `change` to the newest record until nobody was faster. A change that returns
   * the job it was given (same reference) writes nothing. Writes a feed entry when status, turn, reason or summary
   * differ, one for each job that the change passes through: a change may return several jobs in order (an end, then
   * the next turn), and all are one commit.
   * @param requestKey remembered, with the resulting `last_turn`, in the same commit; when it is known already the
   * change is not applied.
   * @throws {AgentAsyncError} `not_found`; whatever `change` throws.
   */
  update(
    id: JobId,
    change: (job: Job) => Job | readonly Job[],
    options?: { requestKey?: string },
  ): Promise<{ job: Job; changed: boolean }>;
  /** What a request key was used for. */
  keyed(requestKey: string): Promise<KeyedTurn | null>;
  /** Newest first; `total` counts all that match. */
  list(filter: ListFilter): Promise<{ jobs: Job[]; total: number }>;
  /** Jobs whose id begins so, in the order of their ids. */
  beginningWith(beginning: string, limit: number): Promise<Job[]>;
  /** All jobs of one status, oldest first. */
  inStatus(status: JobStatus): AsyncIterable<Job>;
  /** Jobs that have this parent. */
  childrenOf(parent: JobId): Promise<Job[]>;
  /**
   * Entries after `cursor`, oldest first, with the cursor to go on with. `finishedOnly`: those by which a job ended, and
   * not the end of a turn that another one followed in the same commit.
   */
  feed(
    cursor: number,
    options: { limit: number; finishedOnly?: boolean },
  ): Promise<{ entries: FeedEntry[]; cursor: number }>;
  /** The newest feed cursor. */
  feedHead(): Promise<number>;
  /** Yields the feed's head at once and whenever it has moved (`kv.watch`); ends with the signal. */
  watchFeed(signal: AbortSignal): AsyncIterable<number>;
  /** Writes something that changes nothing: afterwards reads tell what is kept of a commit that failed. */
  settle(): Promise<void>;
  /** Removes finished jobs (others are left alone) with their indexes, keys and feed entries. */
  remove(ids: readonly JobId[]): Promise<JobId[]>;
  /** Whether another store is in the place of this one: then its owner has to leave, and the next one opens that. */
  isReplaced(): Promise<boolean>;
  [Symbol.asyncDispose](): Promise<void>;
}
