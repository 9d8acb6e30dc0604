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
import { pause } from "../../system/pause.ts";
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

  constructor(private readonly run: TurnRun) {}

  /**
   * Reads the rest of the output and decides the verdict; the process must be gone. Throws when the disk is full, and
   * may then be called again.
   *
   * @param options.survivors pids of the turn's processes that could not be ended
   * @param options.summary the report that the work was done; `null` when there was none
   */
  async finish(
    { stop, survivors, summary }: {
      stop: Stop | null;
      survivors: readonly number[];
      summary: string | null;
    },
  ): Promise<TurnOutcome> {
    const { run } = this;
    const { job, driver, clock } = run.options;
    while (run.output.pump().more) await pause(0);
    run.output.drain();
    const code = run.process.exitRecord();
    const processEnd: ProcessEnd = code === null ? { kind: "vanished" } : { kind: "exited", code };
    const stderr = readTail(run.files.stderrFile, STDERR_TAIL_BYTES);
    const startedAt = job.state.status === "running" ? job.state.since : clock.now();
    const { graceEnd } = run;
    const verdict = this.#verdict ?? judge({
      end: processEnd,
      terminal: run.output.lastWord,
      stop,
      endedAfterGrace: graceEnd !== null,
      wasReported: summary !== null,
      diagnosis: run.wrapper.birthFailure() ?? driver.diagnose({ end: processEnd, stderr, startedAt }),
      stderrTail: lastLinesOf(driver.withoutChatter?.(stderr) ?? stderr),
    });
    if (this.#verdict === null) {
      // Kept before its events are written: if that write fails, the next call only writes and does not judge again.
      this.#verdict = verdict;
      const refusals = driver.refusals?.(stderr) ?? [];
      const used = run.output.tally.usage !== null ? [] : usageInRecord({
        driver,
        sessionId: run.output.tally.sessionId ?? job.session_id,
        env: readEnvironment(run.files) ?? {},
        startedAt,
        before: sessionUsageBefore(run.options),
      });
      run.output.say([
        ...used,
        ...endEvents(job.turn, { verdict, survivors, refusals, told: run.output.tally.lastError }),
      ], "after");
    }
    const { clockJumpMs, output: { tally, result } } = run;
    const { files = true, commands = true } = driver.tells ?? {};
    const evidence = { tally, result, policy: job.approval_policy, tellsAll: files && commands };
    const doubts = doubtsOf(verdict, evidence);
    return {
      turn: job.turn,
      agent: job.agent,
      verdict,
      // The exit code of a process that we ended after its report says nothing of its work.
      exit_code: graceEnd === "report" && verdict.status === "done" ? null : code,
      started_at: startedAt,
      finished_at: clock.now(),
      ...(clockJumpMs === undefined ? {} : { clock_jump_ms: clockJumpMs }),
      result: run.output.result ?? (verdict.status === "done" && summary !== "" ? summary : null),
      session_id: run.output.tally.sessionId ?? job.session_id,
      model: run.output.tally.model ?? readLaunch(run.files)?.model ?? null,
      // Without a count of its own the turn passes on the count before it, for the next turn to subtract.
      session_usage: run.output.tally.sessionUsage ?? sessionUsageBefore(run.options),
      own: run.own,
      totals: run.totals,
      changed_files: run.output.tally.files.size > 0,
      possibly_truncated: run.output.possiblyTruncated || run.output.lastWord === null ||
        stop?.cause === "output_limit",
      ...(doubts.length === 0 ? {} : { doubts }),
      ...(survivors.length === 0 ? {} : { survivors: [...survivors] }),
    };
  }
}

function lastLinesOf(text: string): string {
  return text.trimEnd().split("\n").slice(-STDERR_LINES).join("\n");
}
