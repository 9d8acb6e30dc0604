/**
 * Room `scheduler`: callers that wait for the next notification about a job, or about any job.
 *
 * @module
 */

/** An id to listen to that stands for every job. */
export const ANY_JOB = "*";

export interface ListenOptions {
  /** Longest wait in ms. */
  ms: number;
  signal?: AbortSignal | undefined;
}

export class Listeners {
  #waiting = new Map<string, Set<() => void>>();
  #closed = false;

  /**
   * Resolves when one of `ids` is notified, after `options.ms`, when the signal fires, or on `close`. Never rejects.
   * The listener is registered before this returns, so no notification after the call is missed.
   */
  next(ids: readonly string[], options: ListenOptions): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#closed || options.signal?.aborted === true) return Promise.resolve();
    const timer = setTimeout(done, options.ms);
    const waiting = this.#waiting;
    function done() {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", done);
      for (const id of ids) {
        const set = waiting.get(id);
        set?.delete(done);
        if (set?.size === 0) waiting.delete(id);
      }
      resolve();
    }
    options.signal?.addEventListener("abort", done, { once: true });
    for (const id of ids) waiting.set(id, (waiting.get(id) ?? new Set()).add(done));
    return promise;
  }

  notify(id: string): void {
    for (const listener of [...this.#waiting.get(id) ?? [], ...this.#waiting.get(ANY_JOB) ?? []]) listener();
  }

  /** Ends every wait. Later calls of `next` resolve at once. */
  close(): void {
    this.#closed = true;
    for (const set of [...this.#waiting.values()]) for (const listener of [...set]) listener();
  }
}
