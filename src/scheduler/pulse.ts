/**
 * Room `scheduler`: polls the output of running turns with one shared timer. The interval is 100 ms, 10 ms while a
 * caller waits for the turn or its agent is talked with, and 200 ms when nobody waits and the turn has long been
 * silent. There is no timer while nothing runs. A turn without new output is not woken before its sleep is over, so
 * polling 50 silent jobs costs 50 checks of a file's length.
 *
 * @module
 */

/** Poll intervals in ms of turns that nobody waits for: one that prints, and one that has long been silent. */
export const CALM_MS = 100;
export const SILENT_MS = 200;
/** Poll interval in ms of a turn that a caller waits for, or whose agent is about to answer what it was told. */
export const EAGER_MS = 10;
/**
 * Longest sleep in ms, also of a turn that has long been silent. A turn checks its time limits when it wakes, so they
 * are kept to within these.
 */
export const LONGEST_MS = 1_000;
export const LONGEST_SILENT_MS = 2_000;

export interface SleeperOptions {
  /** Whether a caller waits for the turn. */
  eager: () => boolean;
  /** Whether the turn has printed nothing for long. */
  silent: boolean;
  /** Whether there is output to read. Asked at every poll, so it must cost microseconds. */
  hasNews: () => boolean;
}

export interface Sleep {
  /** Resolves when there is news, at the latest after {@link LONGEST_MS} or {@link LONGEST_SILENT_MS}. */
  over: Promise<void>;
  /** Ends the sleep at once. */
  wake: () => void;
}

interface Sleeper extends SleeperOptions {
  wake: () => void;
  /** Steady ms at which the sleep began. */
  since: number;
  lookedAt: number;
}

export class Pulse {
  #sleepers = new Set<Sleeper>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** Steady ms of the next poll, while there is a timer. */
  #dueAt = 0;

  sleep(options: SleeperOptions): Sleep {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => {
      this.#sleepers.delete(sleeper);
      resolve();
    };
    const now = performance.now();
    const sleeper: Sleeper = { ...options, wake, since: now, lookedAt: now };
    this.#sleepers.add(sleeper);
    this.#lookWithin(interval(sleeper));
    return { over: promise, wake };
  }

  /** To be called when a caller begins to wait: brings the next poll forward. It never delays it. */
  hurry(): void {
    if (this.#timer === null || performance.now() + EAGER_MS >= this.#dueAt) return;
    for (const sleeper of this.#sleepers) {
      if (sleeper.eager()) return this.#lookWithin(EAGER_MS);
    }
  }

  /** Polls after this many ms, unless the next poll comes sooner. */
  #lookWithin(ms: number): void {
    const now = performance.now();
    if (this.#timer !== null) {
      if (now + ms >= this.#dueAt) return;
      clearTimeout(this.#timer);
    }
    this.#dueAt = now + ms;
    this.#timer = setTimeout(() => this.#beat(), ms);
  }

  #beat(): void {
    this.#timer = null;
    const now = performance.now();
    let next = Number.POSITIVE_INFINITY;
    for (const sleeper of this.#sleepers) {
      const ms = interval(sleeper);
      // Half a short interval of tolerance keeps sleepers of one interval in step: they share a timer.
      if (now - sleeper.lookedAt >= ms - EAGER_MS / 2) {
        sleeper.lookedAt = now;
        const longest = sleeper.silent ? LONGEST_SILENT_MS : LONGEST_MS;
        if (now - sleeper.since >= longest || sleeper.hasNews()) {
          sleeper.wake();
          continue;
        }
      }
      next = Math.min(next, ms);
    }
    if (Number.isFinite(next)) this.#lookWithin(next);
  }
}

/** Ms between polls of a turn. */
function interval({ eager, silent }: SleeperOptions): number {
  if (eager()) return EAGER_MS;
  return silent ? SILENT_MS : CALM_MS;
}
