/**
 * Room `scheduler`: the jobs that wait after a round, in queue order. Rule of this file: the place of one job, and why it
 * waits, are told without going through the others. Thousands may wait, and a list asks for twenty of them.
 *
 * @module
 */
import type { Job, JobOf } from "../../domain/job/job.ts";
import { byPrecedence, firstNotBefore, inPrecedence } from "./precedence.ts";

/** A round's pending jobs, in precedence, and what became of some. Places are indexes in `pending`, ascending. */
export interface LineOptions {
  readonly pending: readonly JobOf<"pending">[];
  /** Of those that start. */
  readonly started: readonly number[];
  /** Of those that can never start. */
  readonly failed: readonly number[];
  /** @param before the jobs that the round starts before this one */
  readonly reasonToWait: (job: JobOf<"pending">, before: readonly Job[]) => string | null;
}

export class Line {
  constructor(private readonly options: LineOptions) {}

  /** 1 for the job that starts next, `null` for a job that does not wait, or that the round has not seen. */
  position(job: Job): number | null {
    const place = this.#place(job);
    if (place === null) return null;
    const { started, failed } = this.options;
    return place + 1 - before(place, started).length - before(place, failed).length;
  }

  /** Why the job waits; `undefined` for one that has no {@link position}. */
  reason(job: Job): string | undefined {
    const { pending, started, reasonToWait } = this.options;
    const place = this.#place(job);
    if (place === null) return undefined;
    return reasonToWait(pending[place]!, before(place, started).map((one) => pending[one]!)) ?? undefined;
  }

  /** `jobs` in the order in which they are to start. Those that do not wait in this line come last. */
  sorted<T extends Job>(jobs: readonly T[]): T[] {
    const isIn = (job: T) => this.#place(job) !== null;
    return [...inPrecedence(jobs.filter(isIn)), ...jobs.filter((job) => !isIn(job))];
  }

  #place(job: Job): number | null {
    const { pending, started, failed } = this.options;
    for (let place = firstNotBefore(job, pending); place < pending.length; place++) {
      const one = pending[place]!;
      if (one.id === job.id) return started.includes(place) || failed.includes(place) ? null : place;
      if (byPrecedence(one, job) !== 0) break;
    }
    return null;
  }
}

function before(place: number, places: readonly number[]): readonly number[] {
  return places.filter((one) => one < place);
}
