/**
 * Room `scheduler`: those who are told of each notification about a job, or about any job.
 *
 * @module
 */
import type { Bell } from "../system/bell.ts";

/** An id to listen to that stands for every job. */
export const ANY_JOB = "*";

export class Listeners {
  readonly #bells = new Map<string, Set<Bell>>();
  #isClosed = false;

  /** Rings the bell at each notification about one of `ids`, until disposed of, and once on `close`. */
  listen(ids: readonly string[], bell: Bell): Disposable {
    if (this.#isClosed) bell.ring();
    const bells = this.#bells;
    for (const id of ids) bells.set(id, (bells.get(id) ?? new Set()).add(bell));
    return {
      [Symbol.dispose]() {
        for (const id of ids) {
          const set = bells.get(id);
          set?.delete(bell);
          if (set?.size === 0) bells.delete(id);
        }
      },
    };
  }

  notify(id: string): void {
    for (const each of [id, ANY_JOB]) this.#bells.get(each)?.forEach((bell) => bell.ring());
  }

  /** Rings every bell. Later calls of `listen` ring at once. */
  close(): void {
    this.#isClosed = true;
    for (const id of this.#bells.keys()) this.notify(id);
  }
}
