/**
 * Room `daemon`: when a daemon has nothing to stay for. Looks are enough here: nobody waits for it.
 *
 * @module
 */
import type { Clock } from "../../system/clock.ts";

export interface IdleOptions {
  /** Seconds without jobs (pending or running) and clients (any open connection) after which it is time. */
  idleSeconds: number;
  clock: Clock;
  isBusy: () => boolean;
  signal: AbortSignal;
}

const MAX_LOOK_MS = 15_000;
const MIN_LOOK_MS = 20;

/** Resolves when it has been idle for so long, or when the signal is aborted. `everyLook` runs at each look. */
export function idle(options: IdleOptions, everyLook: () => void = () => {}): Promise<void> {
  const { clock, signal } = options;
  const idleMs = options.idleSeconds * 1000;
  const lookMs = Math.min(MAX_LOOK_MS, Math.max(MIN_LOOK_MS, idleMs / 4));
  let busyAt = clock.steady();
  return new Promise((resolve) => {
    const finish = () => {
      clearInterval(looks);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const looks = setInterval(() => {
      everyLook();
      if (options.isBusy()) busyAt = clock.steady();
      else if (clock.steady() - busyAt >= idleMs) finish();
    }, lookMs);
    signal.addEventListener("abort", finish, { once: true });
    if (signal.aborted) finish();
  });
}
