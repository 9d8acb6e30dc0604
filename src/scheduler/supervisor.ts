/**
 * Room `scheduler`: supervises the running turns. It launches each, or adopts it from an earlier daemon, and watches it
 * until its outcome is committed.
 *
 * @module
 */
import { faultName } from "../domain/disk_fault.ts";
import { messageOf } from "../domain/errors.ts";
import type { JobId } from "../domain/job/ids.ts";
import { isJobIn, type Job } from "../domain/job/job.ts";
import type { StopCause } from "../domain/job/reason.ts";
import type { JobDirectories, TurnDirectory } from "../kernel/job_directories.ts";
import { launch } from "../kernel/launch.ts";
import { LaunchError } from "../kernel/launch_fault.ts";
import { turnAround } from "../kernel/turn_around.ts";
import type { ProcessRow } from "../system/processes/processes.ts";
import { isTakenAway } from "../system/files/files.ts";
import { Attention } from "./attention.ts";
import { Pulse } from "./pulse.ts";
import { isPassing, Refusals, refuseWithoutRoom } from "./turn/room_to_begin.ts";
import { Preparations } from "./turn/preparations.ts";
import { readyTurn } from "./turn/ready_turn.ts";
import { readOutcome, readRequest } from "./turn/files.ts";
import type { LaunchDependencies } from "./turn/launch.ts";
import { Launches } from "./turn/launches.ts";
import { beginRun, changesOf, driverOf, openRun, type OpenRunOptions } from "./turn/open_run.ts";
import type { TurnRun } from "./turn/run.ts";
import { Setbacks } from "./turn/setbacks.ts";
import { TurnWatch } from "./turn/watch.ts";
import type { TurnBeat, TurnWatchOptions } from "./turn/watch_options.ts";
import { missingRequest, spawnFailure } from "./turn/unborn_turn.ts";
import { UnrunTurns } from "./turn/unrun_turns.ts";

export interface SupervisorOptions
  extends LaunchDependencies, Omit<TurnWatchOptions, "catalog">, Pick<OpenRunOptions, "places"> {
  directories: JobDirectories;
  /** Launches the turn of a running job after a pause, and retries until that succeeds. */
  begin?: (job: Job) => void;
}

/** Ms of failures after which a turn is given up: when its files are missing, or when it is stopped anyway. */
const OUT_OF_REACH_MS = 20_000;

export class Supervisor {
  #watches = new Map<JobId, TurnWatch>();
  #pulse = new Pulse();
  /** Turn number by job, of turns that were reported as done before their watch began. */
  #earlyReports = new Map<JobId, number>();
  readonly #attention = new Attention(() => this.#pulse.hurry());
  #isClosed = false;
  readonly #setbacks: Setbacks;
  readonly #refusals = new Refusals();
  readonly #launches = new Launches();
  readonly #unrun: UnrunTurns;
  /** Launches that are prepared while their turns are committed. */
  readonly preparations: Preparations;

  constructor(readonly options: SupervisorOptions) {
    this.preparations = new Preparations(options);
    this.#setbacks = new Setbacks(options.clock);
    this.#unrun = new UnrunTurns(options, () => this.#isClosed);
  }

  /** The watched turn of a job; `null` when none is watched. The watch owns it and closes it. */
  run(id: JobId): TurnRun | null {
    return this.#watches.get(id)?.run ?? null;
  }

  /** The job that the first of these processes belongs to that belongs to any: by wrapper session, wrapper or agent. */
  jobAround(ancestry: readonly ProcessRow[]): JobId | null {
    const runs = [...this.#watches].flatMap(([id, w]) => w.run.wrappers.map((wrapper) => ({ id, wrapper })));
    return turnAround(ancestry, runs)?.id ?? null;
  }

  /** Bytes of the present turn's output that have been read, by an earlier daemon too; 0 for an unwatched turn. */
  knownBytes(job: Job): number {
    const run = this.run(job.id);
    return run?.job.turn === job.turn ? run.output.knownBytes : 0;
  }

  /** What keeps a running job's turn from being begun or watched; `undefined` when nothing does. */
  readonly waitsFor = (id: JobId): string | undefined => this.#setbacks.waitsFor(id);

  /** Starts the process of a job that has been committed as running; does nothing for a turn that is begun already. */
  async launch(accepted: Job): Promise<void> {
    if (this.#isClosed || this.run(accepted.id)?.job.turn === accepted.turn) return;
    await this.#launches.once(accepted, () => this.#orEnd(accepted, () => this.#launch(accepted)));
  }

  /** Watches a turn that an earlier daemon launched. Launches it when no process ever began it. */
  async adopt(job: Job): Promise<void> {
    if (this.#watches.has(job.id) || this.#isClosed) return;
    await this.#orEnd(job, () => this.#adopt(job));
  }

  async #launch(accepted: Job): Promise<void> {
    const preparation = this.preparations.take(accepted);
    const job = await this.options.store.get(accepted.id) ?? accepted;
    if (!isJobIn(job, "running") || job.turn !== accepted.turn) return;
    if (job.state.stop !== null) return await this.#unrun.endUnborn(job, null);
    refuseWithoutRoom(this.options.directories.job(job.id).path);
    const isClosed = () => this.#isClosed;
    const ready = await preparation ?? await readyTurn(job, { ...this.options, isClosed });
    if (ready.kind === "left") return this.#isClosed ? undefined : await this.#launch(job);
    if (ready.kind === "failed") return await this.#unrun.endUnborn(job, ready.failure);
    const { asked, prepared } = ready;
    if (prepared.talk === null) await changesOf(job, this.options)?.before(isClosed);
    // No await from here to the watch: a daemon that leaves must not write to the turn's files beside its successor.
    if (this.#isClosed) return;
    const run = openRun(job, asked.request, prepared, { ...this.options, isNew: true });
    try {
      beginRun(run, asked, prepared);
      const mark = this.options.processes.mark?.() ?? null;
      const child = launch(prepared.launch);
      const watch = this.#watch(run, { ageMs: 0, mark });
      run.wrapper.launched(child.status);
      child.status.catch(() => {}).finally(() => watch.check());
    } catch (error) {
      run.close();
      if (!(error instanceof LaunchError) || isPassing(error)) throw error;
      await this.#unrun.endUnborn(job, spawnFailure(error.message, error.hint));
    }
  }

  async #adopt(job: Job): Promise<void> {
    const directory = this.options.directories.job(job.id);
    directory.reopen();
    const turn = directory.turn(job.turn);
    const judged = readOutcome(turn);
    if (judged !== null) return await this.options.conclude(job, judged);
    const request = readRequest(turn);
    if (request === null) return await this.#unrun.endUnwatched(job, missingRequest());
    const run = openRun(job, request, driverOf(job, this.options), this.options);
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
    // The age of a process that is gone is unknown, and so is how far the clock was set while no daemon watched.
    if (ageMs !== null) run.hasRunFor(ageMs);
    const watch = this.#watch(run, { ageMs: ageMs ?? 0, mark: null });
    this.options.log.info("adopted a turn", { job: job.id, turn: job.turn });
    if (job.summary !== null) watch.reported();
    if (isJobIn(job, "running") && job.state.stop !== null) watch.terminate(job.state.stop.cause);
  }

  /** Ends a running turn whose stop is committed. Resolves when its outcome is committed or the watch is closed. */
  async end(id: JobId, cause: StopCause): Promise<void> {
    const watch = this.#watches.get(id);
    watch?.terminate(cause);
    await watch?.ended;
  }

  /** To be called when a running turn was reported as done and the report is committed. */
  reported(id: JobId, turn: number): void {
    const watch = this.#watches.get(id);
    if (watch?.run.job.turn === turn) watch.reported();
    else this.#earlyReports.set(id, turn);
  }

  /** To be called when the exit record of a turn has appeared. */
  exited(id: JobId, turn: number): void {
    const watch = this.#watches.get(id);
    if (watch?.run.job.turn === turn) watch.check();
  }

  /**
   * Marks a job as awaited by a caller until the returned function is called: its output is polled more often. May be
   * called before its turn is launched.
   */
  attend(id: JobId): () => void {
    return this.#attention.add(id);
  }

  /** Stops watching all turns. Their processes go on for the next daemon to adopt. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const watches = [...this.#watches.values()];
    for (const watch of watches) watch.close();
    await Promise.allSettled(watches.map((watch) => watch.ended));
  }

  #watch(run: TurnRun, start: Pick<TurnBeat, "ageMs" | "mark">): TurnWatch {
    const { id } = run.job;
    const options = { ...this.options, beginAgain: (job: Job) => this.#beginAgain(job, run.files) };
    const watch = new TurnWatch(run, options, {
      pulse: this.#pulse,
      isAwaited: () => this.#attention.has(id),
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

  /** Whether a turn that its wrapper refused is launched again: while the system lacks room, else a few times. */
  #beginAgain(job: Job, files: TurnDirectory): boolean {
    const { begin, log, clock } = this.options;
    const timeLimitMs = (readRequest(files)?.timeout_seconds ?? 0) * 1000;
    const why = this.#refusals.next(job, { files, now: clock.steady(), timeLimitMs });
    if (begin === undefined || why === null || this.#isClosed) return false;
    log.error("the wrapper of a turn refused it; trying again", { job: job.id, error: why });
    files.release();
    this.#setbacks.waits(job.id, why);
    begin(job);
    return true;
  }

  /**
   * Runs `begin`. Throws its failure, for a retry, but ends the turn when it has failed for too long. Most failures
   * pass (a full disk): they get the turn's time limit, or less when it is stopped. Files that were removed or replaced
   * may come back (a mount, a restored backup) but rarely do: they get less, and none when it is stopped.
   */
  async #orEnd(job: Job, begin: () => Promise<void>): Promise<void> {
    try {
      await begin();
      this.#setbacks.forget(job.id);
    } catch (error) {
      const { store, log, directories } = this.options;
      const directory = directories.job(job.id);
      directory.reopen();
      this.#setbacks.failed(job.id, faultName(error) ?? messageOf(error));
      const isAway = isTakenAway(error);
      const now = await store.get(job.id) ?? job;
      const isToEnd = isJobIn(now, "running") && now.state.stop !== null;
      const timeLimitMs = (readRequest(directory.turn(job.turn))?.timeout_seconds ?? 0) * 1000;
      const [patienceMs, patienceToEndMs] = isAway ? [OUT_OF_REACH_MS, 0] : [timeLimitMs, OUT_OF_REACH_MS];
      if (this.#setbacks.failingMs(job.id) < (isToEnd ? patienceToEndMs : patienceMs)) throw error;
      log.error("a turn that cannot be watched is ended", { job: job.id, error: String(error) });
      this.#setbacks.forget(job.id);
      const text = `The turn could be neither begun nor watched for ${patienceMs / 1000} s: ${
        messageOf(error)
      }`;
      await this.#unrun.endUnwatched(now, isAway ? missingRequest() : spawnFailure(text));
    }
  }
}
