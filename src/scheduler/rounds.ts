/**
 * Room `scheduler`: rounds of scheduling, one after the other, and the timer that begins the next one.
 *
 * @module
 */
import type { Log } from "../system/log.ts";
import { PERSIST_MS } from "./persist.ts";

/** Longest sleep of the timer, in ms: a wall clock that jumps is noticed within it. */
const LONGEST_TIMER_MS = 60_000;

export interface RoundsOptions {
  log: Log;
  /** Aborted when the daemon leaves: a round that then fails is no fault. */
  signal: AbortSignal;
}

export class Rounds {
  readonly #round: () => Promise<void>;
  readonly #options: RoundsOptions;
  /** Settles with the last round that was asked for. */
  #last: Promise<void> = Promise.resolve();
  /** The round that was asked for and has not begun. */
  #queued: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(round: () => Promise<void>, options: RoundsOptions) {
    this.#round = round;
    this.#options = options;
  }

  /** Resolves when the next round has ended, also when it failed: then it is tried again. Calls before it begins share it. */
  next(): Promise<void> {
    return this.#queued ??= this.#last = this.#last.then(async () => {
      this.#queued = null;
      await this.#round();
    }).catch((error) => {
      const { signal, log } = this.#options;
      if (signal.aborted) return;
      log.error("scheduling failed; trying again", { error: String(error) });
      this.wakeIn(PERSIST_MS);
    });
  }

  /** Begins a round in `ms`, at the latest in a minute; `null`: only when somebody asks. Takes the place of an earlier time. */
  wakeIn(ms: number | null): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = ms === null
      ? null
      : setTimeout(() => void this.next(), Math.min(LONGEST_TIMER_MS, Math.max(0, ms)));
  }

  /** Resolves when no round is under way and none will begin by itself. */
  async close(): Promise<void> {
    await this.#last;
    // The round that was under way may have set it.
    this.wakeIn(null);
  }
}
