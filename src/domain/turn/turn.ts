/**
 * Room `domain`: one run of an agent's process inside a job: what was asked, what it proved, what came of it.
 *
 * @module
 */
import * as z from "zod";
import { CheckEvidence } from "../job/check.ts";
import { AgentName, EpochMs, JobId } from "../job/ids.ts";
import { ApprovalPolicy } from "../agent/policy.ts";
import { ErrorReason, StopCause } from "../job/reason.ts";
import { NO_USAGE, sumOfCounts, sumOfUsages, UNKNOWN_USAGE, Usage } from "./usage.ts";

/**
 * Why there is a turn. `start`: the first of its job. `reply`: a caller replied. `fallback`: the agent before could not
 * work. `retry`: a usage limit interrupted the turn before. `repair`: the work of the turn before failed the check.
 */
export const TurnOrigin = z.enum(["start", "reply", "fallback", "retry", "repair"]);
export type TurnOrigin = z.infer<typeof TurnOrigin>;

/** What the caller of a start asked for, as far as the job's record does not keep it: enough to ask the same again. */
export const AskedStart = z.object({
  /** The agent asked for. The job's record names the present one, which differs after a handover. */
  agent: AgentName,
  fallback: z.array(AgentName),
  /** Paths below `cwd`, as the caller gave them. */
  context_files: z.array(z.string()),
  /** Length in UTF-16 units of the prompt before the context files were appended. */
  prompt_chars: z.number().int().nonnegative(),
  isolation: z.enum(["none", "worktree"]).optional(),
  with_changes: z.boolean().optional(),
  max_cost_usd: z.number().positive().optional(),
  max_tokens: z.number().int().positive().optional(),
  /** The check as the caller named it. */
  check: z.string().optional(),
  check_attempts: z.number().int().nonnegative().optional(),
});
export type AskedStart = z.infer<typeof AskedStart>;

/**
 * What one turn was asked to do, kept as `turn.json` beside its `prompt.md`. It names no agent: the turn runs
 * with the job's agent at the time of its launch.
 */
export const TurnRequest = z.object({
  job_id: JobId,
  turn: z.number().int().positive(),
  origin: TurnOrigin,
  approval_policy: ApprovalPolicy,
  model: z.string().nullable(),
  timeout_seconds: z.number().positive(),
  /** Request key of a reply; that of a start is in the job's record. */
  request_key: z.string().nullable().default(null),
  /** Number of the job's newest event when the turn was accepted. */
  cursor: z.number().int().nonnegative(),
  created_at: EpochMs,
  /** JSON Schema of the wanted answer. */
  result_schema: z.record(z.string(), z.unknown()).optional(),
  /** Whether the turn only gives the answer of the turn before again, in the form that is wanted. */
  is_form_repair: z.literal(true).optional(),
  /** Of a repair: 1 for the first since the caller's prompt, and so on. */
  repair: z.number().int().positive().optional(),
  /** Of a reply that was said at once and could only be the next turn: the turn before it ends for it. */
  interrupts: z.literal(true).optional(),
  /** Only in a job's first turn; absent when an earlier version accepted it. */
  start: AskedStart.optional(),
});
export type TurnRequest = z.infer<typeof TurnRequest>;

/** The key under which a reply's `request_key` is stored, so that it is unique only among the replies of one job. */
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

/** The agent's last word on its turn. A `result` in it takes the place of the last message. */
export type Terminal =
  /** `isImplied`: the agent prints only text, so its success is assumed until its exit code says otherwise. */
  | { ok: true; result?: string; isImplied?: true }
  | { ok: false; failure: Failure };

/** Says that agent-async is ending the turn, why, and since when. The first cause stays. */
export const Stop = z.object({
  cause: StopCause,
  at: EpochMs,
  /** Bytes of the turn's output read by then: all output after them counts as later than the stop. */
  read_bytes: z.number().int().nonnegative().default(0),
  /** What is used up, where the cause is a budget. */
  used_up: z.object({ message: z.string(), hint: z.string() }).optional(),
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

/** What a job has used and changed, summed over its turns; `null` for what no turn reports. */
export const Totals = z.object({
  usage: Usage,
  /** How many turns ran, and of how many of them the tokens are known; absent for a single turn. */
  counted: z.object({ turns: z.number().int(), known: z.number().int() }).optional(),
  files_changed: z.array(z.string()).nullable(),
  commands_run: z.number().int().nonnegative().nullable(),
  /** How many of the commands failed; absent (unknown) in what earlier versions wrote. */
  commands_failed: z.number().int().nonnegative().nullable().optional(),
  /** Lines added and removed on disk; absent or `null` where no snapshots tell. */
  lines_added: z.number().int().nonnegative().nullable().optional(),
  lines_removed: z.number().int().nonnegative().nullable().optional(),
});
export type Totals = z.infer<typeof Totals>;

/** Totals of a job or turn that never ran: known to be zero, and no turn of which tokens could be known. */
export const NOTHING_RUN: Totals = {
  usage: NO_USAGE,
  counted: { turns: 0, known: 0 },
  files_changed: [],
  commands_run: 0,
  commands_failed: 0,
  lines_added: 0,
  lines_removed: 0,
};

/** Totals of a turn of which nothing is known. */
export const NOTHING_TOLD: Totals = { usage: UNKNOWN_USAGE, files_changed: null, commands_run: null };

/** Totals up to one more turn, whose own are `own`. @param before `null` for the first turn that ran */
export function addTotals(before: Totals | null, own: Totals): Totals {
  if (before === null) return own;
  const files = [...new Set([...before.files_changed ?? [], ...own.files_changed ?? []])];
  const isKnown = before.files_changed !== null && own.files_changed !== null;
  const sumOf = (count: "commands_run" | "commands_failed" | "lines_added" | "lines_removed") =>
    sumOfCounts([before[count] ?? null, own[count] ?? null]);
  return {
    usage: sumOfUsages([before.usage, own.usage]),
    counted: {
      turns: countedIn(before).turns + countedIn(own).turns,
      known: countedIn(before).known + countedIn(own).known,
    },
    // Where something is unknown, an empty list would say that nothing was changed.
    files_changed: isKnown || files.length > 0 ? files : null,
    commands_run: sumOf("commands_run"),
    commands_failed: sumOf("commands_failed"),
    lines_added: sumOf("lines_added"),
    lines_removed: sumOf("lines_removed"),
  };
}

function countedIn({ counted, usage }: Totals): { turns: number; known: number } {
  return counted ?? { turns: 1, known: usage.total_tokens === null ? 0 : 1 };
}

/** `usage_known` of a result: absent when the tokens of all turns are known. */
export function usageKnownOf({ counted }: Totals): { usage_known?: number } {
  return counted === undefined || counted.known === counted.turns ? {} : { usage_known: counted.known };
}

/** How one turn ended, kept as `outcome.json`: enough to rebuild the store from. */
export const TurnOutcome = z.object({
  turn: z.number().int().positive(),
  agent: AgentName,
  verdict: Verdict,
  exit_code: z.number().int().nullable(),
  started_at: EpochMs.nullable(),
  finished_at: EpochMs,
  /** Ms by which the wall clock was set (below 0 for back) or the machine slept during the turn; absent for neither. */
  clock_jump_ms: z.number().optional(),
  /** The agent's final message. */
  result: z.string().nullable(),
  session_id: z.string().nullable(),
  /** As the agent reported it, else as the caller asked; `null` when neither named one. */
  model: z.string().nullable(),
  /** Usage of the whole session as the agent counts it. The next turn's usage is the difference to it. */
  session_usage: Usage.nullable(),
  /** Totals of this turn alone; absent in what version 0.1.0 wrote. */
  own: Totals.optional(),
  /** Totals of the job up to and including this turn. */
  totals: Totals,
  /** Whether this turn alone changed files: such a turn is never handed to another agent. */
  changed_files: z.boolean(),
  possibly_truncated: z.boolean(),
  /** Why it is not known what changed on disk; absent where it is. */
  no_snapshot: z.string().optional(),
  /** The check that was run on the turn's work; absent when none was. */
  check: CheckEvidence.optional(),
  /** The answer as data, valid by the schema that was asked for; absent where there is none. */
  result_json: z.unknown().optional(),
  /** Whether `repair_prompt` asks for nothing but another form of the answer. */
  is_form_repair: z.literal(true).optional(),
  /** What the agent is asked when the job goes on with a repair; absent when it does not. */
  repair_prompt: z.string().optional(),
  /** Keys of what was said to the agent and that it went on with at once; absent when there is none. */
  injected: z.array(z.string()).optional(),
  /** What was said to the agent while it worked and not taken by it, in order; absent when there is none. */
  undelivered: z.array(z.string()).optional(),
  /** Reasons to doubt the outcome, each in a sentence; absent when there are none. */
  doubts: z.array(z.string()).optional(),
  /** Pids of processes that could not be ended, 0 for an unknown pid; absent when there are none. */
  survivors: z.array(z.number().int()).optional(),
});
export type TurnOutcome = z.infer<typeof TurnOutcome>;
