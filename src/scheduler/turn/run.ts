/**
 * Room `scheduler`: one running turn: its process, its output, the limits that it keeps and the outcome that it has.
 *
 * @module
 */
import { resolve } from "node:path";
import type { AgentDriver } from "../../agents/driver.ts";
import type { EventBody } from "../../domain/event/event.ts";
import type { Job } from "../../domain/job/job.ts";
import { doubtsOf } from "../../domain/turn/doubts.ts";
import { endEvents, judge } from "../../domain/turn/outcome.ts";
import type { StopCause } from "../../domain/job/reason.ts";
import type { Tally } from "../../domain/turn/tally.ts";
import {
  addTotals,
  type Failure,
  type ProcessEnd,
  type Stop,
  type Totals,
  type TurnOutcome,
  type TurnRequest,
  type Verdict,
} from "../../domain/turn/turn.ts";
import { UNKNOWN_USAGE, type Usage } from "../../domain/turn/usage.ts";
import type { JobDirectory } from "../../kernel/job_directory.ts";
import type { TurnDirectory } from "../../kernel/turn_directory.ts";
import { WRAPPER_REFUSED } from "../../kernel/wrapper/turn_wrapper.ts";
import { TurnProcess } from "../../kernel/turn_process.ts";
import type { Clock } from "../../system/clock.ts";
import { ClockJump } from "../../system/clock_jump.ts";
import { cutIfOurs, readTail, sizeIfOurs } from "../../system/files/files.ts";
import { pause } from "../../system/pause.ts";
import type { Processes } from "../../system/processes/processes.ts";
import { readEnvironment } from "./accepted_turn.ts";
import type { Limits } from "../limits.ts";
import { usageInRecord } from "./session_record.ts";
import { type GraceEnd, graceEndOf, markGraceEnded, readLaunch } from "./files.ts";
import { TurnOutput } from "./output.ts";
import { within } from "../../system/deadline.ts";

/** Bytes of stderr that a diagnosis and a person get. */
const STDERR_TAIL_BYTES = 8 * 1024;

/** Ms that a wrapper may take from its launch to its pid file; a busy machine needs a few. */
const BIRTH_LIMIT_MS = 10_000;

/** Ms in which a turn that our wrapper has left unborn may still turn out to be another wrapper's. */
const RIVAL_LIMIT_MS = 2_000;

/** Ms that the system may take to tell how a wrapper has ended that is gone. */
const STATUS_MS = 1_000;

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
  readonly files: TurnDirectory;
  readonly #output: TurnOutput;
  /** After what the process was ended because it stayed. */
  #graceEnd: GraceEnd | null = null;
  /** Steady ms of the newest report that the work is done. */
  #reportedAt: number | null = null;
  /** Steady ms. */
  readonly #opened: number;
  /** Since the turn began. */
  readonly #clockJump: ClockJump;
  /** When the wrapper that this daemon launched has ended. */
  #wrapperEndedAt: number | null = null;
  /** How the wrapper that this daemon launched ends; `null` for an adopted turn. */
  #wrapper: Promise<unknown> | null = null;
  /** Steady ms of the last comparison of the output with its limit. */
  #measuredAt = 0;
  /** Passed once: what has been said of the turn's end stays true. */
  #verdict: Verdict | null = null;

  constructor(readonly options: TurnRunOptions) {
    const { job, directory, driver, clock } = options;
    this.files = directory.turn(job.turn);
    this.process = new TurnProcess(this.files, options.processes);
    this.#output = new TurnOutput({
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
    this.#opened = clock.steady();
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

  get tally(): Tally {
    return this.#output.tally;
  }

  /** What the agent is at. One that prints what makes no event yet has started all the same. */
  get activity(): string {
    const { activity } = this.tally;
    return activity === "starting" && this.#output.readBytes > 0 ? "writing" : activity;
  }

  get cursor(): number {
    return this.#output.lastSeq;
  }

  get lastEventAt(): number | null {
    return this.#output.lastEventAt;
  }

  /** Steady ms since the agent last printed something. */
  get silentMs(): number {
    return this.#output.silentMs;
  }

  /** Ms by which the wall clock was set (back: below 0) since the turn began; `undefined` when it was not. */
  get clockJumpMs(): number | undefined {
    return this.#clockJump.ms;
  }

  /** As {@link TurnOutput.knownBytes}. */
  get knownBytes(): number {
    return this.#output.knownBytes;
  }

  /**
   * Steady ms for which the process has stayed although its work is done: since the agent's last word, else in silence
   * after a report; `null` while it works. Silence means nothing while a command or a model call is under way.
   */
  get lingersMs(): number | null {
    const { lingersMs, underWay, quietMs } = this.#output;
    if (lingersMs !== null || this.#reportedAt === null) return lingersMs;
    return underWay.isKnown ? null : Math.min(quietMs, this.options.clock.steady() - this.#reportedAt);
  }

  /** The work was reported as done, after everything that has been read so far. */
  reported(): void {
    this.#reportedAt = this.options.clock.steady();
    this.#output.underWay.reported();
  }

  /** Totals of the job through what is known of this turn. */
  get totals(): Totals {
    return addTotals(this.options.previous?.totals ?? null, this.#own);
  }

  /** What this turn has to show, as far as its agent tells. */
  get #own(): Totals {
    const { driver: { tells }, job } = this.options;
    const { tally } = this;
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

  get result(): string | null {
    const word = this.#output.lastWord?.word;
    const result = word?.ok === true ? word.result : undefined;
    return result === undefined || result.trim() === "" ? this.tally.lastMessage : result;
  }

  get possiblyTruncated(): boolean {
    return this.#output.skippedBytes > 0;
  }

  /** As {@link TurnOutput.say}. */
  say(events: readonly EventBody[], place: "before" | "after"): void {
    this.#output.say(events, place);
  }

  /** As {@link TurnOutput.hasNews}. */
  hasNews(): boolean {
    return this.#output.hasNews();
  }

  /** As {@link TurnOutput.pump}. */
  pump(): { added: boolean; more: boolean } {
    return this.#output.pump();
  }

  /** What limit the turn has gone over, if any. */
  overLimit(limits: Limits, ageMs: number): StopCause | null {
    if (ageMs > this.options.request.timeout_seconds * 1000) return "timed_out";
    if (limits.stallSeconds !== null && this.silentMs > limits.stallSeconds * 1000) return "stalled";
    return this.#isOverOutput(limits.outputBytes) ? "output_limit" : null;
  }

  /** Measured after output, and now and then for stderr, which is not read: silent turns are most of all. */
  #isOverOutput(limitBytes: number): boolean {
    const now = this.options.clock.steady();
    const hasGrown = this.#output.takeGrowth();
    if (!hasGrown && now - this.#measuredAt < MEASURE_MS) return false;
    this.#measuredAt = now;
    const raw = hasGrown ? sizeIfOurs(this.files.rawFile) : this.#output.readBytes;
    return raw + sizeIfOurs(this.files.stderrFile) > limitBytes;
  }

  /** Whether nothing of the turn runs any more, so that it can be finished. */
  isOver(): boolean {
    if (this.process.exitRecord() !== null) return true;
    const liveness = this.process.liveness();
    if (liveness === "alive") return false;
    if (liveness === "gone") return true;
    const now = this.options.clock.steady();
    // A wrapper of an earlier daemon may have claimed the turn an instant ago: ours then leaves at once.
    return (this.#wrapperEndedAt !== null && now - this.#wrapperEndedAt > RIVAL_LIMIT_MS) ||
      now - this.#opened > BIRTH_LIMIT_MS;
  }

  /** As `JobDirectory.reopen`. */
  reopenFiles(): void {
    this.options.directory.reopen();
  }

  /** The process is told to leave because it stayed although its work is done; a later daemon knows it too. */
  endGrace(): void {
    this.#graceEnd = this.#output.lingersMs === null ? "report" : "last_word";
    markGraceEnded(this.files, this.#graceEnd);
  }

  /** This daemon has launched the wrapper; `status` tells how it ended. */
  launched(status: Promise<unknown>): void {
    this.#wrapper = status.catch(() => null).then((status) => {
      this.#wrapperEndedAt = this.options.clock.steady();
      return status;
    });
  }

  /** Whether the wrapper refused the turn (there was no room for its files), and nobody else has claimed it. */
  async wasRefused(): Promise<boolean> {
    if (this.#wrapper === null) return false;
    // It has ended, which the files say sooner than the system.
    const status = await within(STATUS_MS, this.#wrapper);
    return isRefusal(status) && this.process.identity() === null && this.process.exitRecord() === null &&
      sizeIfOurs(this.files.rawFile) === 0 && this.files.wrapper.isHeld(this.files.aliveFile) !== true;
  }

  /**
   * Gives back what was printed beyond `limitBytes` until its process was ended, unread: of a flood these are
   * gigabytes. The process must be gone.
   */
  cutOutput(limitBytes: number): void {
    const keep = { raw: Math.max(limitBytes, this.#output.readBytes), stderr: limitBytes };
    cutIfOurs(this.files.rawFile, keep.raw);
    cutIfOurs(this.files.stderrFile, keep.stderr);
  }

  /**
   * Reads what is left and judges; the process must be gone. May be called again when the disk was full.
   *
   * @param options.survivors pids of what could not be ended
   * @param options.summary with which the work was reported as done; `null` when it was not
   */
  async finish(
    { stop, survivors, summary }: {
      stop: Stop | null;
      survivors: readonly number[];
      summary: string | null;
    },
  ): Promise<TurnOutcome> {
    const { job, driver, clock } = this.options;
    while (this.pump().more) await pause(0);
    this.#output.drain();
    const code = this.process.exitRecord();
    const processEnd: ProcessEnd = code === null ? { kind: "vanished" } : { kind: "exited", code };
    const stderr = readTail(this.files.stderrFile, STDERR_TAIL_BYTES);
    const startedAt = job.state.status === "running" ? job.state.since : clock.now();
    const graceEnd = this.#graceEnd ?? graceEndOf(this.files);
    const verdict = this.#verdict ?? judge({
      end: processEnd,
      terminal: this.#output.lastWord,
      stop,
      endedAfterGrace: graceEnd !== null,
      wasReported: summary !== null,
      diagnosis: this.#neverBorn() ?? driver.diagnose({ end: processEnd, stderr, startedAt }),
      stderrTail: lastLinesOf(driver.withoutChatter?.(stderr) ?? stderr),
    });
    if (this.#verdict === null) {
      // Before it is said: what cannot be written down now is written by the next attempt.
      this.#verdict = verdict;
      const refusals = driver.refusals?.(stderr) ?? [];
      const used = this.tally.usage !== null ? [] : usageInRecord({
        driver,
        sessionId: this.tally.sessionId ?? job.session_id,
        env: readEnvironment(this.files) ?? {},
        startedAt,
        before: sessionUsageBefore(this.options),
      });
      this.say([
        ...used,
        ...endEvents(job.turn, { verdict, survivors, refusals, told: this.tally.lastError }),
      ], "after");
    }
    const { clockJumpMs, tally, result } = this;
    const { files = true, commands = true } = driver.tells ?? {};
    const evidence = { tally, result, policy: job.approval_policy, tellsAll: files && commands };
    const doubts = doubtsOf(verdict, evidence);
    return {
      turn: job.turn,
      agent: job.agent,
      verdict,
      // One that we ended after its report says nothing of its own by its exit code.
      exit_code: graceEnd === "report" && verdict.status === "done" ? null : code,
      started_at: startedAt,
      finished_at: clock.now(),
      ...(clockJumpMs === undefined ? {} : { clock_jump_ms: clockJumpMs }),
      result: this.result ?? (verdict.status === "done" && summary !== "" ? summary : null),
      session_id: this.tally.sessionId ?? job.session_id,
      model: this.tally.model ?? readLaunch(this.files)?.model ?? null,
      // A turn that ended without a count leaves the next one to subtract what the turn before had reported.
      session_usage: this.tally.sessionUsage ?? sessionUsageBefore(this.options),
      own: this.#own,
      totals: this.totals,
      changed_files: this.tally.files.size > 0,
      possibly_truncated: this.possiblyTruncated || this.#output.lastWord === null ||
        stop?.cause === "output_limit",
      ...(doubts.length === 0 ? {} : { doubts }),
      ...(survivors.length === 0 ? {} : { survivors: [...survivors] }),
    };
  }

  close(): void {
    this.#output.close();
  }

  #neverBorn(): Failure | null {
    if (this.process.exitRecord() !== null || this.process.liveness() !== "unborn") return null;
    return {
      reason: "spawn_failed",
      message: "The process that runs the agent did not start",
      hint: "Check free disk space and process limits (`agent-async doctor`), then start the job again.",
      retry_at: null,
    };
  }
}

function isRefusal(status: unknown): boolean {
  return typeof status === "object" && status !== null && "code" in status && status.code === WRAPPER_REFUSED;
}

/** What the session had used before this turn, as the agent counts; `null` for a new session. */
function sessionUsageBefore({ job, previous }: TurnRunOptions): Usage | null {
  return job.session_id === null ? null : previous?.session_usage ?? null;
}

const STDERR_LINES = 5;

function lastLinesOf(text: string): string {
  return text.trimEnd().split("\n").slice(-STDERR_LINES).join("\n");
}
