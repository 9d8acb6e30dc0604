/**
 * Room `mcp`: reading the feed for as long as somebody wants to hear. It goes on from a cursor, so that nothing is
 * lost over a daemon that comes or goes; a page is passed over only when it has been taken.
 *
 * @module
 */
import { isAgentAsyncError } from "../../domain/errors.ts";
import type { JobService } from "../../service/job_service.ts";
import { type FeedPage, MAX_WAIT_SECONDS } from "../../service/read_requests.ts";
import type { Log } from "../../system/log.ts";
import { pause } from "../../system/pause.ts";

const PAGE_ENTRIES = 100;
/** Ms after a reading that failed, doubled each time up to the longest. */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
/** Ms between a reading without news and the next one, so that a daemon that answers at once is not flooded. */
const EMPTY_MS = 500;
/** Ms before a reading that is asked for: the answer that the host waits for comes first, and many starts share one. */
const BEGIN_MS = 50;

export interface FeedLoopOptions {
  service: Pick<JobService, "feed">;
  finishedOnly: boolean;
  /** With `finishedOnly`: questions too. */
  withQuestions?: boolean;
  /** Asked before each reading. */
  isWanted: () => boolean;
  /** Asked before each reading: whether it should answer at once. */
  isHasty?: () => boolean;
  /** Takes a page; when it rejects, the same page comes again. */
  take: (page: FeedPage) => Promise<void>;
  /** Aborted when nobody is left to be told. */
  signal: AbortSignal;
  log: Log;
}

export class FeedLoop {
  readonly #options: FeedLoopOptions;
  #cursor: number | undefined;
  /** The cursor to go back to after the present reading. */
  #rewind: number | undefined;
  #isReading = false;
  /** Whether a page is being waited for, so that what comes from now on is in it. */
  #isWaiting = false;
  #beginning: Promise<void> | null = null;
  #interrupt = new AbortController();

  constructor(options: FeedLoopOptions) {
    this.#options = options;
  }

  /** The cursor up to which every page has been taken. */
  get cursor(): number | undefined {
    return this.#cursor;
  }

  /** Whether `page` was the last there is to read, also for those who have come while it was read. */
  isLast(page: FeedPage): boolean {
    return page.notifications.length < PAGE_ENTRIES && this.#rewind === undefined;
  }

  /**
   * Reads in a moment, or goes back to `cursor` when that is behind: what lies after it is taken, some of it a second
   * time.
   */
  readFrom(cursor: number): void {
    this.#rewind = Math.min(this.#rewind ?? cursor, cursor);
    this.#beginning ??= pause(BEGIN_MS, this.#options.signal).then(() => this.#begin());
  }

  #begin(): void {
    this.#beginning = null;
    if (!this.#isReading) return void this.#read();
    // The page that is being waited for holds all that comes after its cursor.
    const isCovered = this.#isWaiting && (this.#rewind ?? Infinity) >= (this.#cursor ?? Infinity);
    if (isCovered && this.#options.isHasty?.() !== true) this.#rewind = undefined;
    else this.#interrupt.abort();
  }

  async #read(): Promise<void> {
    const { isWanted, signal: over, log } = this.#options;
    this.#isReading = true;
    for (let failures = 0; isWanted() && !over.aborted;) {
      this.#interrupt = new AbortController();
      const signal = AbortSignal.any([over, this.#interrupt.signal]);
      try {
        const hasNews = await this.#readPage(signal);
        failures = 0;
        if (!hasNews) await pause(EMPTY_MS, signal);
      } catch (error) {
        if (signal.aborted && isAgentAsyncError(error, "cancelled")) continue;
        log.warn("The feed could not be read", { error: String(error) });
        await pause(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures++), over);
      }
    }
    this.#isReading = false;
  }

  async #readPage(signal: AbortSignal): Promise<boolean> {
    const { service, finishedOnly, withQuestions = false, isHasty, take } = this.#options;
    const rewind = this.#rewind;
    const cursor = Math.min(this.#cursor ?? Infinity, rewind ?? Infinity);
    this.#rewind = undefined;
    this.#cursor = Number.isFinite(cursor) ? cursor : 0;
    this.#isWaiting = true;
    const page = await service.feed({
      cursor: this.#cursor,
      limit: PAGE_ENTRIES,
      wait_seconds: isHasty?.() === true ? 0 : MAX_WAIT_SECONDS,
      finished_only: finishedOnly,
      with_questions: withQuestions,
    }, { signal }).finally(() => this.#isWaiting = false);
    await take(page);
    this.#cursor = page.cursor;
    return page.notifications.length > 0;
  }
}
