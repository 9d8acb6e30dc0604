/**
 * Room `scheduler`: which jobs a caller waits for at the moment. The output of their turns is polled more often.
 *
 * @module
 */
import type { JobId } from "../domain/job/ids.ts";

export class Attention {
  /** Number of waiting callers by job; a job without any has no entry. */
  readonly #waiters = new Map<JobId, number>();

  /** @param onFirst called when a job that nobody waited for is waited for, and counts as such */
  constructor(private readonly onFirst: () => void) {}

  has(id: JobId): boolean {
    return this.#waiters.has(id);
  }

  /** Counts one more waiting caller. The caller must call the returned function exactly once when its wait is over. */
  add(id: JobId): () => void {
    const before = this.#waiters.get(id) ?? 0;
    this.#waiters.set(id, before + 1);
    if (before === 0) this.onFirst();
    return () => {
      const left = (this.#waiters.get(id) ?? 1) - 1;
      if (left > 0) this.#waiters.set(id, left);
      else this.#waiters.delete(id);
    };
  }
}
