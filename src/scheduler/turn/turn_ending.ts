/**
 * Room `scheduler`: ends the processes of a turn. Rule of this file: it does not stop before nothing can begin the turn
 * any more, since a wrapper that is only just being started cannot be found by any search.
 *
 * @module
 */
import type { StopCause } from "../../domain/job/reason.ts";
import { sweep, terminate, type Termination, untilWrapperLeaves } from "../../kernel/end/terminate.ts";
import { pause } from "../../system/pause.ts";
import type { Youth } from "../../system/processes/young_pids.ts";
import { hasBegun } from "./check/check_run.ts";
import type { TurnRun } from "./run.ts";
import type { TurnBeat, TurnWatchOptions } from "./watch_options.ts";

/** Ms between two searches for a wrapper that is being started. */
const UNBORN_MS = 50;

export interface TurnEndingOptions extends Pick<TurnWatchOptions, "processes" | "log"> {
  readonly beat: Pick<TurnBeat, "mark">;
  /** Fires when this daemon leaves. */
  readonly signal: AbortSignal;
}

export class TurnEnding {
  /** Pids of the turn's processes that could not be ended. */
  survivors: readonly number[] = [];

  constructor(private readonly run: TurnRun, private readonly options: TurnEndingOptions) {}

  /** From a polite signal up to SIGKILL. After `output_limit` there is no grace period, since the flood would go on. */
  async climb(cause?: StopCause): Promise<void> {
    const { run, options: { signal, processes } } = this;
    run.options.directory.reopen();
    await run.live?.leave(cause, signal);
    while (!signal.aborted) {
      const ended = await terminate({
        turn: run.files,
        jobId: run.job.id,
        gracefulSignal: run.gracefulSignal,
        processes,
        youth: this.youth(),
        ...(cause === "output_limit" ? { graceMs: 0, termMs: 0 } : {}),
      });
      this.#take(ended);
      if (ended.survivors.length > 0 || run.wrapper.isOver()) return;
      await pause(UNBORN_MS, signal);
    }
  }

  /** Ends what a turn that has ended by itself left behind. A daemon that has begun its check has done so before. */
  async sweep(): Promise<void> {
    if (hasBegun(this.run.files.check(1))) return;
    await untilWrapperLeaves(this.run.process);
    this.#take(await sweep(this.run.job.id, this.options.processes, this.youth()));
  }

  youth(): Youth | null {
    const { options: { beat: { mark } }, run } = this;
    const wrapper = mark === null ? null : run.process.identity();
    return mark === null || wrapper === null ? null : { mark, firstPid: wrapper.pid };
  }

  #take({ survivors }: Termination): void {
    this.survivors = survivors;
    if (survivors.length === 0) return;
    this.options.log.error("processes survived", { job: this.run.job.id, pids: survivors });
  }
}
