/**
 * Room `cli`, the monitor: its main loop. Keys and news from the daemon change the state, and the state is drawn.
 *
 * @module
 */
import type { DaemonControl } from "../../service/daemon_control.ts";
import type { JobService } from "../../service/job_service.ts";
import type { Asker } from "../../service/question_requests.ts";
import type { Origin } from "../../service/requests.ts";
import type { Clock } from "../../system/clock.ts";
import { failureOf } from "../entry/exit_code.ts";
import { commandWords } from "../render/command_words.ts";
import { receiptText } from "../render/receipt_text.ts";
import { KeyDecoder } from "./keys.ts";
import { LiveJobs } from "./live_jobs.ts";
import { initialState, type MonitorState } from "./monitor_state.ts";
import type { Palette } from "./palette.ts";
import type { Action, Effect } from "./action.ts";
import { doWork } from "./do_work.ts";
import { readChanges } from "./read_changes.ts";
import { reduce } from "./reduce.ts";
import { renderMonitor } from "./render_monitor.ts";
import { Screen } from "./screen.ts";
import type { Source } from "./source.ts";
import type { Terminal } from "./terminal.ts";
import { TranscriptFollower } from "./transcript_follower.ts";
import { within } from "../../system/deadline.ts";

export interface MonitorOptions {
  readonly terminal: Terminal;
  readonly service: JobService;
  readonly control: DaemonControl;
  readonly clock: Clock;
  readonly origin: Origin;
  /** Who sits at it. */
  readonly asker: Asker;
  readonly version: string;
  readonly home: string | undefined;
  readonly palette: Palette;
  /** Aborts when a signal from outside interrupts the program. */
  readonly interrupt: AbortSignal;
}

/** How it ended: by `q`, by Ctrl-C, or by a signal, which the caller passes on. */
export type MonitorEnd = "quit" | "interrupted" | "SIGTERM" | "SIGHUP";

/** Ms between two drawings: faster than anybody reads, slower than a flood of events. */
const FRAME_MS = 33;
/** Ms without a further byte after which an escape counts as the key of that name. */
const ESCAPE_MS = 40;

/** Ms that the last drawing may take before the terminal is restored in any case. */
const WRITTEN_MS = 200;

/** Runs until somebody quits or a signal comes. @throws the failure of the first reading of the jobs. */
export async function runMonitor(options: MonitorOptions): Promise<MonitorEnd> {
  const monitor = new Monitor(options);
  try {
    return await monitor.run();
  } finally {
    await monitor.close();
  }
}

class Monitor {
  readonly #options: MonitorOptions;
  readonly #closing = new AbortController();
  readonly #ended = Promise.withResolvers<MonitorEnd>();
  readonly #screen = new Screen();
  readonly #keys = new KeyDecoder();
  readonly #source: Source;
  readonly #follower: TranscriptFollower;
  #state: MonitorState;
  #drawTimer: ReturnType<typeof setTimeout> | null = null;
  #escapeTimer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> | null = null;
  #isSuspended = false;

  constructor(options: MonitorOptions) {
    this.#options = options;
    const { service, control, clock, origin, terminal, version, home } = options;
    this.#state = initialState({ size: terminal.size, now: clock.now(), version, home });
    const dispatch = (action: Action) => this.#dispatch(action);
    this.#source = { service, control, clock, origin, dispatch, signal: this.#closing.signal };
    this.#follower = new TranscriptFollower(this.#source);
  }

  async run(): Promise<MonitorEnd> {
    const { terminal, clock, interrupt } = this.#options;
    terminal.enter();
    using _events = terminal.listen({
      resized: () => this.#resize(),
      suspended: () => void this.#suspend(),
      continued: () => this.#continue(),
      ended: (signal) => this.#ended.resolve(signal),
    });
    const stop = () => this.#ended.resolve("interrupted");
    if (interrupt.aborted) stop();
    interrupt.addEventListener("abort", stop, { once: true });
    const ticks = setInterval(() => this.#dispatch({ type: "ticked", now: clock.now() }), 1_000);
    try {
      this.#draw();
      new LiveJobs(this.#source).run().catch(this.#ended.reject);
      this.#readKeys().catch(this.#ended.reject);
      return await this.#ended.promise;
    } finally {
      clearInterval(ticks);
      interrupt.removeEventListener("abort", stop);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#drawTimer !== null) clearTimeout(this.#drawTimer);
    clearTimeout(this.#escapeTimer);
    await this.#written();
    this.#options.terminal.leave();
  }

  #dispatch(action: Action): void {
    if (this.#closing.signal.aborted) return;
    const { state, effects } = reduce(this.#state, action);
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    this.#follower.follow(state.selected);
    // An ended job may have had a reply and ended again: its transcript may be longer now.
    if (action.type === "jobs") this.#follower.wake();
    this.#drawSoon();
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "quit":
        return this.#ended.resolve(effect.isInterrupt ? "interrupted" : "quit");
      case "suspend":
        return void this.#suspend();
      case "redraw":
        return this.#screen.forget();
      case "cancel":
        return void this.#cancel(effect.jobId);
      case "reply":
        return void this.#reply(effect.jobId, effect.prompt);
      case "diff":
        return void this.#tellOutcome(() => readChanges(effect.jobId, this.#options.service));
      case "work":
        return void this.#tellOutcome(() => doWork(effect, this.#options.service));
      case "answer":
        return void this.#answer(effect);
    }
  }

  async #cancel(jobId: string): Promise<void> {
    await this.#tellOutcome(async () => {
      return commandWords((await this.#options.service.cancel({ job_id: jobId })).message);
    });
    this.#dispatch({ type: "cancel_ended", jobId });
  }

  #reply(jobId: string, prompt: string): Promise<void> {
    const { service, origin } = this.#options;
    return this.#tellOutcome(async () => {
      return receiptText(await service.reply({ job_id: jobId, prompt, origin }));
    });
  }

  #answer({ jobId, questionId, answer }: Extract<Effect, { type: "answer" }>): Promise<void> {
    const { service, asker } = this.#options;
    return this.#tellOutcome(async () => {
      const given = { job_id: jobId, question_id: questionId, ...answer };
      await service.answer({ ...given, as: asker, by: "the monitor" });
      return `Answered; job ${jobId} goes on.`;
    });
  }

  async #tellOutcome(action: () => Promise<string | Action>): Promise<void> {
    try {
      const outcome = await action();
      this.#dispatch(typeof outcome === "string" ? { type: "told", text: outcome, isError: false } : outcome);
    } catch (error) {
      const { message, hint } = failureOf(error);
      this.#dispatch({ type: "told", text: `${message}. ${hint ?? ""}`, isError: true });
    }
  }

  async #readKeys(): Promise<void> {
    for (;;) {
      const bytes = await this.#options.terminal.read();
      if (this.#closing.signal.aborted) return;
      if (bytes === null) return this.#ended.resolve("SIGHUP");
      clearTimeout(this.#escapeTimer);
      for (const key of this.#keys.push(bytes)) this.#dispatch({ type: "key", key });
      if (!this.#keys.isWaiting) continue;
      this.#escapeTimer = setTimeout(() => {
        for (const key of this.#keys.flush()) this.#dispatch({ type: "key", key });
      }, ESCAPE_MS);
    }
  }

  #resize(): void {
    this.#screen.forget();
    this.#dispatch({ type: "resized", size: this.#options.terminal.size });
  }

  async #suspend(): Promise<void> {
    if (this.#isSuspended) return;
    this.#isSuspended = true;
    await this.#written();
    this.#options.terminal.leave();
    this.#options.terminal.stop();
  }

  #continue(): void {
    this.#isSuspended = false;
    this.#options.terminal.enter();
    this.#dispatch({ type: "ticked", now: this.#options.clock.now() });
    this.#resize();
  }

  /**
   * Waits for the end of a drawing, which must not end up on the shell's screen, but not for a terminal that is stuck.
   */
  async #written(): Promise<void> {
    if (this.#writing !== null) await within(WRITTEN_MS, this.#writing);
  }

  /** At most one drawing in each {@link FRAME_MS}. */
  #drawSoon(): void {
    this.#drawTimer ??= setTimeout(() => {
      this.#drawTimer = null;
      this.#draw();
    }, FRAME_MS);
  }

  #draw(): void {
    // While a drawing is being written no other begins; after it, the newest state is drawn.
    if (this.#writing !== null) return;
    if (this.#isSuspended || this.#closing.signal.aborted) return;
    const { terminal, palette } = this.#options;
    const text = this.#screen.draw(renderMonitor(this.#state, palette), this.#state.size);
    if (text === "") return;
    this.#writing = terminal.write(text).catch(this.#ended.reject).finally(() => {
      this.#writing = null;
      this.#drawSoon();
    });
  }
}
