/**
 * Room `store`: the latest writes of this process, kept in memory, so that the daemon need not read back from the
 * database what it has just written (26 reads in the life of one job). Rule of this file: only confirmed commits are
 * kept, and any failed commit empties it.
 *
 * @module
 */
import type { FeedEntry } from "../domain/feed.ts";
import type { JobId } from "../domain/job/ids.ts";
import type { Job } from "../domain/job/job.ts";
import type { FeedNews } from "./records/commit.ts";
import type { FeedPage } from "./feed.ts";
import type { FeedOptions } from "./job_store.ts";

/** Most jobs and feed entries kept in memory; each takes one or two kilobytes. */
const MAX_JOBS = 256;
const MAX_NEWS = 512;

/** A value and the versionstamp of the commit that wrote it. */
export interface Known<Value> {
  readonly value: Value;
  /** `null`: the entry does not exist. */
  readonly versionstamp: string | null;
}

export interface Committed {
  job: Job;
  /** The versionstamp of the commit. */
  versionstamp: string;
  /** The feed's newest cursor after the commit. */
  head: Known<number>;
  news: readonly FeedNews[];
  /** The job's number; only for a new job. */
  lastNumber?: Known<number>;
}

export class Recent {
  /** Ordered by their last write, oldest first. */
  readonly #jobs = new Map<JobId, Known<Job>>();
  #news: FeedNews[] = [];
  /** Every feed entry after this cursor is in memory. */
  #since = 0;
  #head: Known<number> | null = null;
  #lastNumber: Known<number> | null = null;
  #isWriting = false;

  /** Whether a commit is under way, so that the database may be ahead of memory. */
  get isWriting(): boolean {
    return this.#isWriting;
  }

  job(id: JobId): Known<Job> | null {
    return this.#jobs.get(id) ?? null;
  }

  /** The feed's newest cursor; `null` when it is not known. */
  get head(): Known<number> | null {
    return this.#head;
  }

  /** The number of the newest job; `null` when it is not known. */
  get lastNumber(): Known<number> | null {
    return this.#lastNumber;
  }

  /** The same page that `readFeed` would read; `null` when a part of it is not in memory. */
  page(cursor: number, options: FeedOptions): FeedPage | null {
    if (this.#head === null || cursor < this.#since || cursor > this.#head.value) return null;
    const entries: FeedEntry[] = [];
    for (const { entry, isEnd } of this.#news) {
      if (entries.length === options.limit) break;
      const isQuestion = options.withQuestions === true && entry.asked !== undefined;
      if (entry.cursor > cursor && (isEnd || isQuestion || options.finishedOnly !== true)) {
        entries.push(entry);
      }
    }
    const isFull = entries.length === options.limit;
    return { entries, cursor: isFull ? entries.at(-1)?.cursor ?? cursor : this.#head.value };
  }

  /**
   * Must be called before a commit. Forgets the job until the commit returns, since others may see the new record
   * before.
   */
  writing(id: JobId): void {
    this.#isWriting = true;
    this.#jobs.delete(id);
  }

  committed({ job, versionstamp, head, news, lastNumber }: Committed): void {
    this.#isWriting = false;
    this.#jobs.delete(job.id);
    this.#jobs.set(job.id, { value: job, versionstamp });
    for (const oldest of this.#jobs.keys()) {
      if (this.#jobs.size <= MAX_JOBS) break;
      this.#jobs.delete(oldest);
    }
    if (lastNumber !== undefined) this.#lastNumber = lastNumber;
    if (this.#head === null) this.#since = head.value - news.length;
    this.#head = head;
    this.#news.push(...news);
    const surplus = this.#news.splice(0, Math.max(0, this.#news.length - MAX_NEWS));
    this.#since = surplus.at(-1)?.entry.cursor ?? this.#since;
  }

  clear(): void {
    this.#isWriting = false;
    this.#jobs.clear();
    this.#news = [];
    this.#head = this.#lastNumber = null;
  }
}
