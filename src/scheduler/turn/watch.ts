/**
 * Room `scheduler`: watches one running turn until its outcome is committed. It reads the output, enforces the limits
 * and ends the turn on request. A turn is over when its process is gone, its output is read to the end and the outcome
 * is committed, in that order.
 *
 * @module
 */
import { isJobIn } from "../../domain/job/job.ts";
import type { StopCause } from "../../domain/job/reason.ts";
import type { TurnOutcome } from "../../domain/turn/turn.ts";
import { isTakenAway } from "../../system/files/files.ts";
import { pause } from "../../system/pause.ts";
import { yieldToOthers } from "../../system/yielding/yield_to_others.ts";
import { persist } from "../persist.ts";
import type { Sleep } from "../pulse.ts";
import { commitStop, type StopReason } from "./commit_stop.ts";
import { writeOutcome } from "./files.ts";
import { TurnCheck } from "./check/turn_check.ts";
import { TurnJudgement } from "./judgement.ts";
import { TalkWatch } from "../talk/talk_watch.ts";
import { TurnEnding } from "./turn_ending.ts";
import type { TurnRun } from "./run.ts";
import type { TurnBeat, TurnWatchOptions } from "./watch_options.ts";

/** Poll interval in ms of the process itself. Usually the exit watch reports the end of a process much sooner. */
const LIVENESS_MS = 4_000;

/** Ms without output after which a turn's output is polled less often. */
const SILENT_AFTER_MS = 3_000;

/** Ms before a failed write or commit is retried, as on a full disk. */
const RETRY_MS = 1_000;

export class TurnWatch {
  /** Resolves when the outcome is committed, or the watch was closed. */
  readonly ended: Promise<void>;
  #sleeping: Sleep | null = null;
  /** Number of the newest event that was told. */
  #toldSeq = 0;
  readonly #closed = new AbortController();
  #isOverdue = true;
  /** Whether the work was reported as done. It takes effect when all output printed before it has been read. */
  #hasReport = false;
  /** Steady ms of the last check of the process itself. */
  #checkedAt = 0;
  /** Steady ms at which the process was begun. */
  readonly #bornAt: number;
  #termination: Promise<void> | null = null;
  readonly #judgement: TurnJudgement;
  readonly #check: TurnCheck;
  readonly #talk: TalkWatch | null = null;
  readonly #ending: TurnEnding;

  constructor(readonly run: TurnRun, readonly options: TurnWatchOptions, private readonly beat: TurnBeat) {
    this.#judgement = new TurnJudgement(run);
    const { signal } = this.#closed;
    this.#ending = new TurnEnding(run, { ...options, beat, signal });
    this.#check = new TurnCheck(run, { ...options, signal, youth: () => this.#ending.youth() });
    this.#bornAt = options.clock.steady() - beat.ageMs;
    if (run.live !== null) {
      this.#talk = new TalkWatch(run, run.live, options);
      run.live.onInput = () => this.#sleeping?.wake();
    }
    this.ended = this.#seeThrough().finally(() => run.close());
  }

  /** Checks the process at once. To be called when its exit record has appeared or its wrapper has ended. */
  check(): void {
    this.#isOverdue = true;
    this.#sleeping?.wake();
  }

  /** To be called when the work was reported as done: from then on silence counts for the grace period. */
  reported(): void {
    this.#hasReport = true;
    this.#sleeping?.wake();
  }

  /** Stops watching. The turn's process goes on. */
  close(): void {
    this.#closed.abort();
    this.#sleeping?.wake();
  }

  /** Commits a stop of the turn, unless there is one already (the first cause stays), and ends its processes. */
  async stop(reason: StopReason): Promise<void> {
    await commitStop(this.run, reason, this.options);
    this.terminate(reason.cause);
  }

  /**
   * Ends the turn's processes; later calls do nothing. A failure (such as no file descriptors) is retried here.
   */
  terminate(cause?: StopCause): void {
    const { log } = this.options;
    this.#termination ??= persist(() => this.#ending.climb(cause), {
      what: "end a turn",
      signal: this.#closed.signal,
      log,
      fields: { job: this.run.job.id },
    }).finally(() => this.check());
  }

  async #seeThrough(): Promise<void> {
    while (!this.#closed.signal.aborted) {
      try {
        // With an outcome only its commit is left to be tried again: the job's next turn may run by now, and its
        // processes look like leftovers of this one.
        if (this.run.outcome !== null || this.#looksOver()) {
          if (this.run.outcome === null && await this.#isToBeBegunAgain()) return;
          return await this.#finish();
        }
        const { more } = this.run.output.pump();
        this.#tellEvents();
        if (await this.#talk?.tend(more) === "cut") this.terminate();
        this.#tellEvents();
        if (this.#hasReport && !more) {
          this.#hasReport = false;
          this.run.reported();
        }
        await this.#enforceLimits();
        if (more) await yieldToOthers();
        else await this.#sleep();
      } catch (error) {
        this.options.log.error("cannot go on with a turn; trying again", {
          job: this.run.job.id,
          error: String(error),
        });
        if (isTakenAway(error)) this.run.options.directory.reopen();
        this.#isOverdue = true;
        await pause(RETRY_MS, this.#closed.signal);
      }
    }
  }

  #tellEvents(): void {
    if (this.run.output.lastSeq !== this.#toldSeq) this.options.onEvents(this.run.job.id);
    this.#toldSeq = this.run.output.lastSeq;
  }

  #looksOver(): boolean {
    const now = this.options.clock.steady();
    const isTold = this.#isOverdue;
    if (!isTold && now - this.#checkedAt < LIVENESS_MS) return false;
    this.#isOverdue = false;
    this.#checkedAt = now;
    // A plain poll, and the process is alive: skips the full check, which costs three times as much.
    if (!isTold && this.run.process.liveness() === "alive") return false;
    return this.run.wrapper.isOver();
  }

  async #sleep(): Promise<void> {
    if (this.#closed.signal.aborted || this.#isOverdue) return;
    this.#sleeping = this.beat.pulse.sleep({
      eager: () => this.beat.isAwaited() || this.run.live?.isEager === true,
      silent: this.run.output.silence.ms > SILENT_AFTER_MS,
      hasNews: () => this.run.output.hasNews(),
    });
    await this.#sleeping.over;
  }

  async #enforceLimits(): Promise<void> {
    if (this.#termination !== null) return;
    const limits = this.options.limits();
    const cause = this.run.overLimit(limits, this.options.clock.steady() - this.#bornAt);
    if (cause !== null) return await this.stop({ cause });
    const usedUp = this.options.spending?.over(this.run) ?? null;
    if (usedUp !== null) return await this.stop({ cause: "budget_exceeded", usedUp });
    if ((this.run.lingersMs ?? 0) > limits.exitGraceSeconds * 1000) {
      this.run.endGrace();
      this.terminate();
    }
  }

  /** Whether the wrapper refused the turn and another launch of the same turn is on its way. */
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
    const outcome = run.outcome ??= await this.#judge();
    // This daemon leaves: the next one goes on with the turn's end.
    if (outcome === null) return;
    await options.conclude(run.job, outcome);
    options.onEvents(run.job.id);
  }

  /** Ends what the turn has left behind, and writes down how it ended; `null` when this daemon leaves meanwhile. */
  async #judge(): Promise<TurnOutcome | null> {
    const { run, options } = this;
    run.options.directory.reopen();
    // A termination under way finishes first: it also ends processes that the agent left behind. Without an exit record
    // the wrapper was killed, and its agent may still run.
    if (this.#termination !== null) {
      await this.#termination;
      if (this.#closed.signal.aborted) return null;
    } else if (run.process.exitRecord() === null) await this.#ending.climb();
    else await this.#ending.sweep();
    const job = await options.store.get(run.job.id);
    const stop = job !== null && isJobIn(job, "running") ? job.state.stop : null;
    if (stop?.cause === "output_limit") run.cutOutput(options.limits().outputBytes);
    const summary = job?.turn === run.job.turn ? job.summary : null;
    const verdict = await this.#judgement.decide({ stop, wasReported: summary !== null });
    const unseen = await run.seeChanges();
    const checked = await this.#check.after(verdict);
    if (checked === null || this.#closed.signal.aborted) return null;
    await this.#termination;
    const outcome = {
      ...this.#judgement.conclude({
        verdict: checked.verdict,
        stop,
        survivors: this.#ending.survivors,
        summary,
        doubts: checked.doubts ?? [],
      }),
      ...(unseen === undefined ? {} : { no_snapshot: unseen }),
      ...checked.findings,
    };
    writeOutcome(run.files, outcome);
    return outcome;
  }
}
