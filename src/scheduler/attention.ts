/**
 * Room `scheduler`: which jobs a caller waits for at the moment. The output of their turns is polled more often.
 *
 * @module
 */
import type { JobId } from "../domain/job/ids.ts";

export class Attention {
  /** Number of waiting callers by job; a job without any has no entry. */
  readonly #waiters = new Map<JobId, number>();

  has(id: JobId): boolean {
    return this.#waiters.has(id);
  }

  /** Counts one more waiting caller. The caller must call the returned function exactly once when its wait is over. */
  add(id: JobId): () => void {
    this.#waiters.set(id, (this.#waiters.get(id) ?? 0) + 1);
    return () => {
      const left = (this.#waiters.get(id) ?? 1) - 1;
      if (left > 0) this.#waiters.set(id, left);
      else this.#waiters.delete(id);
    };
  }
}
