/**
 * Room `scheduler`: one running turn: its process, its output, what it has used so far and the limits that it keeps.
 *
 * @module
 */
import { resolve } from "node:path";
import type { AgentDriver } from "../../agents/driver.ts";
import type { Job } from "../../domain/job/job.ts";
import type { StopCause } from "../../domain/job/reason.ts";
import { addTotals, type Totals, type TurnOutcome, type TurnRequest } from "../../domain/turn/turn.ts";
import { UNKNOWN_USAGE, type Usage } from "../../domain/turn/usage.ts";
import type { JobDirectory } from "../../kernel/job_directory.ts";
import type { TurnDirectory } from "../../kernel/turn_directory.ts";
import { TurnProcess } from "../../kernel/turn_process.ts";
import type { Clock } from "../../system/clock.ts";
import { ClockJump } from "../../system/clock_jump.ts";
import { cutIfOurs, sizeIfOurs } from "../../system/files/files.ts";
import type { Processes } from "../../system/processes/processes.ts";
import type { Limits } from "../limits.ts";
import { type GraceEnd, graceEndOf, markGraceEnded } from "./files.ts";
import { TurnOutput } from "./output.ts";
import { WrapperLife } from "./wrapper_life.ts";

/** Ms between two looks at the size of a silent turn's output. */
const MEASURE_MS = 2_000;

export interface TurnRunOptions {
  job: Job;
  request: TurnRequest;
  directory: JobDirectory;
  driver: AgentDriver;
  /** The outcome of the turn before. */
  previous: TurnOutcome | null;
  clock: Clock;
  processes: Processes;
}

export class TurnRun {
  readonly process: TurnProcess;
  readonly wrapper: WrapperLife;
  readonly files: TurnDirectory;
  readonly output: TurnOutput;
  /** By what this daemon knew that the process had done its work, when it ended it because it stayed. */
  #graceEnd: GraceEnd | null = null;
  /** Steady ms of the newest report that the work is done. */
  #reportedAt: number | null = null;
  /** Since the turn began. */
  readonly #clockJump: ClockJump;
  /** Steady ms of the last comparison of the output with its limit. */
  #measuredAt = 0;

  constructor(readonly options: TurnRunOptions) {
    const { job, directory, driver, clock } = options;
    this.files = directory.turn(job.turn);
    this.process = new TurnProcess(this.files, options.processes);
    this.wrapper = new WrapperLife(this.files, { process: this.process, clock });
    this.output = new TurnOutput({
      turn: job.turn,
      rawFile: this.files.rawFile,
      errorFile: this.files.stderrFile,
      directory,
      clock,
      reader: driver.reader({
        sessionId: job.session_id,
        sessionUsage: sessionUsageBefore(options),
        startedAt: job.state.status === "running" ? job.state.since : clock.now(),
      }),
    });
    this.#clockJump = new ClockJump(clock);
  }

  /** The process has run for so long: what the clock was set by while no daemon watched counts as well. */
  hasRunFor(ageMs: number): void {
    const { job } = this;
    if (job.state.status === "running") this.#clockJump.since(job.state.since, ageMs);
  }

  get job(): Job {
    return this.options.job;
  }

  /** Ms by which the wall clock was set (back: below 0) since the turn began; `undefined` when it was not. */
  get clockJumpMs(): number | undefined {
    return this.#clockJump.ms;
  }

  /**
   * Steady ms for which the process has stayed although its work is done: since the agent's last word, else in silence
   * after a report; `null` while it works. Silence means nothing while a command or a model call is under way.
   */
  get lingersMs(): number | null {
    const { silence: { lingersMs, withoutEventMs }, underWay } = this.output;
    if (lingersMs !== null || this.#reportedAt === null) return lingersMs;
    return underWay.isKnown ? null : Math.min(withoutEventMs, this.options.clock.steady() - this.#reportedAt);
  }

  /** The work was reported as done, after everything that has been read so far. */
  reported(): void {
    this.#reportedAt = this.options.clock.steady();
    this.output.underWay.reported();
  }

  /** Totals of the job through what is known of this turn. */
  get totals(): Totals {
    return addTotals(this.options.previous?.totals ?? null, this.own);
  }

  /** What this turn has to show, as far as its agent tells. */
  get own(): Totals {
    const { driver: { tells }, job } = this.options;
    const { tally } = this.output;
    return {
      usage: tally.usage ?? UNKNOWN_USAGE,
      // Some agents name files as their model did, from the directory where they work.
      files_changed: tells?.files === false
        ? null
        : [...new Set([...tally.files].map((path) => resolve(job.cwd, path)))],
      commands_run: tells?.commands === false ? null : tally.commandsRun,
      commands_failed: tells?.commands === false ? null : tally.commandsFailed,
    };
  }

  /** What limit the turn has gone over, if any. */
  overLimit(limits: Limits, ageMs: number): StopCause | null {
    if (ageMs > this.options.request.timeout_seconds * 1000) return "timed_out";
    if (limits.stallSeconds !== null && this.output.silence.ms > limits.stallSeconds * 1000) return "stalled";
    return this.#isOverOutput(limits.outputBytes) ? "output_limit" : null;
  }

  /** Measured after output, and now and then for stderr, which is not read: silent turns are most of all. */
  #isOverOutput(limitBytes: number): boolean {
    const now = this.options.clock.steady();
    const hasGrown = this.output.takeGrowth();
    if (!hasGrown && now - this.#measuredAt < MEASURE_MS) return false;
    this.#measuredAt = now;
    const raw = hasGrown ? sizeIfOurs(this.files.rawFile) : this.output.readBytes;
    return raw + sizeIfOurs(this.files.stderrFile) > limitBytes;
  }

  /** As `JobDirectory.reopen`. */
  reopenFiles(): void {
    this.options.directory.reopen();
  }

  /** As {@link GraceEnd}, from an earlier daemon too; `null` when the process was not ended because it stayed. */
  get graceEnd(): GraceEnd | null {
    return this.#graceEnd ?? graceEndOf(this.files);
  }

  /** The process is told to leave because it stayed although its work is done; a later daemon knows it too. */
  endGrace(): void {
    this.#graceEnd = this.output.silence.lingersMs === null ? "report" : "last_word";
    markGraceEnded(this.files, this.#graceEnd);
  }

  /**
   * Gives back what was printed beyond `limitBytes` until its process was ended, unread: of a flood these are
   * gigabytes. The process must be gone.
   */
  cutOutput(limitBytes: number): void {
    const keep = { raw: Math.max(limitBytes, this.output.readBytes), stderr: limitBytes };
    cutIfOurs(this.files.rawFile, keep.raw);
    cutIfOurs(this.files.stderrFile, keep.stderr);
  }

  close(): void {
    this.output.close();
  }
}

/** What the session had used before this turn, as the agent counts; `null` for a new session. */
export function sessionUsageBefore({ job, previous }: TurnRunOptions): Usage | null {
  return job.session_id === null ? null : previous?.session_usage ?? null;
}
