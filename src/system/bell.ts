/**
 * Room `system`: one who waits, and those who wake it.
 *
 * @module
 */

/** Wakes the one who waits in `heard`. A ring while nobody waits is kept; several rings are heard as one. */
export class Bell {
  #next = Promise.withResolvers<void>();

  readonly ring = (): void => this.#next.resolve();

  async heard(): Promise<void> {
    await this.#next.promise;
    this.#next = Promise.withResolvers<void>();
  }
}
