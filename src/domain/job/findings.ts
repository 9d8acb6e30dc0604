/**
 * Room `domain`: what a job result takes from the job's directory or its running turn, and the evidence that it makes of
 * that.
 *
 * @module
 */
import * as z from "zod";
import type { Question } from "../question/question.ts";
import type { Totals, TurnOutcome } from "../turn/turn.ts";
import { CheckEvidence } from "./check.ts";
import type { JobMoney } from "./money.ts";

export const Evidence = z.object({
  /** On disk, summed over the turns; `null` where no snapshots tell. */
  lines_added: z.number().int().nullable(),
  lines_removed: z.number().int().nullable(),
  /** Over all turns, without those that were ended with their turn; `null` where the agent does not report commands. */
  commands_failed: z.number().int().nullable(),
  /** The check of the job's work; absent when none was run. */
  check: CheckEvidence.optional(),
  /** Reasons to doubt the outcome of the last turn, each in a sentence. */
  doubts: z.array(z.string()),
});
export type Evidence = z.infer<typeof Evidence>;

/** What a job result takes from the job's directory or its running turn, besides the record. */
export interface JobFindings {
  result: string | null;
  output: string;
  totals: Totals;
  possiblyTruncated: boolean;
  doubts?: readonly string[];
  check?: CheckEvidence | undefined;
  resultJson?: unknown;
  place?: { isolation: "worktree"; path: string | null; branch: string | null; applied: boolean } | undefined;
  /** Whether its changes wait to be taken over. */
  work?: "not_applied" | undefined;
  /** What it cost; absent where nobody asks. */
  money?: JobMoney | undefined;
  sessionId: string | null;
  cursor: number;
  /** What the agent asks. */
  questions?: readonly Question[];
  /** Pid of the agent's process; absent or `null` when it does not run. */
  pid?: number | null;
}

export function evidenceOf({ totals, check, doubts = [] }: JobFindings): Evidence {
  return {
    lines_added: totals.lines_added ?? null,
    lines_removed: totals.lines_removed ?? null,
    commands_failed: totals.commands_failed ?? null,
    ...(check === undefined ? {} : { check }),
    doubts: [...doubts],
  };
}

/** The findings that an ended turn left behind. */
export function findingsOf(outcome: TurnOutcome): Omit<JobFindings, "output" | "cursor"> {
  return {
    result: outcome.result,
    totals: outcome.totals,
    possiblyTruncated: outcome.possibly_truncated,
    doubts: outcome.doubts ?? [],
    check: outcome.check,
    resultJson: outcome.result_json,
    sessionId: outcome.session_id,
  };
}
