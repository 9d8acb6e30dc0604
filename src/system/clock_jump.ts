/**
 * Room `system`: detects that the wall clock was set.
 *
 * @module
 */
import type { Clock } from "./clock.ts";

/**
 * A difference in ms between the wall clock and the monotonic one that still counts as drift. Usual drift is some
 * minutes a year.
 */
const DRIFT_MS = 10_000;

/**
 * Compares the wall clock with the monotonic one. They advance alike from any moment on, unless somebody sets the wall
 * clock.
 */
export class ClockJump {
  /** Both clocks at the moment that the comparison starts from. */
  #moment: { steady: number; now: number };
  readonly #began: number;

  constructor(readonly clock: Clock) {
    this.#began = clock.steady();
    this.#moment = { steady: this.#began, now: clock.now() };
  }

  /**
   * Moves the start of the comparison to an earlier moment.
   *
   * @param now wall-clock time at that moment, in epoch ms
   * @param ageMs ms from that moment to the construction of this object
   */
  since(now: number, ageMs: number): void {
    this.#moment = { steady: this.#began - ageMs, now };
  }

  /** Ms by which the wall clock was set, negative when it was set back; `undefined` when it was not set. */
  get ms(): number | undefined {
    const { steady, now } = this.#moment;
    const jump = Math.round(this.clock.now() - now - (this.clock.steady() - steady));
    return Math.abs(jump) < DRIFT_MS ? undefined : jump;
  }
}
