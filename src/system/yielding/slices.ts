/**
 * Room `system`: splits long synchronous work into slices, and yields to other tasks between them.
 *
 * @module
 */
import { yieldToOthers } from "./yield_to_others.ts";

/** Length of a slice in ms: no call is delayed for longer than about that. */
const SLICE_MS = 5;

export class Slices {
  #end: number = performance.now() + SLICE_MS;

  /**
   * Must be awaited between steps of the work. Yields to other tasks when the slice is over, otherwise resolves at
   * once.
   */
  async pause(): Promise<void> {
    if (performance.now() < this.#end) return;
    await yieldToOthers();
    this.#end = performance.now() + SLICE_MS;
  }
}
