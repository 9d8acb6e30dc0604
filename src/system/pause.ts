/**
 * Room `system`: a timer as a promise, such as between two polls.
 *
 * @module
 */

/**
 * Resolves when what is due already has been done, such as answers to callers. Much sooner than `pause(0)`, and not for
 * long work in slices: sockets are hardly looked at meanwhile, see `yielding/yield_to_others.ts`.
 */
export function immediate(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Resolves after `ms`, or as soon as the signal is aborted; never rejects. 0 or less yields to other tasks.
 */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal?.aborted === true) return Promise.resolve();
  const done = () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", done);
    resolve();
  };
  const timer = setTimeout(done, Math.max(0, ms));
  signal?.addEventListener("abort", done, { once: true });
  return promise;
}
