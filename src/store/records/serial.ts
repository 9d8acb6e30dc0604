/**
 * Room `store`: one thing at a time. All writers share the feed's head, so two at once would only make each other's
 * commits fail and be tried again; two rounds of retention would count what the other one removes.
 *
 * @module
 */

export class Serial {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `work` when everything given earlier has ended, well or not. Never call it from inside of `work`. */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** When everything given so far has ended. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
