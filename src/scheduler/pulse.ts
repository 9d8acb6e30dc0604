/**
 * Room `scheduler`: the one beat at which running turns are looked at for new output: every 100 ms, every 20 ms for a
 * turn that somebody waits for, and every 200 ms for one that nobody waits for and that has long been silent. One timer
 * for all turns, none while nothing runs. A turn without news sleeps on, so that 50 silent jobs cost 50 looks at a
 * file's length and nothing else.
 *
 * @module
 */

/** Ms between two looks for news of a turn that nobody waits for, and of one that has long been silent. */
export const CALM_MS = 100;
export const SILENT_MS = 200;
/** Ms between two looks for news of a turn that somebody waits for. */
export const EAGER_MS = 20;
/** Ms of sleep at most: limits of time are kept as exactly. */
export const LONGEST_MS = 1_000;

export interface SleeperOptions {
  /** Somebody waits for it. */
  eager: () => boolean;
  /** It has had no news for long. */
  silent: boolean;
  /** Asked at every look; must cost microseconds. */
  hasNews: () => boolean;
}

export interface Sleep {
  /** Resolves when there is news, at the latest after {@link LONGEST_MS}. */
  over: Promise<void>;
  /** Ends it at once. */
  wake: () => void;
}

interface Sleeper extends SleeperOptions {
  wake: () => void;
  /** Steady ms. */
  since: number;
  lookedAt: number;
}

export class Pulse {
  #sleepers = new Set<Sleeper>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** Steady ms of the next beat, while there is a timer. */
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
    this.#schedule();
    return { over: promise, wake };
  }

  /** Somebody has become eager: the next beat comes sooner if that is sooner, and is never put off. */
  hurry(): void {
    if (this.#timer === null || performance.now() + EAGER_MS >= this.#dueAt || !this.#isEager()) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#schedule();
  }

  #isEager(): boolean {
    return this.#sleepers.values().some((sleeper) => sleeper.eager());
  }

  #schedule(): void {
    if (this.#timer !== null || this.#sleepers.size === 0) return;
    const ms = this.#isEager() ? EAGER_MS : CALM_MS;
    this.#dueAt = performance.now() + ms;
    this.#timer = setTimeout(() => this.#beat(), ms);
  }

  #beat(): void {
    this.#timer = null;
    const now = performance.now();
    // Half an eager beat of tolerance, so that calm sleepers stay in step with one another.
    const calmBefore = now - CALM_MS + EAGER_MS / 2;
    const silentBefore = now - SILENT_MS + EAGER_MS / 2;
    for (const sleeper of [...this.#sleepers]) {
      const isEarly = sleeper.lookedAt > (sleeper.silent ? silentBefore : calmBefore);
      if (isEarly && !sleeper.eager()) continue;
      sleeper.lookedAt = now;
      if (now - sleeper.since >= LONGEST_MS || sleeper.hasNews()) sleeper.wake();
    }
    this.#schedule();
  }
}
