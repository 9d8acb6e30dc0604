/**
 * Room `domain`: one run of an agent's process inside a job: what was asked, what it proved, what came of it.
 *
 * @module
 */
import * as z from "zod";
import { AgentName, EpochMs, JobId } from "../job/ids.ts";
import { ApprovalPolicy } from "../agent/policy.ts";
import { ErrorReason, StopCause } from "../job/reason.ts";
import { NO_USAGE, ReportedUsage, sumOfKnown, UNKNOWN_USAGE, Usage } from "./usage.ts";

/** `start`: the first; `reply`: asked for; `fallback`: the agent before could not work; `retry`: a limit has ended. */
export const TurnOrigin = z.enum(["start", "reply", "fallback", "retry"]);
export type TurnOrigin = z.infer<typeof TurnOrigin>;

/** What a start was asked beyond the record of its job, which moves on: enough to ask the same again. */
export const AskedStart = z.object({
  /** The first of them; a job that goes to another agent has that one's name. */
  agent: AgentName,
  fallback: z.array(AgentName),
  /** Paths below `cwd`, as they were given. */
  context_files: z.array(z.string()),
  /** Of the prompt before the context files were put behind it, in UTF-16 units. */
  prompt_chars: z.number().int().nonnegative(),
});
export type AskedStart = z.infer<typeof AskedStart>;

/**
 * What one turn was asked to do, kept as `turn.json` beside its `prompt.md`. Which agent does it is the job's to say
 * when its time comes.
 */
export const TurnRequest = z.object({
  job_id: JobId,
  turn: z.number().int().positive(),
  origin: TurnOrigin,
  approval_policy: ApprovalPolicy,
  model: z.string().nullable(),
  timeout_seconds: z.number().positive(),
  /** Of a reply; a start's is in the job's record. */
  request_key: z.string().nullable().default(null),
  /** The job's newest event when the turn was accepted. */
  cursor: z.number().int().nonnegative(),
  created_at: EpochMs,
  /** Of a job's first turn; absent where an earlier daemon accepted it. */
  start: AskedStart.optional(),
});
export type TurnRequest = z.infer<typeof TurnRequest>;

/** Under which a reply's `request_key` is remembered: it says nothing of starts, nor of other jobs' replies. */
export function replyKey(jobId: JobId, requestKey: string): string {
  return `${jobId} ${requestKey}`;
}

/** How a process ended: with an exit record (128+n for signal n), or without one. */
export type ProcessEnd = { kind: "exited"; code: number } | { kind: "vanished" };

/** A failure that the agent named or the driver recognised. */
export const Failure = z.object({
  reason: ErrorReason,
  message: z.string(),
  /** What to do about it, in one sentence. */
  hint: z.string().nullable(),
  /** When a usage limit ends, if the agent said so. */
  retry_at: EpochMs.nullable(),
});
export type Failure = z.infer<typeof Failure>;

/** The agent's own last word on its turn. `result` overrides the last message where the agent says it apart. */
export type Terminal =
  /** `isImplied`: an agent that prints only text has no word of success but that it ends well. */
  | { ok: true; result?: string; isImplied?: true }
  | { ok: false; failure: Failure };

/** That agent-async ends this turn, why, and since when. The first cause stays. */
export const Stop = z.object({
  cause: StopCause,
  at: EpochMs,
  /** Bytes of the turn's output that had been read then: what stands behind them came later, whatever a clock says. */
  read_bytes: z.number().int().nonnegative().default(0),
});
export type Stop = z.infer<typeof Stop>;

export const Verdict = z.discriminatedUnion("status", [
  z.object({ status: z.literal("done"), reason: z.literal("completed") }),
  z.object({
    status: z.literal("error"),
    reason: ErrorReason,
    error: z.string(),
    hint: z.string().nullable(),
    retry_at: EpochMs.nullable(),
  }),
  z.object({ status: z.literal("cancelled"), reason: z.literal("cancelled") }),
]);
/** How a turn or a job ended. */
export type Verdict = z.infer<typeof Verdict>;

/** What a job has to show, summed over its turns. What none of them tells is unknown: `null`. */
export const Totals = z.object({
  usage: ReportedUsage,
  files_changed: z.array(z.string()).nullable(),
  commands_run: z.number().int().nonnegative().nullable(),
  /** Of those, the ones that failed; absent in what earlier versions wrote, and unknown then. */
  commands_failed: z.number().int().nonnegative().nullable().optional(),
});
export type Totals = z.infer<typeof Totals>;

/** Of a job of which nothing has run: that is known. */
export const NOTHING_RUN: Totals = {
  usage: NO_USAGE,
  files_changed: [],
  commands_run: 0,
  commands_failed: 0,
};

/** Of a turn of which nothing is told. */
export const NOTHING_TOLD: Totals = { usage: UNKNOWN_USAGE, files_changed: null, commands_run: null };

/** Through one more turn. @param before `null` for the first turn that ran. */
export function addTotals(before: Totals | null, own: Totals): Totals {
  if (before === null) return own;
  const files = [before.files_changed, own.files_changed].filter((paths) => paths !== null);
  return {
    usage: sumOfKnown([before.usage, own.usage]),
    files_changed: files.length === 0 ? null : [...new Set(files.flat())],
    commands_run: sumOfCounts([before.commands_run, own.commands_run]),
    commands_failed: sumOfCounts([before.commands_failed, own.commands_failed]),
  };
}

/** Of those that are known; `null` when none is. */
function sumOfCounts(counts: readonly (number | null | undefined)[]): number | null {
  const known = counts.filter((count) => typeof count === "number");
  return known.length === 0 ? null : known.reduce((sum, count) => sum + count);
}

/** How one turn ended, kept as `outcome.json`: enough to rebuild the store from. */
export const TurnOutcome = z.object({
  turn: z.number().int().positive(),
  agent: AgentName,
  verdict: Verdict,
  exit_code: z.number().int().nullable(),
  started_at: EpochMs.nullable(),
  finished_at: EpochMs,
  /** Ms by which the wall clock was set meanwhile (back: below 0), or the machine slept; absent when it was not. */
  clock_jump_ms: z.number().optional(),
  /** The agent's final message. */
  result: z.string().nullable(),
  session_id: z.string().nullable(),
  /** As the agent told it, else as it was asked for; `null` where it was the agent's own choice. */
  model: z.string().nullable(),
  /** As the agent counts over its session; the next turn is told by subtraction. */
  session_usage: Usage.nullable(),
  /** Of this turn by itself; absent in what version 0.1.0 wrote. */
  own: Totals.optional(),
  /** Through this turn. */
  totals: Totals,
  /** Whether this turn alone changed files: such a turn is never handed to another agent. */
  changed_files: z.boolean(),
  possibly_truncated: z.boolean(),
  /** Why the outcome may not be what it seems, each in a sentence; absent when there is no doubt. */
  doubts: z.array(z.string()).optional(),
  /** Pids of processes that could not be ended, 0 for one that cannot be told; absent when nothing is left. */
  survivors: z.array(z.number().int()).optional(),
});
export type TurnOutcome = z.infer<typeof TurnOutcome>;
