/**
 * Room `scheduler`: measures for how long the agent of a turn has printed nothing, has made no event, or has stayed
 * after its last word.
 *
 * @module
 */
import type { Clock } from "../../system/clock.ts";

export class TurnSilence {
  readonly #clock: Clock;
  /** Steady ms at which output was read last. */
  #printedAt: number;
  /** Steady ms at which the newest event was read. */
  #actedAt: number;
  /** Steady ms at which the last word was read; `null` when there is none, or the agent has begun to work again. */
  #spokeAt: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#printedAt = clock.steady();
    this.#actedAt = this.#printedAt;
  }

  /** The agent has printed something. */
  printed(): void {
    this.#printedAt = this.#clock.steady();
  }

  /** The agent has done something that makes an event. */
  acted(): void {
    this.#actedAt = this.#clock.steady();
  }

  /** The agent has said its last word. */
  spoke(): void {
    this.#spokeAt = this.#clock.steady();
  }

  /** The agent works again after its last word. */
  resumed(): void {
    this.#spokeAt = null;
  }

  /** Steady ms since the agent last printed something. */
  get ms(): number {
    return this.#clock.steady() - this.#printedAt;
  }

  /** Steady ms since the agent last did something that makes an event. */
  get withoutEventMs(): number {
    return this.#clock.steady() - this.#actedAt;
  }

  /** Steady ms since the agent's last word; `null` while it works. */
  get lingersMs(): number | null {
    return this.#spokeAt === null ? null : this.#clock.steady() - this.#spokeAt;
  }
}
