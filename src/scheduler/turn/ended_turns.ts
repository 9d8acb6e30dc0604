/**
 * Room `scheduler`: the turns of a job that ran and ended, with what each has used by itself.
 *
 * @module
 */
import { ownTotals } from "../../domain/statistics.ts";
import type { Totals, TurnOutcome } from "../../domain/turn/turn.ts";
import type { Usage } from "../../domain/turn/usage.ts";
import type { JobDirectory } from "../../kernel/job_directory.ts";
import { readOutcome } from "./files.ts";

export interface EndedTurn {
  readonly outcome: TurnOutcome;
  readonly usage: Usage;
  readonly commandsRun: number | null;
}

/** @param turns numbers to look at; those on disk, unless given. A turn that never ran has no outcome or no start. */
export function endedTurns(
  directory: JobDirectory,
  turns: readonly number[] = directory.turns(),
): (EndedTurn & { startedAt: number })[] {
  let before: Totals | null = null;
  return turns.flatMap((number) => {
    const outcome = readOutcome(directory.turn(number));
    if (outcome === null || outcome.started_at === null) return [];
    const own = outcome.own === undefined
      ? ownTotals(outcome.totals, before)
      : { usage: outcome.own.usage, commandsRun: outcome.own.commands_run };
    before = outcome.totals;
    return [{ outcome, startedAt: outcome.started_at, ...own }];
  });
}
