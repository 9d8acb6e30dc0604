/**
 * Room `scheduler`: how long the clocks of a turn have stood still. They stand while a question is open and its agent
 * prints nothing, and the sum is kept in the journal.
 *
 * @module
 */

/** Ms by which the sum may be ahead of the journal while an agent goes on to print with a question open. */
const UNKEPT_MS = 10_000;

export class Stillness {
  #ms: number;
  #keptMs: number;
  /** Steady ms of the last look at which the clocks stood; `null` when they ran. */
  #stoodAt: number | null = null;

  /** @param ms the sum so far */
  constructor(ms: number) {
    this.#ms = this.#keptMs = ms;
  }

  /** Ms for which the clocks have stood. */
  get ms(): number {
    return Math.round(this.#ms);
  }

  /** Adds what passed while no daemon looked. */
  add(ms: number): void {
    this.#ms += Math.max(0, ms);
  }

  /** @param now steady ms */
  look(now: number, { isAsking, hasPrinted }: { isAsking: boolean; hasPrinted: boolean }): void {
    if (this.#stoodAt !== null && !hasPrinted) this.#ms += now - this.#stoodAt;
    this.#stoodAt = isAsking ? now : null;
  }

  /** Whether the sum is to be kept now, since nothing else would tell it again. */
  isDue({ hasPrinted }: { hasPrinted: boolean }): boolean {
    return hasPrinted && this.#ms - this.#keptMs > UNKEPT_MS;
  }

  /** To be called when the sum is in the journal. */
  kept(): void {
    this.#keptMs = this.#ms;
  }
}
