/**
 * Room `scheduler`: ends turns that cannot be watched: their process never began, or their files cannot be read. Rule
 * of this file: such a turn gets an outcome in the store, even when its files cannot be written.
 *
 * @module
 */
import { gracefulSignalOf } from "../../agents/begun_driver.ts";
import type { Job } from "../../domain/job/job.ts";
import { endEvents } from "../../domain/turn/outcome.ts";
import type { Failure, TurnOutcome } from "../../domain/turn/turn.ts";
import { terminate } from "../../kernel/end/terminate.ts";
import { ifOurs } from "../../system/files/files.ts";
import { readPreviousOutcome, readRequest, writeOutcome } from "./files.ts";
import type { LaunchDependencies } from "./launch.ts";
import { driverOf, openRun, type OpenRunOptions } from "./open_run.ts";
import { unbornOutcome, type UnbornTurn } from "./unborn_turn.ts";
import type { TurnWatchOptions } from "./watch_options.ts";

export interface UnrunTurnsOptions
  extends
    OpenRunOptions,
    Pick<LaunchDependencies, "catalog">,
    Pick<TurnWatchOptions, "conclude" | "onEvents" | "log"> {}

export class UnrunTurns {
  readonly #options: UnrunTurnsOptions;
  readonly #isClosed: () => boolean;

  /** @param isClosed whether the daemon leaves: then nothing is committed, and the next one adopts the turns */
  constructor(options: UnrunTurnsOptions, isClosed: () => boolean) {
    this.#options = options;
    this.#isClosed = isClosed;
  }

  /** Ends the processes of a turn that cannot be watched, then commits its outcome even without its files. */
  async endUnwatched(job: Job, failure: Failure): Promise<void> {
    const { processes, directories, log } = this.#options;
    const { driver, talk } = driverOf(job, this.#options);
    const { survivors } = await terminate({
      turn: directories.job(job.id).turn(job.turn),
      jobId: job.id,
      gracefulSignal: gracefulSignalOf(driver, talk),
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

  /** Ends a turn whose process never began; `failure` is `null` when it was stopped before. Throws on a full disk. */
  async endUnborn(job: Job, failure: Failure | null): Promise<void> {
    // The turn stays running in the store: the next daemon adopts it and may launch it.
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
    const turn = this.#options.directories.job(job.id).turn(job.turn);
    const request = readRequest(turn);
    ifOurs(() => {
      if (request === null) return;
      const run = openRun(job, request, driverOf(job, this.#options), this.#options);
      try {
        run.output.say(endEvents(job.turn, { verdict, survivors, told: null }), "after");
      } finally {
        run.close();
      }
    });
    writeOutcome(turn, outcome);
  }
}
