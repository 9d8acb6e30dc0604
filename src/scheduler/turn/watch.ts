/**
 * Room `scheduler`: sees one running turn through to its committed outcome: reads on, keeps the limits, ends it when
 * somebody or a limit wants that. A turn is over when its process is gone, its output is read to the end and the
 * outcome is committed, in that order.
 *
 * @module
 */
import { isJobIn, type Job } from "../../domain/job/job.ts";
import type { StopCause } from "../../domain/job/reason.ts";
import { transition } from "../../domain/job/transition.ts";
import type { TurnOutcome } from "../../domain/turn/turn.ts";
import { sweep, terminate, type Termination, untilWrapperLeaves } from "../../kernel/end/terminate.ts";
import type { JobStore } from "../../store/job_store.ts";
import type { Clock } from "../../system/clock.ts";
import { isTakenAway } from "../../system/files/files.ts";
import type { Log } from "../../system/log.ts";
import { pause } from "../../system/pause.ts";
import type { Processes } from "../../system/processes/processes.ts";
import type { ProcessMark, Youth } from "../../system/processes/young_pids.ts";
import type { Limits } from "../limits.ts";
import { persist } from "../persist.ts";
import type { Pulse, Sleep } from "../pulse.ts";
import { writeOutcome } from "./files.ts";
import { TurnJudgement } from "./judgement.ts";
import type { TurnRun } from "./run.ts";

/** Ms between two checks of a process that nothing has been heard of: the exit watch is much quicker. */
const LIVENESS_MS = 4_000;

/** Ms without output after which a turn counts as long silent. */
const SILENT_AFTER_MS = 10_000;

/** Ms after which a write or a commit that failed (a full disk) is tried again. */
const RETRY_MS = 1_000;

export interface TurnWatchOptions {
  store: JobStore;
  processes: Processes;
  clock: Clock;
  log: Log;
  limits: () => Limits;
  /** Commits the end of a turn with what follows it. */
  conclude: (job: Job, outcome: TurnOutcome) => Promise<void>;
  /** Whether a turn that its wrapper refused will be begun again; if so, somebody else sees to it from now on. */
  beginAgain?: (job: Job) => boolean;
  /** New events of a job can be read. */
  onEvents: (id: string) => void;
}

/** When a turn is looked at. */
export interface TurnBeat {
  pulse: Pulse;
  /** Whether somebody waits for the job: then it is looked at more often. */
  isAwaited: () => boolean;
  /** Ms, of the process when the watch begins. */
  ageMs: number;
  /** The moment just before the launch; `null` when another daemon launched it. */
  mark: ProcessMark | null;
}

export class TurnWatch {
  /** Resolves when the outcome is committed, or the watch was closed. */
  readonly ended: Promise<void>;
  #sleeping: Sleep | null = null;
  readonly #closed = new AbortController();
  #isOverdue = true;
  /** A report has come that is to be heeded when everything printed before it has been read. */
  #hasReport = false;
  /** Steady ms of the last look at the process itself. */
  #checkedAt = 0;
  /** Steady ms at which the process was begun. */
  readonly #bornAt: number;
  #termination: Promise<void> | null = null;
  readonly #judgement: TurnJudgement;
  /** Pids of what could not be ended. */
  #survivors: readonly number[] = [];

  constructor(readonly run: TurnRun, readonly options: TurnWatchOptions, private readonly beat: TurnBeat) {
    this.#judgement = new TurnJudgement(run);
    this.#bornAt = options.clock.steady() - beat.ageMs;
    this.ended = this.#seeThrough().finally(() => run.close());
  }

  /** Looks at the process at once: its exit record has appeared, or its wrapper has ended. */
  check(): void {
    this.#isOverdue = true;
    this.#sleeping?.wake();
  }

  /** The agent's work was reported as done: silence now means that its process only fails to leave. */
  reported(): void {
    this.#hasReport = true;
    this.#sleeping?.wake();
  }

  /** Stops watching; the turn goes on. */
  close(): void {
    this.#closed.abort();
    this.#sleeping?.wake();
  }

  /** Commits that the turn is to end, unless a cause is known already, and ends it. */
  async stop(cause: StopCause): Promise<void> {
    const { store, clock } = this.options;
    const { job: { id, turn }, output: { knownBytes: readBytes } } = this.run;
    await store.update(
      id,
      (job) =>
        isJobIn(job, "running") && job.turn === turn
          ? transition(job, { type: "stop", cause, readBytes, at: clock.now() })
          : job,
    );
    this.terminate(cause);
  }

  /**
   * Climbs the ladder from a polite signal to SIGKILL, once; without waiting where a flood would go on meanwhile. What
   * keeps it from that (no file descriptors) passes, and nobody would ask again.
   */
  terminate(cause?: StopCause): void {
    const { log } = this.options;
    this.#termination ??= persist(() => this.#climb(cause), {
      what: "end a turn",
      signal: this.#closed.signal,
      log,
      fields: { job: this.run.job.id },
    }).finally(() => this.check());
  }

  async #climb(cause?: StopCause): Promise<void> {
    const { run, options } = this;
    run.reopenFiles();
    const ended = await terminate({
      turn: run.files,
      jobId: run.job.id,
      gracefulSignal: run.options.driver.gracefulSignal,
      processes: options.processes,
      youth: this.#youth(),
      ...(cause === "output_limit" ? { graceMs: 0, termMs: 0 } : {}),
    });
    this.#take(ended);
  }

  #youth(): Youth | null {
    const { beat: { mark }, run } = this;
    const wrapper = mark === null ? null : run.process.identity();
    return mark === null || wrapper === null ? null : { mark, firstPid: wrapper.pid };
  }

  #take({ survivors }: Termination): void {
    this.#survivors = survivors;
    if (survivors.length === 0) return;
    this.options.log.error("processes survived", { job: this.run.job.id, pids: survivors });
  }

  async #seeThrough(): Promise<void> {
    while (!this.#closed.signal.aborted) {
      try {
        if (this.#looksOver()) {
          if (await this.#isToBeBegunAgain()) return;
          return await this.#finish();
        }
        const { added, more } = this.run.output.pump();
        if (added) this.options.onEvents(this.run.job.id);
        if (this.#hasReport && !more) {
          this.#hasReport = false;
          this.run.reported();
        }
        await this.#enforceLimits();
        if (more) await pause(0);
        else await this.#sleep();
      } catch (error) {
        this.options.log.error("cannot go on with a turn; trying again", {
          job: this.run.job.id,
          error: String(error),
        });
        if (isTakenAway(error)) this.run.reopenFiles();
        this.#isOverdue = true;
        await pause(RETRY_MS, this.#closed.signal);
      }
    }
  }

  #looksOver(): boolean {
    const now = this.options.clock.steady();
    const isTold = this.#isOverdue;
    if (!isTold && now - this.#checkedAt < LIVENESS_MS) return false;
    this.#isOverdue = false;
    this.#checkedAt = now;
    // Nobody has told of an end, and there is one who would: the usual answer, for a third of the cost.
    if (!isTold && this.run.process.liveness() === "alive") return false;
    return this.run.wrapper.isOver();
  }

  async #sleep(): Promise<void> {
    if (this.#closed.signal.aborted || this.#isOverdue) return;
    this.#sleeping = this.beat.pulse.sleep({
      eager: this.beat.isAwaited,
      silent: this.run.output.silence.ms > SILENT_AFTER_MS,
      hasNews: () => this.run.output.hasNews(),
    });
    await this.#sleeping.over;
  }

  async #enforceLimits(): Promise<void> {
    if (this.#termination !== null) return;
    const limits = this.options.limits();
    const cause = this.run.overLimit(limits, this.options.clock.steady() - this.#bornAt);
    if (cause !== null) return await this.stop(cause);
    if ((this.run.lingersMs ?? 0) > limits.exitGraceSeconds * 1000) {
      this.run.endGrace();
      this.terminate();
    }
  }

  /** Whether the turn was refused by its wrapper and is worth another one, which then begins it as if nothing had been. */
  async #isToBeBegunAgain(): Promise<boolean> {
    const { run, options } = this;
    if (this.#termination !== null || !await run.wrapper.wasRefused()) return false;
    const job = await options.store.get(run.job.id);
    if (job === null || !isJobIn(job, "running") || job.state.stop !== null || job.turn !== run.job.turn) {
      return false;
    }
    return options.beginAgain?.(job) ?? false;
  }

  async #finish(): Promise<void> {
    const { run, options } = this;
    run.reopenFiles();
    // A ladder that is under way finishes first: it looks for what the agent left behind. Without an exit record the
    // wrapper was killed, and its agent may go on.
    if (this.#termination !== null) {
      await this.#termination;
      // The next daemon ends it, and then sees to the rest.
      if (this.#closed.signal.aborted) return;
    } else if (run.process.exitRecord() === null) await this.#climb();
    else {
      await untilWrapperLeaves(run.process);
      this.#take(await sweep(run.job.id, options.processes, this.#youth()));
    }
    const job = await options.store.get(run.job.id);
    const stop = job !== null && isJobIn(job, "running") ? job.state.stop : null;
    if (stop?.cause === "output_limit") run.cutOutput(options.limits().outputBytes);
    const summary = job?.turn === run.job.turn ? job.summary : null;
    const outcome = await this.#judgement.finish({ stop, survivors: this.#survivors, summary });
    writeOutcome(run.files, outcome);
    await options.conclude(run.job, outcome);
    options.onEvents(run.job.id);
  }
}
