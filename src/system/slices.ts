/**
 * Room `system`: long work in slices, between which others get their turn.
 *
 * @module
 */
import { pause } from "./pause.ts";

/** Ms of work at a time: a call that comes meanwhile waits no longer than that. */
const SLICE_MS = 5;

export class Slices {
  #end: number = performance.now() + SLICE_MS;

  /** Resolves at once, or after the others when the slice is over. */
  async pause(): Promise<void> {
    if (performance.now() < this.#end) return;
    await pause(0);
    this.#end = performance.now() + SLICE_MS;
  }
}
