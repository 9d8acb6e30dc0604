/**
 * Room `system`: work that must be over after a while, and what happens when it is not.
 *
 * @module
 */

/** Calls back once, after a number of ms, unless it is disposed of before: `using` ends it with the work. */
export class Deadline implements Disposable {
  #isOver = false;
  readonly #timer: ReturnType<typeof setTimeout>;

  constructor(ms: number, onLate: () => void) {
    this.#timer = setTimeout(() => {
      this.#isOver = true;
      onLate();
    }, ms);
  }

  /** Whether it has called back. */
  get isOver(): boolean {
    return this.#isOver;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

/**
 * What `work` resolves with; `null` after `ms`, or as soon as `signal` is aborted. The work itself goes on then, and
 * nobody hears of its end; a rejection in time is passed on.
 */
export async function within<Value>(
  ms: number,
  work: Promise<Value>,
  signal?: AbortSignal,
): Promise<Value | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const giveUp = () => resolve(null);
  if (signal?.aborted === true) giveUp();
  signal?.addEventListener("abort", giveUp, { once: true });
  using _deadline = new Deadline(ms, giveUp);
  try {
    return await Promise.race([late, work]);
  } finally {
    signal?.removeEventListener("abort", giveUp);
  }
}
