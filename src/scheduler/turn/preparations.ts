/**
 * Room `scheduler`: launches that are prepared while the disk takes the commit by which their turns run. Rule of this
 * file: nothing is written, since nobody knows yet whether the turn is accepted. Its agent may be asked about itself.
 *
 * @module
 */
import type { JobId } from "../../domain/job/ids.ts";
import type { Job } from "../../domain/job/job.ts";
import { immediate } from "../../system/pause.ts";
import type { NewTurn } from "./accepted_turn.ts";
import { readTurn } from "./files.ts";
import { readyInPlace, type ReadyOptions, type ReadyTurn } from "./ready_turn.ts";
import { isIsolated } from "./where.ts";

interface Preparation {
  readonly turn: number;
  /** `null` where a launch has to begin with more: with a place, or with files that are damaged. */
  readonly ready: Promise<ReadyTurn | null>;
}

export class Preparations {
  readonly #options: ReadyOptions;
  readonly #begun = new Map<JobId, Preparation>();

  constructor(options: ReadyOptions) {
    this.#options = options;
  }

  /**
   * Prepares the launch of a job's present turn. To be called when its commit is on its way.
   *
   * @param job as the commit makes it; its number does not matter
   * @param asked what the turn is asked, where that is in memory; its files tell it otherwise
   */
  begin(job: Job, asked: NewTurn | null = null): void {
    const ready = this.#prepare(job, asked);
    // Whoever launches the turn meets the failure.
    ready.catch(() => {});
    this.#begun.set(job.id, { turn: job.turn, ready });
  }

  /** What is being prepared for a job's present turn, which is forgotten then; `null` when nothing is. */
  take({ id, turn }: Pick<Job, "id" | "turn">): Preparation["ready"] | null {
    const begun = this.#begun.get(id);
    this.forget(id);
    return begun?.turn === turn ? begun.ready : null;
  }

  /** For a turn that is not launched after all, or not now. */
  forget(id: JobId): void {
    this.#begun.delete(id);
  }

  async #prepare(job: Job, asked: NewTurn | null): Preparation["ready"] {
    await immediate();
    if (isIsolated(job)) return null;
    if (asked !== null) return await readyInPlace(job, asked, this.#options);
    const { accepted, isWhole } = readTurn(job, this.#options.directories.job(job.id));
    return accepted.ok && isWhole ? await readyInPlace(job, accepted.turn, this.#options) : null;
  }
}
