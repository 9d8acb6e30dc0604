/**
 * Room `places`: keeps tidying apart from everything that reads or writes the stores of snapshots. Tidying looks which
 * objects are needed and removes the others; what began to use one in between would miss it.
 *
 * @module
 */
import { pause } from "../system/pause.ts";

export class StoreGate {
  #users = 0;
  /** The tidying that goes on. */
  #tidying: { readonly ended: Promise<void>; readonly hurry: AbortController } | null = null;

  /** Does `work` while nothing is tidied. A tidying that goes on is broken off for it. */
  async use<Value>(work: () => Promise<Value>): Promise<Value> {
    while (this.#tidying !== null) {
      this.#tidying.hurry.abort();
      await this.#tidying.ended;
    }
    this.#users++;
    try {
      return await work();
    } finally {
      this.#users--;
    }
  }

  /**
   * Does `tidy` unless somebody uses the stores now.
   *
   * @param tidy gets a signal that aborts when somebody waits to use them
   * @returns whether it was done
   */
  async alone(tidy: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
    if (this.#users > 0 || this.#tidying !== null) return false;
    const hurry = new AbortController();
    const ended = Promise.withResolvers<void>();
    this.#tidying = { ended: ended.promise, hurry };
    try {
      // Who has just finished with the stores writes down at once what it found there: that comes first.
      await pause(0);
      await tidy(hurry.signal);
      return true;
    } finally {
      this.#tidying = null;
      ended.resolve();
    }
  }
}
