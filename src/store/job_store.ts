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

/** A job as recorded in its directory. */
export interface RecordedJob {
  job: Job;
  /** The request keys of replies, each with the turn that it started. */
  replies: readonly { key: string; turn: number }[];
}

export interface FeedOptions {
  limit: number;
  finishedOnly?: boolean;
  withQuestions?: boolean;
}

/** Reads the records in the job directories. */
export interface JobRecords {
  /**
   * Ids of all jobs that have a directory, without those that are being removed. Reads only the names of directories.
   */
  ids(): readonly JobId[];
  /**
   * Those of `ids` whose directories have changed since `at` (epoch ms), the newest first and at most `limit`. Looks at
   * each directory and into none.
   */
  changedSince(at: number, options: { ids: Iterable<JobId>; limit: number }): readonly JobId[];
  /**
   * The record of one job. `null` when its directory is not ours, the job was never accepted, or nothing in it is
   * readable.
   */
  read(id: JobId): RecordedJob | null;
}

/** The job that a request key was used for, and the turn that it started (1 for the job itself). */
export const KeyedTurn = z.object({ jobId: JobId, turn: z.number().int().positive() });
export type KeyedTurn = z.infer<typeof KeyedTurn>;

export interface JobStore extends AsyncDisposable {
  /**
   * Creates a job. When its `request_key` is known already, nothing is created and the earlier job is returned.
   *
   * @param begin makes the job that is stored of the accepted one, in the same commit; pure. Both get a feed entry.
   * @throws {AgentAsyncError} `conflict` when the id is taken: the caller draws another
   */
  create(job: NewJob, begin?: ((accepted: Job) => Job) | null): Promise<{ job: Job; created: boolean }>;
  get(id: JobId): Promise<Job | null>;
  /**
   * Compare-and-set: applies the pure `change` to the newest record, again whenever another write came first. Nothing
   * is written when `change` returns the job it was given (same reference). It may return several jobs in order, such
   * as the end of a turn and the start of the next; all are one commit. A feed entry is written for each of them that
   * differs from the one before in status, turn, summary or open questions.
   *
   * @param requestKey stored in the same commit with the resulting `last_turn`. When it is known already, `change` is
   * not applied.
   * @throws {AgentAsyncError} `not_found`; whatever `change` throws
   */
  update(
    id: JobId,
    change: (job: Job) => Job | readonly Job[],
    options?: { requestKey?: string },
  ): Promise<{ job: Job; changed: boolean }>;
  /** The job and turn that a request key was used for; `null` for an unknown key. */
  keyed(requestKey: string): Promise<KeyedTurn | null>;
  /** Newest first; `total` counts all that match. */
  list(filter: ListFilter): Promise<{ jobs: Job[]; total: number }>;
  /** At most `limit` jobs whose id starts with `beginning`, in the order of their ids. */
  beginningWith(beginning: string, limit: number): Promise<Job[]>;
  /** All jobs of one status, oldest first. */
  inStatus(status: JobStatus): AsyncIterable<Job>;
  /** Jobs that were started by the job `parent`, in order of creation. */
  childrenOf(parent: JobId): Promise<Job[]>;
  /**
   * Feed entries after `cursor`, oldest first, with the cursor for the next page. `finishedOnly` keeps only the entries
   * by which a job ended. The end of a turn that is followed by another turn in the same commit is not one of them.
   * `withQuestions` keeps those by which a job asked something as well.
   */
  feed(
    cursor: number,
    options: FeedOptions,
  ): Promise<{ entries: FeedEntry[]; cursor: number }>;
  /** The newest feed cursor. */
  feedHead(): Promise<number>;
  /** Yields the feed's newest cursor at once and after each change; ends with the signal. */
  watchFeed(signal: AbortSignal): AsyncIterable<number>;
  /**
   * Makes a write that changes nothing. Once it succeeds, reads show whether a commit that failed before was kept.
   */
  settle(): Promise<void>;
  /**
   * Removes finished jobs with their indexes, keys and feed entries. Unfinished jobs are left alone.
   *
   * @returns the ids that were removed
   */
  remove(ids: readonly JobId[]): Promise<JobId[]>;
  /**
   * Whether another database has been put in the place of this one. The owner must then close this store and leave.
   */
  isReplaced(): Promise<boolean>;
  [Symbol.asyncDispose](): Promise<void>;
}
