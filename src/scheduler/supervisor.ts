/**
 * Room `scheduler`: the turns that run. Each is launched, or adopted from an earlier daemon, and then watched until
 * its outcome is committed.
 *
 * @module
 */
import { begunDriver, recordOf } from "../agents/begun_driver.ts";
import type { AgentDriver } from "../agents/driver.ts";
import { unknownDriver } from "../agents/unknown_driver.ts";
import { faultName } from "../domain/disk_fault.ts";
import { messageOf } from "../domain/errors.ts";
import type { JobId } from "../domain/job/ids.ts";
import { isJobIn, type Job } from "../domain/job/job.ts";
import { endEvents } from "../domain/turn/outcome.ts";
import type { StopCause } from "../domain/job/reason.ts";
import type { Failure, TurnOutcome } from "../domain/turn/turn.ts";
import type { JobDirectories, TurnDirectory } from "../kernel/job_directories.ts";
import { launch } from "../kernel/launch.ts";
import { LaunchError } from "../kernel/launch_fault.ts";
import { terminate } from "../kernel/end/terminate.ts";
import type { ProcessRow } from "../system/processes/processes.ts";
import { ifOurs, isTakenAway } from "../system/files/files.ts";
import { Pulse } from "./pulse.ts";
import { isPassing, Refusals, refuseWithoutRoom } from "./turn/room_to_begin.ts";
import {
  acceptedTurn,
  readLaunch,
  readOutcome,
  readPreviousOutcome,
  readRequest,
  writeLaunch,
  writeOutcome,
} from "./turn/files.ts";
import { type LaunchDependencies, prepareLaunch } from "./turn/launch.ts";
import { TurnRun } from "./turn/run.ts";
import { type TurnBeat, TurnWatch, type TurnWatchOptions } from "./turn/watch.ts";
import { missingRequest, spawnFailure, unbornOutcome, type UnbornTurn } from "./turn/unborn_turn.ts";

export interface SupervisorOptions extends LaunchDependencies, TurnWatchOptions {
  directories: JobDirectories;
  /** Launches a running job in a moment, as often as it takes. */
  begin?: (job: Job) => void;
}

/** Ms that the files of a running job may be away before it is given up, or anything else may keep one that is to end. */
const OUT_OF_REACH_MS = 20_000;

export class Supervisor {
  #watches = new Map<JobId, TurnWatch>();
  #pulse = new Pulse();
  /** Turns that were reported as done before their watch began. */
  #earlyReports = new Map<JobId, number>();
  /** How many wait for a job. */
  #waiters = new Map<JobId, number>();
  #isClosed = false;
  /** Steady ms since when a running job could not be watched. */
  #unwatchedSince = new Map<JobId, number>();
  /** What a running job waits for that could not be begun or watched. */
  #waits = new Map<JobId, string>();
  readonly #refusals = new Refusals();

  constructor(readonly options: SupervisorOptions) {}

  /** The running turn of a job, for views. */
  run(id: JobId): TurnRun | null {
    return this.#watches.get(id)?.run ?? null;
  }

  /** The job that one of these processes belongs to, in their order: its wrapper's session, wrapper or agent. */
  jobAround(ancestry: readonly ProcessRow[]): JobId | null {
    const runs = [...this.#watches].map(([id, { run }]) => ({ id, wrapper: run.process.identity() }));
    for (const { pid, sid, startTime } of ancestry) {
      const around = runs.find(({ wrapper }) =>
        wrapper !== null && (wrapper.pid === pid ? wrapper.startTime === startTime : wrapper.pid === sid)
      );
      if (around !== undefined) return around.id;
    }
    return null;
  }

  /** Bytes of the present turn's output of which something is known; 0 for one that nobody watches. */
  knownBytes(job: Job): number {
    const run = this.run(job.id);
    return run?.job.turn === job.turn ? run.output.knownBytes : 0;
  }

  /** What keeps a running job's turn from being begun or watched; `undefined` when nothing does. */
  waitsFor(id: JobId): string | undefined {
    return this.#waits.get(id);
  }

  /** Starts the process of a job that has been committed as running. */
  async launch(accepted: Job): Promise<void> {
    if (this.#isClosed) return;
    await this.#orEnd(accepted, () => this.#launch(accepted));
  }

  /** Watches on over a turn that an earlier daemon launched; one that was never begun is launched. */
  async adopt(job: Job): Promise<void> {
    if (this.#watches.has(job.id) || this.#isClosed) return;
    await this.#orEnd(job, () => this.#adopt(job));
  }

  async #launch(accepted: Job): Promise<void> {
    const job = await this.options.store.get(accepted.id) ?? accepted;
    // Somebody was quicker than the launch.
    if (isJobIn(job, "running") && job.state.stop !== null) return await this.#endUnborn(job, null);
    const directory = this.options.directories.job(job.id);
    refuseWithoutRoom(directory.path);
    const asked = acceptedTurn(job, directory);
    if (!asked.ok) return await this.#endUnborn(job, asked.failure);
    const prepared = await prepareLaunch(job, asked.turn, directory, this.options);
    if (!prepared.ok) return await this.#endUnborn(job, prepared.failure);
    // From here to the watch nothing waits: a daemon that leaves must not write beside its successor.
    if (this.#isClosed) return;
    const run = this.#open(job, prepared.driver);
    if (run === null) return await this.#endUnborn(job, missingRequest());
    try {
      const message = `turn ${job.turn}: ${prepared.driver.title}`;
      run.output.say([{ type: "status", state: "running", message }], "before");
      const { driver, model } = prepared;
      writeLaunch(run.files, recordOf(driver, { policy: job.approval_policy, model }));
      const mark = this.options.processes.mark?.() ?? null;
      const child = launch(prepared.launch);
      const watch = this.#watch(run, { ageMs: 0, mark });
      run.wrapper.launched(child.status);
      child.status.catch(() => {}).finally(() => watch.check());
    } catch (error) {
      run.close();
      if (!(error instanceof LaunchError) || isPassing(error)) throw error;
      await this.#endUnborn(job, spawnFailure(error.message, error.hint));
    }
  }

  async #adopt(job: Job): Promise<void> {
    const directory = this.options.directories.job(job.id);
    directory.reopen();
    const turn = directory.turn(job.turn);
    const judged = readOutcome(turn);
    if (judged !== null) return await this.options.conclude(job, judged);
    const run = this.#open(job, this.#driverOf(job));
    if (run === null) return await this.#endUnwatched(job, missingRequest());
    let isUnborn: boolean;
    let ageMs: number | null;
    try {
      isUnborn = run.process.liveness() === "unborn";
      ageMs = isUnborn ? null : run.process.ageMs();
    } catch (error) {
      run.close();
      throw error;
    }
    if (isUnborn) {
      run.close();
      return await this.launch(job);
    }
    // One that is gone does not tell when it went: then what the clock was set by before now is not known.
    if (ageMs !== null) run.hasRunFor(ageMs);
    const watch = this.#watch(run, { ageMs: ageMs ?? 0, mark: null });
    this.options.log.info("adopted a turn", { job: job.id, turn: job.turn });
    if (job.summary !== null) watch.reported();
    if (isJobIn(job, "running") && job.state.stop !== null) watch.terminate(job.state.stop.cause);
  }

  /** Ends a running turn; the first cause wins. Resolves when the outcome is committed. */
  async stop(id: JobId, cause: StopCause): Promise<void> {
    const watch = this.#watches.get(id);
    await watch?.stop(cause);
    await watch?.ended;
  }

  /** The work of a running turn was reported as done; the store knows it already. */
  reported(id: JobId, turn: number): void {
    const watch = this.#watches.get(id);
    if (watch?.run.job.turn === turn) watch.reported();
    else this.#earlyReports.set(id, turn);
  }

  /** The exit record of a turn has appeared. */
  exited(id: JobId, turn: number): void {
    const watch = this.#watches.get(id);
    if (watch?.run.job.turn === turn) watch.check();
  }

  /**
   * Somebody waits for this job until the returned function is called: it is looked at more often, also when its turn
   * is still to be launched.
   */
  attend(id: JobId): () => void {
    const waiters = this.#waiters.get(id) ?? 0;
    this.#waiters.set(id, waiters + 1);
    if (waiters === 0) this.#pulse.hurry();
    return () => {
      const left = (this.#waiters.get(id) ?? 1) - 1;
      if (left > 0) this.#waiters.set(id, left);
      else this.#waiters.delete(id);
    };
  }

  /** Stops watching; the turns go on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const watches = [...this.#watches.values()];
    for (const watch of watches) watch.close();
    await Promise.allSettled(watches.map((watch) => watch.ended));
  }

  #watch(run: TurnRun, start: Pick<TurnBeat, "ageMs" | "mark">): TurnWatch {
    const { id } = run.job;
    const watch = new TurnWatch(run, {
      ...this.options,
      beginAgain: (job) => this.#beginAgain(job, run.files),
    }, {
      pulse: this.#pulse,
      isAwaited: () => this.#waiters.has(id),
      ...start,
    });
    this.#watches.set(id, watch);
    if (this.#earlyReports.get(id) === run.job.turn) watch.reported();
    this.#earlyReports.delete(id);
    watch.ended.finally(() => {
      if (this.#watches.get(id) === watch) this.#watches.delete(id);
    });
    return watch;
  }

  /** The wrapper has refused the turn: another one is worth it as long as room is what is missing, and a few times anyway. */
  #beginAgain(job: Job, files: TurnDirectory): boolean {
    const { begin, log, clock } = this.options;
    const timeLimitMs = (readRequest(files)?.timeout_seconds ?? 0) * 1000;
    const why = this.#refusals.next(job, { files, now: clock.steady(), timeLimitMs });
    if (begin === undefined || why === null || this.#isClosed) return false;
    log.error("the wrapper of a turn refused it; trying again", { job: job.id, error: why });
    files.release();
    this.#waits.set(job.id, `the system: ${why}`);
    begin(job);
    return true;
  }

  #open(job: Job, driver: AgentDriver): TurnRun | null {
    const directory = this.options.directories.job(job.id);
    const request = readRequest(directory.turn(job.turn));
    if (request === null) return null;
    const { clock, processes } = this.options;
    return new TurnRun({ job, request, directory, driver, previous: this.#previous(job), clock, processes });
  }

  /** The one that began the turn, whatever the configuration says by now. */
  #driverOf(job: Job): AgentDriver {
    const record = readLaunch(this.options.directories.job(job.id).turn(job.turn));
    if (record !== null) return begunDriver(job.agent, record);
    return this.options.catalog.driver(job.agent) ?? unknownDriver(job.agent);
  }

  #previous(job: Job): TurnOutcome | null {
    return readPreviousOutcome(this.options.directories.job(job.id), job);
  }

  /**
   * A turn that can be neither begun nor watched is tried again, but not for ever: what keeps it from that may pass (a
   * full disk), yet no turn lasts longer than its time limit; files that somebody has removed or replaced may come back
   * (a mount, a restored backup), but rarely do. One that is to end anyway is waited for less.
   */
  async #orEnd(job: Job, begin: () => Promise<void>): Promise<void> {
    try {
      await begin();
      this.#unwatchedSince.delete(job.id);
      this.#waits.delete(job.id);
    } catch (error) {
      const { store, clock, log, directories } = this.options;
      const directory = directories.job(job.id);
      directory.reopen();
      const since = this.#unwatchedSince.get(job.id) ?? clock.steady();
      this.#unwatchedSince.set(job.id, since);
      this.#waits.set(job.id, `the system: ${faultName(error) ?? messageOf(error)}`);
      const isAway = isTakenAway(error);
      const now = await store.get(job.id) ?? job;
      const isToEnd = isJobIn(now, "running") && now.state.stop !== null;
      const timeLimitMs = (readRequest(directory.turn(job.turn))?.timeout_seconds ?? 0) * 1000;
      const [patienceMs, patienceToEndMs] = isAway ? [OUT_OF_REACH_MS, 0] : [timeLimitMs, OUT_OF_REACH_MS];
      if (clock.steady() - since < (isToEnd ? patienceToEndMs : patienceMs)) throw error;
      log.error("a turn that cannot be watched is ended", { job: job.id, error: String(error) });
      this.#unwatchedSince.delete(job.id);
      this.#waits.delete(job.id);
      const text = `The turn could be neither begun nor watched for ${patienceMs / 1000} s: ${
        messageOf(error)
      }`;
      await this.#endUnwatched(now, isAway ? missingRequest() : spawnFailure(text));
    }
  }

  /** Ends what may still run of a turn that cannot be watched, then the turn, whatever becomes of its files. */
  async #endUnwatched(job: Job, failure: Failure): Promise<void> {
    const { processes, directories, log } = this.options;
    const { survivors } = await terminate({
      turn: directories.job(job.id).turn(job.turn),
      jobId: job.id,
      gracefulSignal: this.#driverOf(job).gracefulSignal,
      processes,
    });
    if (this.#isClosed) return;
    const outcome = this.#unbornOutcome(job, { failure, survivors, mayHaveRun: true });
    try {
      this.#writeDown(job, outcome);
    } catch (error) {
      log.error("the end of a turn is not in its files", { job: job.id, error: String(error) });
    }
    await this.options.conclude(job, outcome);
    this.options.onEvents(job.id);
  }

  /** Ends a turn whose process never came to be, for this failure or because it was stopped before. */
  async #endUnborn(job: Job, failure: Failure | null): Promise<void> {
    // The next daemon takes the turn up as the store has it, and may launch it.
    if (this.#isClosed) return;
    const outcome = this.#unbornOutcome(job, { failure, survivors: [] });
    this.#writeDown(job, outcome);
    await this.options.conclude(job, outcome);
    this.options.onEvents(job.id);
  }

  #unbornOutcome(job: Job, turn: Omit<UnbornTurn, "previous" | "at">): TurnOutcome {
    return unbornOutcome(job, {
      ...turn,
      previous: this.#previous(job),
      at: this.options.clock.now(),
    });
  }

  #writeDown(job: Job, outcome: TurnOutcome): void {
    const { verdict, survivors = [] } = outcome;
    ifOurs(() => {
      const run = this.#open(job, this.#driverOf(job));
      try {
        run?.output.say(endEvents(job.turn, { verdict, survivors, told: null }), "after");
      } finally {
        run?.close();
      }
    });
    writeOutcome(this.options.directories.job(job.id).turn(job.turn), outcome);
  }
}
