/**
 * Room `kernel`: waiting for other processes, which tell nobody what they do.
 *
 * @module
 */
import { pause } from "../system/pause.ts";

/** Ms between looks. */
const LOOK_MS = 10;

/** Looks until it is so or `ms` have passed. */
export async function until(isSo: () => boolean, ms: number, lookMs: number = LOOK_MS): Promise<void> {
  const deadline = performance.now() + ms;
  while (!isSo() && performance.now() < deadline) {
    await pause(lookMs);
  }
}
