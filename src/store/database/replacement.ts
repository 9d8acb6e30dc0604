/**
 * Room `store`: notices that somebody has put another store, such as an old copy, in the place of the open one. Rule of
 * this file: what nobody would ever read again is not written, since it would be promised.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";

export interface ReplacementOptions {
  /** Whether the path leads to another file than the one that is open. */
  isElsewhere: () => boolean;
  /** Called once. */
  onReplaced: () => void;
}

export class Replacement {
  readonly #options: ReplacementOptions;
  /** The feed's newest cursor: it never falls, unless older content is written over the file. */
  #head = 0;
  #hasHappened = false;

  constructor(options: ReplacementOptions) {
    this.#options = options;
  }

  get hasHappened(): boolean {
    return this.#hasHappened;
  }

  /** @throws {AgentAsyncError} `handover` when the file is no longer where the next daemon will look for it. */
  refuseWrite(): void {
    this.look();
    if (!this.#hasHappened) return;
    throw new AgentAsyncError(
      "handover",
      "The store was replaced under this daemon; the same call reaches the next one.",
    );
  }

  /** Takes in the feed's newest cursor, as it was just read or written. */
  saw(head: number): void {
    if (head < this.#head) this.#tell();
    this.#head = Math.max(this.#head, head);
  }

  /** Looks at the path alone. */
  look(): void {
    if (this.#options.isElsewhere()) this.#tell();
  }

  #tell(): void {
    if (this.#hasHappened) return;
    this.#hasHappened = true;
    this.#options.onReplaced();
  }
}
