/**
 * Room `scheduler`: ends turns that no watch can see through: those whose process never came to be, and those whose
 * files cannot be read. Rule of this file: such a turn has an outcome in the store, whatever becomes of its files.
 *
 * @module
 */
import type { Job } from "../../domain/job/job.ts";
import { endEvents } from "../../domain/turn/outcome.ts";
import type { Failure, TurnOutcome } from "../../domain/turn/turn.ts";
import { terminate } from "../../kernel/end/terminate.ts";
import { ifOurs } from "../../system/files/files.ts";
import { readPreviousOutcome, writeOutcome } from "./files.ts";
import type { LaunchDependencies } from "./launch.ts";
import { driverOf, openRun, type OpenRunOptions } from "./open_run.ts";
import { unbornOutcome, type UnbornTurn } from "./unborn_turn.ts";
import type { TurnWatchOptions } from "./watch.ts";

export interface UnrunTurnsOptions
  extends
    OpenRunOptions,
    Pick<LaunchDependencies, "catalog">,
    Pick<TurnWatchOptions, "conclude" | "onEvents" | "log"> {}

export class UnrunTurns {
  readonly #options: UnrunTurnsOptions;
  readonly #isClosed: () => boolean;

  /** @param isClosed whether the daemon leaves: the next one then takes the turns up as the store has them */
  constructor(options: UnrunTurnsOptions, isClosed: () => boolean) {
    this.#options = options;
    this.#isClosed = isClosed;
  }

  /** Ends what may still run of a turn that cannot be watched, then the turn, whatever becomes of its files. */
  async endUnwatched(job: Job, failure: Failure): Promise<void> {
    const { processes, directories, log } = this.#options;
    const { survivors } = await terminate({
      turn: directories.job(job.id).turn(job.turn),
      jobId: job.id,
      gracefulSignal: driverOf(job, this.#options).gracefulSignal,
      processes,
    });
    if (this.#isClosed()) return;
    const outcome = this.#outcome(job, { failure, survivors, mayHaveRun: true });
    try {
      this.#writeDown(job, outcome);
    } catch (error) {
      log.error("the end of a turn is not in its files", { job: job.id, error: String(error) });
    }
    await this.#conclude(job, outcome);
  }

  /** Ends a turn whose process never came to be; `null` when that is because it was stopped before. */
  async endUnborn(job: Job, failure: Failure | null): Promise<void> {
    // The next daemon takes the turn up as the store has it, and may launch it.
    if (this.#isClosed()) return;
    const outcome = this.#outcome(job, { failure, survivors: [] });
    this.#writeDown(job, outcome);
    await this.#conclude(job, outcome);
  }

  async #conclude(job: Job, outcome: TurnOutcome): Promise<void> {
    await this.#options.conclude(job, outcome);
    this.#options.onEvents(job.id);
  }

  #outcome(job: Job, turn: Omit<UnbornTurn, "previous" | "at">): TurnOutcome {
    const { directories, clock } = this.#options;
    const previous = readPreviousOutcome(directories.job(job.id), job);
    return unbornOutcome(job, { ...turn, previous, at: clock.now() });
  }

  #writeDown(job: Job, outcome: TurnOutcome): void {
    const { verdict, survivors = [] } = outcome;
    ifOurs(() => {
      const run = openRun(job, driverOf(job, this.#options), this.#options);
      try {
        run?.output.say(endEvents(job.turn, { verdict, survivors, told: null }), "after");
      } finally {
        run?.close();
      }
    });
    writeOutcome(this.#options.directories.job(job.id).turn(job.turn), outcome);
  }
}
