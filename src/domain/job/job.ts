/**
 * Room `domain`: the job record, the one thing the store keeps of a job. Long texts (prompts, results, events) live
 * in the job's directory: a record stays far below the store's limit of 65,536 bytes.
 *
 * @module
 */
import * as z from "zod";
import { AgentName, EpochMs, JobId } from "./ids.ts";
import { ApprovalPolicy } from "../agent/policy.ts";
import { ErrorReason } from "./reason.ts";
import { Stop } from "../turn/turn.ts";
import { Tree } from "./tree.ts";

/** Characters of the first prompt that a record keeps. */
export const PROMPT_PREVIEW_CHARS = 200;

/** Replies that one job may have waiting. */
export const MAX_QUEUED_REPLIES = 100;

/** Jobs that one job may wait for. */
export const MAX_AFTER = 50;

const finished = { finished_at: EpochMs, exit_code: z.number().int().nullable() };

/** Each state with only what is true in it. */
export const JobState = z.discriminatedUnion("status", [
  z.object({
    status: z.literal("pending"),
    since: EpochMs,
    /** A usage limit holds the job until then. */
    not_before: EpochMs.nullable(),
  }),
  z.object({ status: z.literal("running"), since: EpochMs, stop: Stop.nullable() }),
  z.object({ status: z.literal("done"), reason: z.literal("completed"), ...finished }),
  z.object({
    status: z.literal("error"),
    reason: ErrorReason,
    error: z.string(),
    hint: z.string().nullable(),
    retry_at: EpochMs.nullable(),
    ...finished,
  }),
  z.object({ status: z.literal("cancelled"), reason: z.literal("cancelled"), ...finished }),
]);
export type JobState = z.infer<typeof JobState>;

export const Job = z.object({
  id: JobId,
  /** Order of creation: 1, 2, 3 ... whatever the clock does. The store gives it. */
  number: z.number().int().nonnegative(),
  /** The agent of the present turn. */
  agent: AgentName,
  cwd: z.string(),
  /** What the job may write in; two writers never share one. */
  tree: Tree,
  /** The first {@link PROMPT_PREVIEW_CHARS} characters of the first prompt. */
  prompt: z.string(),
  /** A few words for lists, of whoever started it. */
  title: z.string().optional(),
  approval_policy: ApprovalPolicy,
  priority: z.number().int(),
  after: z.array(JobId),
  /** Agents still to be tried, in turn. */
  fallback: z.array(AgentName),
  retry_on_limit: z.boolean(),
  /** How often a usage limit has been waited for. */
  limit_retries: z.number().int().nonnegative(),
  /** The job inside which this one was started. */
  parent: JobId.nullable(),
  /** 1 for a job started by a person or a host, one more for each job around it. */
  depth: z.number().int().positive(),
  request_key: z.string().nullable(),
  created_at: EpochMs,
  /** When the first turn began. */
  started_at: EpochMs.nullable(),
  /** Of all turns, as of `TurnOutcome`: what its times are apart that no time has passed in. */
  clock_jump_ms: z.number().optional(),
  /** The present turn, or the last one of a finished job. */
  turn: z.number().int().positive(),
  /** The turn that ran before the present one: its session is continued and its totals are added to. */
  previous_turn: z.number().int().positive().nullable(),
  /** The highest number given to a turn; numbers are never used twice. */
  last_turn: z.number().int().positive(),
  /** Accepted replies that wait for the present turn, in order. */
  queue: z.array(z.number().int().positive()),
  /**
   * Of the present turn and those that wait, by number: length and SHA-256 of what was accepted. Absent in records of
   * version 0.1.0.
   */
  seals: z.record(z.string(), z.string()).optional(),
  session_id: z.string().nullable(),
  /** What the agent or its front-end said through `agent_notify_done`. */
  summary: z.string().nullable(),
  state: JobState,
});
export type Job = z.infer<typeof Job>;

export type JobOf<Status extends JobState["status"]> = Job & { state: Extract<JobState, { status: Status }> };

export function isJobIn<Status extends JobState["status"]>(job: Job, status: Status): job is JobOf<Status> {
  return job.state.status === status;
}

/** Whether it waits or runs: not one that has ended, nor one in a state that only a later version knows. */
export function isActive(job: Job): boolean {
  return isJobIn(job, "pending") || isJobIn(job, "running");
}

/** Whether a cancel has begun that has not ended its process yet. */
export function isBeingCancelled(job: Job): boolean {
  return isJobIn(job, "running") && job.state.stop?.cause === "cancelled";
}

/** The reason of a finished job. */
export function reasonOf(job: Job) {
  return "reason" in job.state && typeof job.state.reason === "string" ? job.state.reason : undefined;
}

/** When the job ended, or `null`. */
export function finishedAt(job: Job): EpochMs | null {
  // A state of a later version may call something else so.
  return "finished_at" in job.state && typeof job.state.finished_at === "number"
    ? job.state.finished_at
    : null;
}
