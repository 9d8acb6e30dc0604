/**
 * Room `scheduler`: one thing at a time for one job: a reply and the end of a turn both number the next turn.
 *
 * @module
 */

export class JobLocks {
  #tails = new Map<string, Promise<void>>();

  /** Runs `work` when all earlier work on the same job has ended, however it ended. */
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
