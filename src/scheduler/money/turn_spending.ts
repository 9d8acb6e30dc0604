/**
 * Room `scheduler`: what a turn has used, whether it runs or has ended.
 *
 * @module
 */
import type { Spent } from "../../domain/job/budget.ts";
import { UNKNOWN_USAGE, type Usage } from "../../domain/turn/usage.ts";
import type { EndedTurn } from "../turn/ended_turns.ts";
import { readLaunch } from "../turn/files.ts";
import type { TurnRun } from "../turn/run.ts";
import { spentIn } from "./prices.ts";

interface Known {
  readonly usage: Usage;
  readonly model: string | null;
  readonly spent: Spent;
}

/** A price takes a tenth of a millisecond, and fifty turns may be looked at twice a second. */
const known = new WeakMap<TurnRun, Known>();

/** Models that were asked for, read once. */
const asked = new WeakMap<TurnRun, string | null>();

/** Of the turn alone, without the job's earlier ones. */
export function spentInTurn(run: TurnRun): Spent {
  const usage = run.output.tally.usage ?? UNKNOWN_USAGE;
  const model = run.output.tally.model ?? modelAsked(run);
  const before = known.get(run);
  // What has no price yet may have one when the prices are loaded.
  if (before?.usage === usage && before.model === model && before.spent.costUsd !== null) return before.spent;
  const spent = spentIn(usage, model);
  known.set(run, { usage, model, spent });
  return spent;
}

export function spentInEnded({ usage, outcome }: Pick<EndedTurn, "usage" | "outcome">): Spent {
  return spentIn(usage, outcome.model);
}

function modelAsked(run: TurnRun): string | null {
  const before = asked.get(run);
  if (before !== undefined) return before;
  const model = readLaunch(run.files)?.model ?? null;
  asked.set(run, model);
  return model;
}
