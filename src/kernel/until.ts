/**
 * Room `kernel`: polling, for what other processes do without telling this one.
 *
 * @module
 */
import { pause } from "../system/pause.ts";

/** Ms between polls. */
const LOOK_MS = 10;

/** Polls `isSo` every `lookMs` until it returns true or `ms` have passed. Does not tell which of the two it was. */
export async function until(isSo: () => boolean, ms: number, lookMs: number = LOOK_MS): Promise<void> {
  const deadline = performance.now() + ms;
  while (!isSo() && performance.now() < deadline) {
    await pause(lookMs);
  }
}
