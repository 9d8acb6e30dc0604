/**
 * Room `system`: a timer as a promise, such as between two polls.
 *
 * @module
 */

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
