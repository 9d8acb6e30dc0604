/**
 * Room `scheduler`: turns that are prepared while the disk takes the commit by which they run. Rule of this file: only
 * a turn's own directory is written, since nobody knows yet whether the turn is accepted.
 *
 * @module
 */
import type { JobId } from "../../domain/job/ids.ts";
import type { Job } from "../../domain/job/job.ts";
import { immediate } from "../../system/pause.ts";
import type { NewTurn } from "./accepted_turn.ts";
import { acceptedTurn } from "./files.ts";
import { readyInPlace, type ReadyOptions, type ReadyTurn } from "./ready_turn.ts";
import { isIsolated } from "./where.ts";

/** `null` where a launch has to begin with more: with a place, or with files that are damaged. */
type HeadStart = Promise<ReadyTurn | null>;

export class HeadStarts {
  readonly #options: ReadyOptions;
  readonly #begun = new Map<JobId, { turn: number; ready: HeadStart }>();

  constructor(options: ReadyOptions) {
    this.#options = options;
  }

  /**
   * Prepares the present turn of a job. To be called when its commit is on its way.
   *
   * @param job as the commit makes it
   * @param asked what the turn is asked, where that is in memory; its files tell it otherwise
   */
  begin(job: Job, asked: NewTurn | null = null): void {
    const ready = this.#prepare(job, asked);
    // Whoever launches the turn meets the failure.
    ready.catch(() => {});
    this.#begun.set(job.id, { turn: job.turn, ready });
  }

  /** What was prepared of a job's present turn, which is forgotten then; `null` when nothing was. */
  take({ id, turn }: Pick<Job, "id" | "turn">): HeadStart | null {
    const begun = this.#begun.get(id);
    this.#begun.delete(id);
    return begun?.turn === turn ? begun.ready : null;
  }

  /** For a turn that is not launched after all. When it resolves, nothing is written for it any more. */
  async abandon(id: JobId): Promise<void> {
    const begun = this.#begun.get(id);
    this.#begun.delete(id);
    await Promise.allSettled([begun?.ready]);
  }

  async #prepare(job: Job, asked: NewTurn | null): HeadStart {
    await immediate();
    if (isIsolated(job)) return null;
    const { directories } = this.#options;
    if (asked !== null) return await readyInPlace(job, asked, this.#options);
    const accepted = acceptedTurn(job, directories.job(job.id));
    return accepted.ok ? await readyInPlace(job, accepted.turn, this.#options) : null;
  }
}
