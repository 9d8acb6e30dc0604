/**
 * Support for tests: waiting until an agent has told what its model has said.
 *
 * @module
 */
import { eventually } from "./eventually.ts";

/** How often an agent has told a text. */
export class Telling implements AsyncDisposable {
  #times = 0;
  #isOver = false;
  readonly #waits: Promise<unknown>[] = [];

  constructor(private readonly file: string, private readonly words: string) {}

  /** Resolves when it is told once more; soon in any case, except for the first time: it may not be told again. */
  next(): Promise<unknown> {
    const times = ++this.#times;
    const wait = eventually(() => this.#isOver || this.#told() >= times, {
      what: `"${this.words}" to be told`,
      ...(times === 1 ? {} : { timeoutMs: 3_000 }),
    }).catch(() => {});
    this.#waits.push(wait);
    return wait;
  }

  #told(): number {
    return Deno.readTextFileSync(this.file).split(JSON.stringify(this.words)).length - 1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#waits);
  }
}
