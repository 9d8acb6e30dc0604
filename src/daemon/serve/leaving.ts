/**
 * Room `daemon`: the decision to leave, taken once; the first cause wins.
 *
 * @module
 */
export class Leaving {
  readonly #controller = new AbortController();
  #cause: string | null = null;
  #successor: string | null = null;

  /** Aborted when the decision has been taken. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get cause(): string | null {
    return this.#cause;
  }

  /** The version that is to follow, when a newer front-end asked for it. */
  get successor(): string | null {
    return this.#successor;
  }

  begin(cause: string, successor?: string): void {
    if (this.#cause !== null) return;
    this.#cause = cause;
    this.#successor = successor ?? null;
    this.#controller.abort();
  }
}
