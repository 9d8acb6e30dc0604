/**
 * Room `store`: `JobStore` on Deno.Kv. One process writes, one write at a time. Each write is checked by versionstamp
 * all the same: a second writer could slow this one down or make its reads stale, but could not corrupt a write.
 *
 * @module
 */
import type { FeedEntry } from "../domain/feed.ts";
import type { JobId } from "../domain/job/ids.ts";
import type { Job } from "../domain/job/job.ts";
import type { JobStatus } from "../domain/job/reason.ts";
import type { Clock } from "../system/clock.ts";
import { parsed } from "./records/codec.ts";
import { isDamage, isReadOnly, storeFailure } from "./database/failure.ts";
import { readFeed, readFeedHead } from "./feed.ts";
import { FeedWatch } from "./feed_watch.ts";
import { type FeedOptions, type JobStore, KeyedTurn, type ListFilter, type NewJob } from "./job_store.ts";
import type { JobWrite, Written } from "./draft.ts";
import { GroupedWrites } from "./grouped_writes.ts";
import { JobWriter } from "./job_writer.ts";
import { requestKey } from "./records/keys.ts";
import type { Ledger } from "./mending/ledger.ts";
import { jobsBeginningWith, jobsInStatus, jobsWithParent, listJobs, readJob } from "./listing.ts";
import { Recent } from "./recent.ts";
import { removeSome } from "./removal.ts";
import { Replacement } from "./database/replacement.ts";
import { Serial } from "./records/serial.ts";
import { settle } from "./mending/unsettled_commit.ts";

export interface KvJobStoreOptions {
  /** An open Kv of the current schema version. The store owns it and closes it. */
  kv: Deno.Kv;
  clock: Clock;
  /** Called once, after the Kv is closed, unless the database was replaced. */
  onClosed?: () => void;
  /** Called with the error whenever a value or the file turns out to be damaged. */
  onDamaged?: (error: unknown) => void;
  /** Called when a write was refused because the database was opened read-only. */
  onReadOnly?: () => void;
  /** Records every committed change. Not needed for a store that is never opened again. */
  ledger?: Ledger;
  /** Notices when another database is put in the place of this one. Without it nothing is noticed. */
  replacement?: Replacement;
}

export class KvJobStore implements JobStore {
  readonly #kv: Deno.Kv;
  readonly #onClosed: () => void;
  readonly #onDamaged: (error: unknown) => void;
  readonly #onReadOnly: () => void;
  readonly #writes = new Serial();
  readonly #recent = new Recent();
  readonly #grouped: GroupedWrites;
  readonly #feedWatch: FeedWatch;
  readonly #replacement: Replacement;
  readonly #ledger: Ledger | null;
  readonly #closing = new AbortController();

  constructor(options: KvJobStoreOptions) {
    this.#kv = options.kv;
    this.#feedWatch = new FeedWatch(options.kv);
    const { kv, clock, ledger = null } = options;
    this.#ledger = ledger;
    this.#grouped = new GroupedWrites({
      writer: new JobWriter({ kv, clock, recent: this.#recent, ledger }),
      serial: this.#writes,
      before: () => this.#replacement.refuseWrite(),
      after: () => {
        const { head } = this.#recent;
        if (head !== null) this.#replacement.saw(head.value);
      },
    });
    this.#onClosed = options.onClosed ?? (() => {});
    this.#onDamaged = options.onDamaged ?? (() => {});
    this.#onReadOnly = options.onReadOnly ?? (() => {});
    this.#replacement = options.replacement ??
      new Replacement({ isElsewhere: () => false, onReplaced: () => {} });
  }

  async create(
    job: NewJob,
    begin: ((job: Job) => Job) | null = null,
  ): Promise<{ job: Job; created: boolean }> {
    const { job: there, isNew } = await this.#written("create the job", { kind: "create", job, begin });
    return { job: there, created: isNew };
  }

  get(id: JobId): Promise<Job | null> {
    const known = this.#recent.job(id);
    if (known !== null) return Promise.resolve(known.value);
    return this.#telling("read the job", () => readJob(this.#kv, id));
  }

  async update(
    id: JobId,
    change: (job: Job) => Job | readonly Job[],
    options: { requestKey?: string } = {},
  ): Promise<{ job: Job; changed: boolean }> {
    const asked = { kind: "update", id, change, key: options.requestKey ?? null } as const;
    const { job, isNew } = await this.#written("change the job", asked);
    return { job, changed: isNew };
  }

  async keyed(key: string): Promise<KeyedTurn | null> {
    return await this.#telling("read a request key", async () => {
      const { value } = await this.#kv.get(requestKey(key));
      return value === null ? null : parsed(KeyedTurn, value);
    });
  }

  /** Queued with the writes, so that the jobs and the total belong to the same moment. */
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

  feed(
    cursor: number,
    options: FeedOptions,
  ): Promise<{ entries: FeedEntry[]; cursor: number }> {
    const page = this.#isUpToDate() ? this.#recent.page(cursor, options) : null;
    if (page !== null) return Promise.resolve(page);
    return this.#telling("read the feed", () => readFeed(this.#kv, cursor, options));
  }

  feedHead(): Promise<number> {
    const { head } = this.#recent;
    if (head !== null && this.#isUpToDate()) return Promise.resolve(head.value);
    return this.#telling("read the feed", () => readFeedHead(this.#kv));
  }

  /**
   * Whether memory is as new as anything a reader can have seen. A commit can be read, or reported by the feed's watch,
   * before the call that made it returns.
   */
  #isUpToDate(): boolean {
    return !this.#recent.isWriting && (this.#recent.head?.value ?? 0) >= this.#feedWatch.head;
  }

  async isReplaced(): Promise<boolean> {
    this.#replacement.look();
    await this.#exclusively("read the feed", async () => this.#replacement.saw(await readFeedHead(this.#kv)));
    return this.#replacement.hasHappened;
  }

  watchFeed(signal: AbortSignal): AsyncIterable<number> {
    return this.#feedWatch.heads(AbortSignal.any([signal, this.#closing.signal]));
  }

  async remove(ids: readonly JobId[]): Promise<JobId[]> {
    const removed: JobId[] = [];
    let left: readonly JobId[] = [...new Set(ids)];
    // Each batch is queued on its own, so that other writes can run between two of them.
    while (left.length > 0) {
      const now = left;
      // Memory is emptied even when the commit fails: it may hold jobs that are removed.
      const batch = await this.#exclusively("remove jobs", async () => {
        try {
          const some = await removeSome(this.#kv, now);
          this.#ledger?.removed(some.removed);
          return some;
        } finally {
          this.#recent.clear();
        }
      });
      removed.push(...batch.removed);
      left = batch.left;
    }
    return removed;
  }

  async settle(): Promise<void> {
    await this.#exclusively("write to the store", () => settle(this.#kv));
  }

  /** Waits for the pending writes, then closes the database and the ledger. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await this.#writes.idle();
    this.#kv.close();
    this.#ledger?.close();
    // The mark of a clean shutdown would otherwise be put on the database that replaced this one.
    if (!this.#replacement.hasHappened) this.#onClosed();
  }

  #written(doing: string, asked: JobWrite): Promise<Written> {
    return this.#telling(doing, () => this.#grouped.write(asked));
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
    if (isReadOnly(error)) this.#onReadOnly();
    return storeFailure(error, doing);
  }
}
