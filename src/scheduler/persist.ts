/**
 * Room `scheduler`: retries work that must be done. It is for failures that pass, such as a full disk or a lack of
 * file descriptors.
 *
 * @module
 */
import type { Log } from "../system/log.ts";
import { pause } from "../system/pause.ts";

/** Ms between two attempts. */
export const PERSIST_MS = 1_000;

export interface PersistOptions {
  /** The work in a few words; the log says `cannot <what> yet`. */
  what: string;
  signal: AbortSignal;
  log: Log;
  /** Fields of the log entry of a failure. */
  fields?: Record<string, unknown>;
}

/** Resolves when an attempt has succeeded, or when the signal fires. Never rejects. `nth` counts from 1. */
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
