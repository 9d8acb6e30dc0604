/**
 * Room `scheduler`: which running jobs have a turn that could be neither begun nor watched, since when, and why.
 *
 * @module
 */
import type { JobId } from "../../domain/job/ids.ts";
import type { Clock } from "../../system/clock.ts";

export class Setbacks {
  readonly #clock: Clock;
  /** Steady ms of the first failure since the last success. */
  readonly #since = new Map<JobId, number>();
  /** What the job waits for, as views show it. */
  readonly #waits = new Map<JobId, string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What keeps the turn from being begun or watched; `undefined` when nothing does. */
  waitsFor(id: JobId): string | undefined {
    return this.#waits.get(id);
  }

  /** The system lacks `what`; the turn will be begun again. */
  waits(id: JobId, what: string): void {
    this.#waits.set(id, `the system: ${what}`);
  }

  /** The turn could be neither begun nor watched, because of `what`. */
  failed(id: JobId, what: string): void {
    this.#since.set(id, this.#since.get(id) ?? this.#clock.steady());
    this.waits(id, what);
  }

  /** Ms since the first failure that no success followed. */
  failingMs(id: JobId): number {
    const now = this.#clock.steady();
    return now - (this.#since.get(id) ?? now);
  }

  /** The turn is watched, or ended. */
  forget(id: JobId): void {
    this.#since.delete(id);
    this.#waits.delete(id);
  }
}
