/**
 * Room `scheduler`: from a turn whose process is gone to its outcome. Rule of this file: a verdict is passed once; what
 * has been said of a turn's end in the job's events stays true.
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

/** Bytes of stderr that a diagnosis and a person get. */
const STDERR_TAIL_BYTES = 8 * 1024;

/** Lines of stderr that a person gets where nothing else says why a turn failed. */
const STDERR_LINES = 5;

export class TurnJudgement {
  #verdict: Verdict | null = null;

  constructor(private readonly run: TurnRun) {}

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
      // Before it is said: what cannot be written down now is written by the next attempt.
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
      // One that we ended after its report says nothing of its own by its exit code.
      exit_code: graceEnd === "report" && verdict.status === "done" ? null : code,
      started_at: startedAt,
      finished_at: clock.now(),
      ...(clockJumpMs === undefined ? {} : { clock_jump_ms: clockJumpMs }),
      result: run.output.result ?? (verdict.status === "done" && summary !== "" ? summary : null),
      session_id: run.output.tally.sessionId ?? job.session_id,
      model: run.output.tally.model ?? readLaunch(run.files)?.model ?? null,
      // A turn that ended without a count leaves the next one to subtract what the turn before had reported.
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
