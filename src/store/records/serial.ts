/**
 * Room `store`: a queue that runs one task at a time. All writers share the feed's head, so two concurrent writes would
 * only make each other's commits fail and be repeated. Two concurrent rounds of retention would each count what the
 * other removes.
 *
 * @module
 */

export class Serial {
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Runs `work` after all work queued earlier has settled. Calling it from inside `work` and waiting for it is a
   * deadlock.
   */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Resolves when all work queued so far has settled. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
