/**
 * Room `scheduler`: the one beat at which running turns look for new output: every 100 ms, every 20 ms for a turn
 * that somebody waits for, and at once when it is woken. One timer for all turns, none while nothing runs.
 *
 * @module
 */

/** Ms between two looks at a turn that nobody waits for: 0.4 % of a core for 50 silent jobs. */
export const CALM_MS = 100;
/** Ms between two looks at a turn that somebody waits for. */
export const EAGER_MS = 20;

interface Sleeper {
  wake: () => void;
  eager: () => boolean;
  since: number;
}

export class Pulse {
  #sleepers = new Set<Sleeper>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** Steady ms of the next beat, while there is a timer. */
  #dueAt = 0;

  /** Resolves at the next beat, or when `signal` fires. */
  next(options: { eager: () => boolean; signal: AbortSignal }): Promise<void> {
    if (options.signal.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => {
      this.#sleepers.delete(sleeper);
      options.signal.removeEventListener("abort", wake);
      resolve();
    };
    const sleeper: Sleeper = { wake, eager: options.eager, since: performance.now() };
    this.#sleepers.add(sleeper);
    options.signal.addEventListener("abort", wake, { once: true });
    this.#schedule();
    return promise;
  }

  /** Somebody has become eager: the next beat comes sooner if that is sooner, and is never put off. */
  hurry(): void {
    if (this.#timer === null || performance.now() + EAGER_MS >= this.#dueAt || !this.#isEager()) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#schedule();
  }

  #isEager(): boolean {
    return [...this.#sleepers].some((sleeper) => sleeper.eager());
  }

  #schedule(): void {
    if (this.#timer !== null || this.#sleepers.size === 0) return;
    const ms = this.#isEager() ? EAGER_MS : CALM_MS;
    this.#dueAt = performance.now() + ms;
    this.#timer = setTimeout(() => this.#beat(), ms);
  }

  #beat(): void {
    this.#timer = null;
    // Half an eager beat of tolerance, so that calm sleepers stay in step with one another.
    const calmBefore = performance.now() - CALM_MS + EAGER_MS / 2;
    for (const sleeper of [...this.#sleepers]) {
      if (sleeper.eager() || sleeper.since <= calmBefore) sleeper.wake();
    }
    this.#schedule();
  }
}
