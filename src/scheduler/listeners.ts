/**
 * Room `scheduler`: those who wait for something to happen to a job, or to any job.
 *
 * @module
 */

/** Stands for any job. */
export const ANY_JOB = "*";

export interface ListenOptions {
  /** Ms after which waiting ends in any case. */
  ms: number;
  signal?: AbortSignal | undefined;
}

export class Listeners {
  #waiting = new Map<string, Set<() => void>>();
  #closed = false;

  /** Resolves when one of `ids` is notified, time is up, or the signal fires. Registered before it returns. */
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

  /** Lets everybody go, now and from now on. */
  close(): void {
    this.#closed = true;
    for (const set of [...this.#waiting.values()]) for (const listener of [...set]) listener();
  }
}
