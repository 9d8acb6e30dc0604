/**
 * Room `store`: what this process has written last, in memory, so that the daemon does not ask the database for what
 * it has just put there: around one job's life 26 reads found nothing else. Rule of this file: only what a commit has
 * confirmed is kept, and whatever goes wrong with one empties it.
 *
 * @module
 */
import type { FeedEntry } from "../domain/feed.ts";
import type { JobId } from "../domain/job/ids.ts";
import type { Job } from "../domain/job/job.ts";
import type { FeedNews } from "./records/commit.ts";
import type { FeedPage } from "./feed.ts";

/** Jobs and feed entries kept; a kilobyte or two each. */
const MAX_JOBS = 256;
const MAX_NEWS = 512;

/** A value and the commit that wrote it. */
export interface Known<Value> {
  readonly value: Value;
  /** `null`: there was nothing. */
  readonly versionstamp: string | null;
}

export interface Committed {
  job: Job;
  /** Of the commit. */
  versionstamp: string;
  /** The feed's head after it. */
  head: Known<number>;
  news: readonly FeedNews[];
  /** Of a new job. */
  lastNumber?: Known<number>;
}

export class Recent {
  /** In the order of their writing. */
  readonly #jobs = new Map<JobId, Known<Job>>();
  #news: FeedNews[] = [];
  /** The cursor after which every entry is in memory. */
  #since = 0;
  #head: Known<number> | null = null;
  #lastNumber: Known<number> | null = null;
  #isWriting = false;

  /** Whether something is being written, so that the database may know more than is known here. */
  get isWriting(): boolean {
    return this.#isWriting;
  }

  job(id: JobId): Known<Job> | null {
    return this.#jobs.get(id) ?? null;
  }

  /** `null`: not known. */
  get head(): Known<number> | null {
    return this.#head;
  }

  /** The number of the newest job; `null`: not known. */
  get lastNumber(): Known<number> | null {
    return this.#lastNumber;
  }

  /** As `readFeed` would give it; `null` when some of it is not in memory. */
  page(cursor: number, options: { limit: number; finishedOnly?: boolean }): FeedPage | null {
    if (this.#head === null || cursor < this.#since || cursor > this.#head.value) return null;
    const entries: FeedEntry[] = [];
    for (const { entry, isEnd } of this.#news) {
      if (entries.length === options.limit) break;
      if (entry.cursor > cursor && (isEnd || options.finishedOnly !== true)) entries.push(entry);
    }
    const isFull = entries.length === options.limit;
    return { entries, cursor: isFull ? entries.at(-1)?.cursor ?? cursor : this.#head.value };
  }

  /** While it is being written nobody knows a job: a commit may be heard of before it returns. */
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
