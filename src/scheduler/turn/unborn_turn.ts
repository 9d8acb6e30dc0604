/**
 * Room `scheduler`: the outcome of a turn whose process never began, or that could not be watched.
 *
 * @module
 */
import { isJobIn, type Job } from "../../domain/job/job.ts";
import { judge } from "../../domain/turn/outcome.ts";
import {
  addTotals,
  type Failure,
  NOTHING_RUN,
  NOTHING_TOLD,
  type TurnOutcome,
} from "../../domain/turn/turn.ts";

export interface UnbornTurn {
  /** Why the turn failed; `null` when it was stopped before it began. */
  failure: Failure | null;
  /** Whether the agent may have worked unwatched: then its usage and changes are unknown, not zero. */
  mayHaveRun?: true;
  /** Pids of the turn's processes that could not be ended. */
  survivors: readonly number[];
  /** The outcome of the turn before. */
  previous: TurnOutcome | null;
  /** When it ended, epoch ms. */
  at: number;
}

export function unbornOutcome(
  job: Job,
  { failure, survivors, previous, at, mayHaveRun }: UnbornTurn,
): TurnOutcome {
  const own = mayHaveRun === true ? NOTHING_TOLD : NOTHING_RUN;
  const verdict = judge({
    end: { kind: "vanished" },
    terminal: null,
    stop: isJobIn(job, "running") ? job.state.stop : null,
    endedAfterGrace: false,
    diagnosis: failure,
    stderrTail: "",
  });
  return {
    turn: job.turn,
    agent: job.agent,
    verdict,
    exit_code: null,
    started_at: null,
    finished_at: at,
    result: null,
    session_id: job.session_id,
    model: null,
    session_usage: previous?.session_usage ?? null,
    own,
    totals: addTotals(previous?.totals ?? null, own),
    changed_files: false,
    possibly_truncated: false,
    ...(survivors.length === 0 ? {} : { survivors: [...survivors] }),
  };
}

export function missingRequest(): Failure {
  return spawnFailure("The turn's request file is missing or damaged, or its agent is no longer known");
}

export function spawnFailure(message: string, hint: string | null = null): Failure {
  return { reason: "spawn_failed", message, hint: hint ?? "Start the job again.", retry_at: null };
}
