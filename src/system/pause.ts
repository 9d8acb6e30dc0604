/**
 * Room `system`: a moment between two looks.
 *
 * @module
 */

/** Resolves after `ms`, or at once when the signal fires. Below 0 is 0: others get their turn. */
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
