/**
 * Room `scheduler`: what must be done, however often it fails. What keeps it from that (a full disk, no file
 * descriptors) passes.
 *
 * @module
 */
import type { Log } from "../system/log.ts";
import { pause } from "../system/pause.ts";

/** Ms between two tries. */
export const PERSIST_MS = 1_000;

export interface PersistOptions {
  /** Completes "cannot ...". */
  what: string;
  signal: AbortSignal;
  log: Log;
  /** What to log with a failure. */
  fields?: Record<string, unknown>;
}

/** Resolves when an attempt has succeeded, or when the signal fires. Never rejects. */
export async function persist(
  attempt: (nth: number) => Promise<void>,
  { what, signal, log, fields = {} }: PersistOptions,
): Promise<void> {
  for (let nth = 1; !signal.aborted; nth++) {
    try {
      return await attempt(nth);
    } catch (error) {
      if (signal.aborted) return;
      log.error(`cannot ${what} yet; trying again`, { ...fields, error: String(error) });
      await pause(PERSIST_MS, signal);
    }
  }
}
