/**
 * Room `scheduler`: makes the outcome of a turn whose process is gone. Rule of this file: the verdict is decided once,
 * so that it agrees with what the job's events say of the turn's end.
 *
 * @module
 */
import { doubtsOf } from "../../domain/turn/doubts.ts";
import { endEvents, judge } from "../../domain/turn/outcome.ts";
import type { ProcessEnd, Stop, TurnOutcome, Verdict } from "../../domain/turn/turn.ts";
import { readTail } from "../../system/files/files.ts";
import { yieldToOthers } from "../../system/yielding/yield_to_others.ts";
import { readEnvironment } from "./accepted_turn.ts";
import { readLaunch } from "./files.ts";
import { sessionUsageBefore, type TurnRun } from "./run.ts";
import { usageInRecord } from "./session_record.ts";

/** Bytes at the end of stderr that the driver's diagnosis reads. */
const STDERR_TAIL_BYTES = 8 * 1024;

/** Lines at the end of stderr in the error text, where nothing else says why the turn failed. */
const STDERR_LINES = 5;

export class TurnJudgement {
  #verdict: Verdict | null = null;
  /** Whether the events of the turn's end were given to the output. */
  #isTold = false;

  constructor(private readonly run: TurnRun) {}

  /**
   * Reads the rest of the output and decides the verdict; the process must be gone. Throws when the disk is full, and
   * may then be called again.
   *
   * @param options.wasReported whether the work was reported as done
   */
  async decide({ stop, wasReported }: { stop: Stop | null; wasReported: boolean }): Promise<Verdict> {
    const { run } = this;
    const { job, driver } = run.options;
    while (run.output.pump().more) await yieldToOthers();
    run.output.drain();
    if (this.#verdict !== null) return this.#verdict;
    const stderr = this.#stderr();
    const end = this.#end();
    const startedAt = this.#startedAt();
    // Kept before its events are written: if that write fails, the next call only writes and does not judge again.
    this.#verdict = judge({
      end,
      terminal: run.output.lastWord,
      stop,
      isCut: run.live?.channel.wasCut === true,
      endedAfterGrace: run.graceEnd !== null,
      wasReported,
      diagnosis: run.wrapper.birthFailure() ?? driver.diagnose({ end, stderr, startedAt }),
      stderrTail: lastLinesOf(driver.withoutChatter?.(stderr) ?? stderr),
    });
    const used = run.output.tally.usage !== null ? [] : usageInRecord({
      driver,
      sessionId: run.output.tally.sessionId ?? job.session_id,
      env: readEnvironment(run.files) ?? {},
      startedAt,
      before: sessionUsageBefore(run.options),
    });
    run.output.say(used, "after");
    return this.#verdict;
  }

  /**
   * Says how the turn ended and makes its outcome. Throws when the disk is full, and may then be called again.
   *
   * @param options.verdict what was decided, or what a check has made of it
   * @param options.doubts reasons to doubt it that came from elsewhere
   * @param options.survivors pids of the turn's processes that could not be ended
   * @param options.summary the report that the work was done; `null` when there was none
   */
  conclude(
    { verdict, stop, survivors, summary, doubts: known = [] }: {
      verdict: Verdict;
      doubts?: readonly string[];
      stop: Stop | null;
      survivors: readonly number[];
      summary: string | null;
    },
  ): TurnOutcome {
    const { run } = this;
    const { job, driver, clock } = run.options;
    const told = this.#isTold ? [] : [
      ...run.live?.endEvents(stop?.cause ?? null) ?? [],
      ...endEvents(job.turn, {
        verdict,
        survivors,
        refusals: driver.refusals?.(this.#stderr()) ?? [],
        isSuperseded: stop?.cause === "superseded",
        told: run.output.tally.lastError,
      }),
    ];
    this.#isTold = true;
    run.output.say(told, "after");
    const { clockJumpMs, graceEnd, output: { tally, result } } = run;
    const { files = true, commands = true } = driver.tells ?? {};
    const evidence = {
      tally,
      result,
      policy: job.approval_policy,
      tellsAll: files && commands,
      onDisk: run.disk === null ? null : run.own.files_changed?.length ?? 0,
    };
    const doubts = [...doubtsOf(verdict, evidence), ...known];
    return {
      turn: job.turn,
      agent: job.agent,
      verdict,
      // The exit code of a process that we ended after its report says nothing of its work.
      exit_code: graceEnd === "report" && verdict.status === "done" ? null : run.process.exitRecord(),
      started_at: this.#startedAt(),
      finished_at: clock.now(),
      ...(clockJumpMs === undefined ? {} : { clock_jump_ms: clockJumpMs }),
      result: run.output.result ?? (verdict.status === "done" && summary !== "" ? summary : null),
      session_id: run.output.tally.sessionId ?? job.session_id,
      model: run.output.tally.model ?? readLaunch(run.files)?.model ?? null,
      // Without a count of its own the turn passes on the count before it, for the next turn to subtract.
      session_usage: run.output.tally.sessionUsage ?? sessionUsageBefore(run.options),
      own: run.own,
      totals: run.totals,
      changed_files: run.output.tally.files.size + (run.disk?.files.length ?? 0) > 0,
      possibly_truncated: run.output.possiblyTruncated || run.output.lastWord === null ||
        stop?.cause === "output_limit",
      ...run.live?.steered(),
      ...(doubts.length === 0 ? {} : { doubts }),
      ...(survivors.length === 0 ? {} : { survivors: [...survivors] }),
    };
  }

  #end(): ProcessEnd {
    const code = this.run.process.exitRecord();
    return code === null ? { kind: "vanished" } : { kind: "exited", code };
  }

  #stderr(): string {
    return readTail(this.run.files.stderrFile, STDERR_TAIL_BYTES);
  }

  #startedAt(): number {
    const { job: { state }, clock } = this.run.options;
    return state.status === "running" ? state.since : clock.now();
  }
}

function lastLinesOf(text: string): string {
  return text.trimEnd().split("\n").slice(-STDERR_LINES).join("\n");
}
