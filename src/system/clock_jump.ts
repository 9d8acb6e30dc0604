/**
 * Room `system`: whether somebody has set the wall clock.
 *
 * @module
 */
import type { Clock } from "./clock.ts";

/** Ms by which the wall clock may drift from the steady one before it was set: some minutes a year are usual. */
const DRIFT_MS = 10_000;

/** Compares both clocks from one moment on: they go on alike, unless somebody sets one. */
export class ClockJump {
  /** The moment by both clocks. */
  #moment: { steady: number; now: number };
  readonly #began: number;

  constructor(readonly clock: Clock) {
    this.#began = clock.steady();
    this.#moment = { steady: this.#began, now: clock.now() };
  }

  /**
   * Counts from an earlier moment.
   *
   * @param now epoch ms that the wall clock told then
   * @param ageMs for how long this has been when the comparison began
   */
  since(now: number, ageMs: number): void {
    this.#moment = { steady: this.#began - ageMs, now };
  }

  /** By how much the wall clock was set (back: below 0); `undefined` when it was not. */
  get ms(): number | undefined {
    const { steady, now } = this.#moment;
    const jump = Math.round(this.clock.now() - now - (this.clock.steady() - steady));
    return Math.abs(jump) < DRIFT_MS ? undefined : jump;
  }
}
