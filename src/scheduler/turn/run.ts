/**
 * Room `scheduler`: one running turn: its process, its output, its usage so far and whether it is over a limit.
 *
 * @module
 */
import { resolve } from "node:path";
import { gracefulSignalOf, type LiveTalk } from "../../agents/begun_driver.ts";
import type { AgentDriver } from "../../agents/driver.ts";
import type { ReaderContext } from "../../agents/turn_reader.ts";
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
import { isWithin } from "../../system/files/within.ts";
import type { Processes, ProcessIdentity } from "../../system/processes/processes.ts";
import type { Limits } from "../limits.ts";
import type { DiskChange, TurnChanges } from "./changes/turn_changes.ts";
import type { Conversation } from "../talk/conversation.ts";
import { openTalk } from "../talk/open_talk.ts";
import { type GraceEnd, graceEndOf, markGraceEnded } from "./files.ts";
import { TurnOutput } from "./output.ts";
import { type Where, whereOf } from "./where.ts";
import { WrapperLife } from "./wrapper_life.ts";

/** Ms between two checks of the output's size while stdout does not grow. */
const MEASURE_MS = 2_000;

export interface TurnRunOptions {
  job: Job;
  request: TurnRequest;
  directory: JobDirectory;
  driver: AgentDriver;
  /** The outcome of the turn before; `null` for a job's first. */
  previous: TurnOutcome | null;
  /** What the talk of a two-way turn is made from; `null` for a one-way turn. */
  talk: LiveTalk | null;
  clock: Clock;
  processes: Processes;
  /** Tells what the turn changes on disk; `null` for one that may not write. */
  changes?: TurnChanges | null;
  /** Where the turn works; by default in the job's own directory. */
  where?: Where;
}

export class TurnRun {
  readonly process: TurnProcess;
  readonly wrapper: WrapperLife;
  readonly files: TurnDirectory;
  readonly output: TurnOutput;
  /** What the turn changed on disk; `null` until it has ended, and where no snapshots tell. */
  disk: DiskChange | null = null;
  /** How the turn ended; `null` until that is written down. */
  outcome: TurnOutcome | null = null;
  /** The talk with its agent; `null` in a one-way turn. */
  readonly live: Conversation | null = null;
  /** The process of the check that runs on the turn's work; `null` while none does. */
  checking: TurnProcess | null = null;
  /** Set when this daemon ended the process for staying after its work: how it knew that the work was done. */
  #graceEnd: GraceEnd | null = null;
  /** Steady ms of the newest report that the work is done. */
  #reportedAt: number | null = null;
  /** By how much the wall clock was set since the turn began. */
  readonly #clockJump: ClockJump;
  /** Steady ms of the last comparison of the output with its limit. */
  #measuredAt = 0;

  constructor(readonly options: TurnRunOptions) {
    const { job, directory, driver, clock } = options;
    this.files = directory.turn(job.turn);
    this.process = new TurnProcess(this.files, options.processes);
    this.wrapper = new WrapperLife(this.files, { process: this.process, clock });
    const source = {
      turn: job.turn,
      rawFile: this.files.rawFile,
      errorFile: this.files.stderrFile,
      directory,
      clock,
    };
    if (options.talk === null) {
      this.output = new TurnOutput({ ...source, reader: driver.reader(readerContext(options)) });
    } else {
      const { output, conversation } = openTalk(source, options.talk, { ...options, run: this });
      this.output = output;
      this.live = conversation;
    }
    this.#clockJump = new ClockJump(clock);
  }

  /** Tells the age of an adopted process, so that clock changes while no daemon watched are counted, too. */
  hasRunFor(ageMs: number): void {
    const { job } = this;
    if (job.state.status === "running") this.#clockJump.since(job.state.since, ageMs);
  }

  get job(): Job {
    return this.options.job;
  }

  /** The signal upon which the agent ends in order. */
  get gracefulSignal(): "SIGINT" | "SIGTERM" {
    return gracefulSignalOf(this.options.driver, this.options.talk);
  }

  /** Where the turn works. */
  get where(): Where {
    return this.options.where ?? whereOf(this.job, undefined);
  }

  /** The wrappers of the turn and of its check, as far as they are known. */
  get wrappers(): readonly (ProcessIdentity | null)[] {
    return [this.process.identity(), this.checking?.identity() ?? null];
  }

  /** Ms by which the wall clock was set since the turn began, below 0 for back; `undefined` when it was not set. */
  get clockJumpMs(): number | undefined {
    return this.#clockJump.ms;
  }

  /**
   * Ms for which the process has stayed although its work is done; `null` while it works. They count from the agent's
   * last word, else from the last event after a report. They do not count while a command or model call is under way.
   */
  get lingersMs(): number | null {
    const { silence: { lingersMs, withoutEventMs }, underWay } = this.output;
    // A two-way agent may have said a last word and go on with a task of its own, and its talk knows.
    if (this.live?.isOver === false && this.#reportedAt === null) return null;
    if (lingersMs !== null || this.#reportedAt === null) return lingersMs;
    return underWay.isKnown ? null : Math.min(withoutEventMs, this.options.clock.steady() - this.#reportedAt);
  }

  /** To be called when the work was reported as done and all output printed before the report has been read. */
  reported(): void {
    this.#reportedAt = this.options.clock.steady();
    this.output.underWay.reported();
  }

  /** Totals of the job over its earlier turns and this one so far. */
  get totals(): Totals {
    return addTotals(this.options.previous?.totals ?? null, this.own);
  }

  /** Totals of this turn alone; `null` for what its agent does not report. */
  get own(): Totals {
    const { driver: { tells } } = this.options;
    const { tally } = this.output;
    return {
      usage: tally.usage ?? UNKNOWN_USAGE,
      files_changed: this.#filesChanged(),
      commands_run: tells?.commands === false ? null : tally.commandsRun,
      commands_failed: tells?.commands === false ? null : tally.commandsFailed,
      ...(this.disk === null
        ? {}
        : { lines_added: this.disk.linesAdded, lines_removed: this.disk.linesRemoved }),
    };
  }

  /**
   * Looks at what the turn changed on disk; its processes must be gone.
   * @returns why that is not known; `undefined` where it is, and for a turn that may not write
   */
  async seeChanges(): Promise<string | undefined> {
    const change = await this.options.changes?.after(this.#filesTold);
    if (change?.kind === "known") this.disk = change.disk;
    return change?.kind === "none" ? change.reason : undefined;
  }

  /** What changed on disk, as far as snapshots reach; else what the agent has told. `null`: neither is known. */
  #filesChanged(): string[] | null {
    const { driver: { tells } } = this.options;
    const told = this.#filesTold;
    if (this.disk === null) return tells?.files === false ? null : [...new Set(told)];
    const outside = told.filter((path) => !isWithin(path, this.where.root));
    return [...new Set([...this.disk.files, ...this.disk.ignored, ...outside])];
  }

  /** As the agent tells them; some report paths relative to their working directory. */
  get #filesTold(): string[] {
    return [...this.output.tally.files].map((path) => resolve(this.where.cwd, path));
  }

  /** The first limit that the turn is over; `null` for none. @param ageMs ms for which its process has run */
  overLimit(limits: Limits, ageMs: number): StopCause | null {
    const limitMs = this.options.request.timeout_seconds * 1000;
    const { stillMs = 0, open = [] } = this.live ?? {};
    if (ageMs - stillMs > limitMs || ageMs > limitMs + limits.questionSeconds * 1000) return "timed_out";
    const isStalled = limits.stallSeconds !== null && this.output.silence.ms > limits.stallSeconds * 1000;
    if (isStalled && open.length === 0 && this.live?.prompt.isWithheld !== true) return "stalled";
    return this.#isOverOutput(limits.outputBytes) ? "output_limit" : null;
  }

  /** Checks the size when stdout has grown, else every {@link MEASURE_MS}, since stderr may grow unread. */
  #isOverOutput(limitBytes: number): boolean {
    const now = this.options.clock.steady();
    const hasGrown = this.output.takeGrowth();
    if (!hasGrown && now - this.#measuredAt < MEASURE_MS) return false;
    this.#measuredAt = now;
    const raw = hasGrown ? sizeIfOurs(this.files.rawFile) : this.output.readBytes;
    return raw + sizeIfOurs(this.files.stderrFile) > limitBytes;
  }

  /** How the work was known to be done, when the process was ended for staying after it; else `null`. */
  get graceEnd(): GraceEnd | null {
    return this.#graceEnd ?? graceEndOf(this.files);
  }

  /** Records, also on disk for a later daemon, that the process is ended for staying after its work was done. */
  endGrace(): void {
    this.#graceEnd = this.output.silence.lingersMs === null ? "report" : "last_word";
    markGraceEnded(this.files, this.#graceEnd);
  }

  /**
   * Cuts output files down to `limitBytes` each, but keeps all stdout that was read: a flood may have printed gigabytes
   * before its process was ended. The process must be gone.
   */
  cutOutput(limitBytes: number): void {
    const keep = { raw: Math.max(limitBytes, this.output.readBytes), stderr: limitBytes };
    cutIfOurs(this.files.rawFile, keep.raw);
    cutIfOurs(this.files.stderrFile, keep.stderr);
  }

  close(): void {
    this.live?.close();
    this.output.close();
  }
}

function readerContext(options: TurnRunOptions): ReaderContext {
  const { job, clock } = options;
  return {
    sessionId: job.session_id,
    sessionUsage: sessionUsageBefore(options),
    startedAt: job.state.status === "running" ? job.state.since : clock.now(),
  };
}

/** What the session had used before this turn, as the agent counts; `null` for a new session. */
export function sessionUsageBefore({ job, previous }: TurnRunOptions): Usage | null {
  return job.session_id === null ? null : previous?.session_usage ?? null;
}
