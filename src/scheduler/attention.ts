/**
 * Room `scheduler`: which jobs somebody waits for: their turns are looked at more often.
 *
 * @module
 */
import type { JobId } from "../domain/job/ids.ts";

export class Attention {
  /** How many wait for a job; never 0. */
  readonly #waiters = new Map<JobId, number>();

  has(id: JobId): boolean {
    return this.#waiters.has(id);
  }

  /** Counts somebody who waits for a job until the returned function is called. */
  add(id: JobId): () => void {
    this.#waiters.set(id, (this.#waiters.get(id) ?? 0) + 1);
    return () => {
      const left = (this.#waiters.get(id) ?? 1) - 1;
      if (left > 0) this.#waiters.set(id, left);
      else this.#waiters.delete(id);
    };
  }
}
