/**
 * Room `store`: notices when another database, such as an old copy, has been put in the place of the open one. From
 * then on writes are refused: the old file is never opened again, so whatever is written to it would be lost.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";

export interface ReplacementOptions {
  /** Whether the path now leads to another file than the open one. */
  isElsewhere: () => boolean;
  /** Called once, when the replacement is first noticed. */
  onReplaced: () => void;
}

export class Replacement {
  readonly #options: ReplacementOptions;
  /** The highest feed cursor seen. A lower one means that older content was written over the database. */
  #head = 0;
  #hasHappened = false;

  constructor(options: ReplacementOptions) {
    this.#options = options;
  }

  get hasHappened(): boolean {
    return this.#hasHappened;
  }

  /**
   * Must be called before each write.
   *
   * @throws {AgentAsyncError} `handover` when the database has been replaced: the next daemon would not see the write
   */
  refuseWrite(): void {
    this.look();
    if (!this.#hasHappened) return;
    throw new AgentAsyncError(
      "handover",
      "The store was replaced under this daemon; the same call reaches the next one.",
    );
  }

  /**
   * Reports the feed's newest cursor as just read or written. A cursor that is lower than before counts as a
   * replacement.
   */
  saw(head: number): void {
    if (head < this.#head) this.#tell();
    this.#head = Math.max(this.#head, head);
  }

  /** Checks whether the path still leads to the open file. Does not read the database. */
  look(): void {
    if (this.#options.isElsewhere()) this.#tell();
  }

  #tell(): void {
    if (this.#hasHappened) return;
    this.#hasHappened = true;
    this.#options.onReplaced();
  }
}
