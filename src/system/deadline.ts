/**
 * Room `system`: deadlines for work that may take too long.
 *
 * @module
 */

/**
 * Calls `onLate` once after `ms`, unless it is disposed of before. With `using`, the deadline ends with its scope.
 */
export class Deadline implements Disposable {
  #isOver = false;
  readonly #timer: ReturnType<typeof setTimeout>;

  constructor(ms: number, onLate: () => void) {
    this.#timer = setTimeout(() => {
      this.#isOver = true;
      onLate();
    }, ms);
  }

  /** Whether the deadline has passed. */
  get isOver(): boolean {
    return this.#isOver;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

/**
 * The result of `work`, or `null` after `ms` or as soon as `signal` is aborted. The work itself is not stopped then,
 * and its result is ignored.
 *
 * @throws what `work` rejects with before the deadline
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
