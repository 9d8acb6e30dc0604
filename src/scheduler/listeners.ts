/**
 * Room `scheduler`: those who are told of each notification about a job, or about any job.
 *
 * @module
 */
import type { Bell } from "../system/bell.ts";

/** An id to listen to that stands for every job. */
export const ANY_JOB = "*";

export class Listeners {
  readonly #attend: (id: string) => () => void;
  readonly #bells = new Map<string, Set<Bell>>();
  #isClosed = false;

  /** @param attend is told of each id that is listened to; returns what ends that */
  constructor(attend: (id: string) => () => void) {
    this.#attend = attend;
  }

  /** Rings the bell at each notification about one of `ids`, until disposed of, and once on `close`. */
  listen(ids: readonly string[], bell: Bell): Disposable {
    if (this.#isClosed) bell.ring();
    const all = new DisposableStack();
    for (const id of ids) {
      this.#bells.set(id, (this.#bells.get(id) ?? new Set()).add(bell));
      all.defer(() => this.#forget(id, bell));
      all.defer(this.#attend(id));
    }
    return all;
  }

  #forget(id: string, bell: Bell): void {
    const bells = this.#bells.get(id);
    bells?.delete(bell);
    if (bells?.size === 0) this.#bells.delete(id);
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
