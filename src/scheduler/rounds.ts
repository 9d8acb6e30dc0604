/**
 * Room `scheduler`: runs scheduling rounds one after the other, on request and by a timer.
 *
 * @module
 */
import type { Log } from "../system/log.ts";
import { PERSIST_MS } from "./persist.ts";

/** Longest delay of the timer in ms, so that a wall clock that was set is noticed within it. */
const LONGEST_TIMER_MS = 60_000;

export interface RoundsOptions {
  log: Log;
  /** Aborted when the daemon leaves. The failure of a round after that is not logged. */
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

  /** Resolves when the next round has ended. Calls before it begins share it. A failure is retried, not thrown. */
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

  /** Sets the timer to begin a round in `ms`, a minute at most; `null` clears it. Replaces an earlier time. */
  wakeIn(ms: number | null): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = ms === null
      ? null
      : setTimeout(() => void this.next(), Math.min(LONGEST_TIMER_MS, Math.max(0, ms)));
  }

  /** Resolves when no round is under way and none will begin by itself. */
  async close(): Promise<void> {
    await this.#last;
    // The last round may have set the timer again.
    this.wakeIn(null);
  }
}
