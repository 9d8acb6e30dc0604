/**
 * Room `store`: `JobStore` on Deno.Kv. One process writes, one write at a time, and each is checked by versionstamp
 * all the same: a second writer can slow this one down but never make it wrong.
 *
 * @module
 */
import { AgentAsyncError } from "../domain/errors.ts";
import type { FeedEntry } from "../domain/feed.ts";
import type { JobId } from "../domain/ids.ts";
import type { Job } from "../domain/job.ts";
import type { JobStatus } from "../domain/reason.ts";
import type { Clock } from "../system/clock.ts";
import { writeChange } from "./commit.ts";
import { count, countOf, parsed } from "./codec.ts";
import { isDamage, storeFailure } from "./failure.ts";
import { readFeed, readFeedHead } from "./feed.ts";
import { FeedWatch } from "./feed_watch.ts";
import { type JobStore, KeyedTurn, type ListFilter, type NewJob } from "./job_store.ts";
import { FEED_HEAD_KEY, jobKey, LAST_NUMBER_KEY, requestKey } from "./keys.ts";
import {
  countByStatus,
  jobsBeginningWith,
  jobsInStatus,
  jobsWithParent,
  listJobs,
  readJob,
} from "./listing.ts";
import { fitted, parseJob } from "./record.ts";
import { removeSome } from "./removal.ts";
import { Serial } from "./serial.ts";

export interface KvJobStoreOptions {
  /** An open Kv of the present schema; the store closes it. */
  kv: Deno.Kv;
  clock: Clock;
  /** Called once, after the Kv is closed. */
  onClosed?: () => void;
  /** Called when something in the file turned out to be damaged. */
  onDamaged?: (error: unknown) => void;
}

/** A key that does not matter in this read: nothing is ever kept there. */
const NO_KEY: Deno.KvKey = ["none"];

export class KvJobStore implements JobStore {
  readonly #kv: Deno.Kv;
  readonly #clock: Clock;
  readonly #onClosed: () => void;
  readonly #onDamaged: (error: unknown) => void;
  readonly #writes = new Serial();
  readonly #feedWatch: FeedWatch;
  readonly #closing = new AbortController();

  constructor(options: KvJobStoreOptions) {
    this.#kv = options.kv;
    this.#feedWatch = new FeedWatch(options.kv);
    this.#clock = options.clock;
    this.#onClosed = options.onClosed ?? (() => {});
    this.#onDamaged = options.onDamaged ?? (() => {});
  }

  create(job: NewJob): Promise<{ job: Job; created: boolean }> {
    return this.#exclusively("create the job", async () => {
      for (;;) {
        const result = await this.#tryCreate(job);
        if (result !== null) return result;
      }
    });
  }

  /** `null`: somebody was faster. */
  async #tryCreate(job: NewJob): Promise<{ job: Job; created: boolean } | null> {
    const key = job.request_key;
    const [taken, number, head, keyed] = await this.#kv.getMany<[unknown, Deno.KvU64, Deno.KvU64, unknown]>([
      jobKey(job.id),
      LAST_NUMBER_KEY,
      FEED_HEAD_KEY,
      key === null ? NO_KEY : requestKey(key),
    ]);
    if (keyed.value !== null) {
      const earlier = await readJob(this.#kv, parsed(KeyedTurn, keyed.value).jobId);
      if (earlier !== null) return { job: earlier, created: false };
    }
    if (taken.value !== null) {
      throw new AgentAsyncError("conflict", `Cannot create job ${job.id}: the id is taken`);
    }
    const created = fitted({ ...job, number: countOf(number) + 1 });
    const commit = this.#kv.atomic().check(taken, number, head, keyed).set(
      LAST_NUMBER_KEY,
      count(created.number),
    );
    writeChange(commit, {
      before: null,
      steps: [created],
      feedHead: countOf(head),
      at: this.#clock.now(),
      request: key === null ? null : { key, turn: created.last_turn },
    });
    return (await commit.commit()).ok ? { job: created, created: true } : null;
  }

  get(id: JobId): Promise<Job | null> {
    return this.#telling("read the job", () => readJob(this.#kv, id));
  }

  update(
    id: JobId,
    change: (job: Job) => Job | readonly Job[],
    options: { requestKey?: string } = {},
  ): Promise<{ job: Job; changed: boolean }> {
    return this.#exclusively("change the job", async () => {
      for (;;) {
        const result = await this.#tryUpdate(id, change, options.requestKey ?? null);
        if (result !== null) return result;
      }
    });
  }

  /** `null`: somebody was faster. */
  async #tryUpdate(
    id: JobId,
    change: (job: Job) => Job | readonly Job[],
    key: string | null,
  ): Promise<{ job: Job; changed: boolean } | null> {
    const [record, head, keyed] = await this.#kv.getMany<[unknown, Deno.KvU64, unknown]>([
      jobKey(id),
      FEED_HEAD_KEY,
      key === null ? NO_KEY : requestKey(key),
    ]);
    if (record.value === null) throw new AgentAsyncError("not_found", `There is no job ${id}`);
    const before = parseJob(record.value, id);
    if (keyed.value !== null) return { job: before, changed: false };
    const wanted = [change(before)].flat();
    const [first, ...rest] = wanted.map((job) => job === before ? before : fitted(sameJob(before, job)));
    if (first === undefined || wanted.every((job) => job === before)) return { job: before, changed: false };
    const after = rest.at(-1) ?? first;
    const commit = this.#kv.atomic().check(record, head, keyed);
    writeChange(commit, {
      before,
      steps: [first, ...rest],
      feedHead: countOf(head),
      at: this.#clock.now(),
      request: key === null ? null : { key, turn: after.last_turn },
    });
    return (await commit.commit()).ok ? { job: after, changed: true } : null;
  }

  async keyed(key: string): Promise<KeyedTurn | null> {
    return await this.#telling("read a request key", async () => {
      const { value } = await this.#kv.get(requestKey(key));
      return value === null ? null : parsed(KeyedTurn, value);
    });
  }

  /** In its turn between the writes, so that jobs and total are of one moment. */
  list(filter: ListFilter): Promise<{ jobs: Job[]; total: number }> {
    return this.#exclusively("list the jobs", () => listJobs(this.#kv, filter));
  }

  beginningWith(beginning: string, limit: number): Promise<Job[]> {
    return this.#telling("look for a job", () => jobsBeginningWith(this.#kv, beginning, limit));
  }

  async *inStatus(status: JobStatus): AsyncGenerator<Job> {
    try {
      yield* jobsInStatus(this.#kv, status);
    } catch (error) {
      throw this.#failure(error, "list the jobs");
    }
  }

  childrenOf(parent: JobId): Promise<Job[]> {
    return this.#telling("list the jobs", () => jobsWithParent(this.#kv, parent));
  }

  counts(): Promise<Record<JobStatus, number>> {
    return this.#telling("count the jobs", () => countByStatus(this.#kv));
  }

  feed(
    cursor: number,
    options: { limit: number; finishedOnly?: boolean },
  ): Promise<{ entries: FeedEntry[]; cursor: number }> {
    return this.#telling("read the feed", () => readFeed(this.#kv, cursor, options));
  }

  feedHead(): Promise<number> {
    return this.#telling("read the feed", () => readFeedHead(this.#kv));
  }

  watchFeed(signal: AbortSignal): AsyncIterable<number> {
    return this.#feedWatch.heads(AbortSignal.any([signal, this.#closing.signal]));
  }

  async remove(ids: readonly JobId[]): Promise<JobId[]> {
    const removed: JobId[] = [];
    let left: readonly JobId[] = [...new Set(ids)];
    // One batch at a time: other writers come in between.
    while (left.length > 0) {
      const now = left;
      const batch = await this.#exclusively("remove jobs", () => removeSome(this.#kv, now));
      removed.push(...batch.removed);
      left = batch.left;
    }
    return removed;
  }

  /** Waits for the writes under way, then closes the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await this.#writes.idle();
    this.#kv.close();
    this.#onClosed();
  }

  #exclusively<Result>(doing: string, work: () => Promise<Result>): Promise<Result> {
    return this.#telling(doing, () => this.#writes.run(work));
  }

  async #telling<Result>(doing: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw this.#failure(error, doing);
    }
  }

  #failure(error: unknown, doing: string): unknown {
    if (isDamage(error)) this.#onDamaged(error);
    return storeFailure(error, doing);
  }
}

/** What the indexes are built on stays as it was created; a change that alters it is a bug. */
function sameJob(before: Job, after: Job): Job {
  for (const field of ["id", "number", "cwd", "parent", "request_key"] as const) {
    if (before[field] !== after[field]) throw new Error(`A change of job ${before.id} altered its ${field}`);
  }
  return after;
}
