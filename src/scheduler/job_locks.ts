/**
 * Room `scheduler`: a lock for each job. It is needed because a reply and the end of a turn both choose the next turn
 * number.
 *
 * @module
 */

export class JobLocks {
  #tails = new Map<string, Promise<void>>();

  /** Runs `work` after all earlier work on the same job has settled. Rejects as `work` does. */
  async exclusively<T>(id: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(id) ?? Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const tail = before.then(() => promise);
    this.#tails.set(id, tail);
    await before;
    try {
      return await work();
    } finally {
      resolve();
      if (this.#tails.get(id) === tail) this.#tails.delete(id);
    }
  }
}
