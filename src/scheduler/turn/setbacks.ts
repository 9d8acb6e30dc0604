/**
 * Room `scheduler`: remembers which running jobs have a turn that cannot be launched or watched at present, since when
 * and why.
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

  /** What keeps the turn from being launched or watched, for people; `undefined` when nothing does. */
  waitsFor(id: JobId): string | undefined {
    return this.#waits.get(id);
  }

  /** Records that the turn waits for `what`, which the system lacks. */
  waits(id: JobId, what: string): void {
    this.#waits.set(id, `the system: ${what}`);
  }

  /** Records a failed attempt to launch or watch the turn, because of `what`. */
  failed(id: JobId, what: string): void {
    this.#since.set(id, this.#since.get(id) ?? this.#clock.steady());
    this.waits(id, what);
  }

  /** Ms since the first failure that no success followed. */
  failingMs(id: JobId): number {
    const now = this.#clock.steady();
    return now - (this.#since.get(id) ?? now);
  }

  /** To be called when the turn is watched or has ended. */
  forget(id: JobId): void {
    this.#since.delete(id);
    this.#waits.delete(id);
  }
}
