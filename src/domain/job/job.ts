/**
 * Room `domain`: the job record, which is all that the store keeps of a job. Prompts, results and events are files in
 * the job's directory, so that a record stays far below the store's limit of 65,536 bytes.
 *
 * @module
 */
import * as z from "zod";
import { Budget } from "./budget.ts";
import { JobCheck } from "./check.ts";
import { AgentName, EpochMs, JobId } from "./ids.ts";
import { ApprovalPolicy } from "../agent/policy.ts";
import { ErrorReason } from "./reason.ts";
import { OpenQuestion } from "../question/question.ts";
import { Stop } from "../turn/turn.ts";
import { Tree } from "./tree.ts";

/** Characters of the first prompt that a record keeps. */
export const PROMPT_PREVIEW_CHARS = 200;

/** Most replies that may wait in one job. */
export const MAX_QUEUED_REPLIES = 100;

const finished = { finished_at: EpochMs, exit_code: z.number().int().nullable() };

/** The state of a job; each variant has only the members that make sense in it. */
export const JobState = z.discriminatedUnion("status", [
  z.object({
    status: z.literal("pending"),
    since: EpochMs,
    /** When the usage limit ends that the job waits for; `null` for none. */
    not_before: EpochMs.nullable(),
  }),
  z.object({
    status: z.literal("running"),
    since: EpochMs,
    stop: Stop.nullable(),
    /** What its agent asks and nobody has answered yet, in the order of asking; absent when there is nothing. */
    questions: z.array(OpenQuestion).optional(),
  }),
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

/** Turn numbers: what later turns changed is not meant. */
export const JobWork = z.object({
  /** The changes of the job's place up to this turn are in the caller's tree. */
  applied: z.number().int().nonnegative(),
  /** The changes up to this turn were taken back. */
  undone: z.number().int().nonnegative(),
  /** How they were taken over; absent for uncommitted changes, which can be taken back. */
  method: z.enum(["merge", "branch"]).optional(),
  /** The job's place was removed. */
  discarded: z.literal(true).optional(),
});
export type JobWork = z.infer<typeof JobWork>;

export const Job = z.object({
  id: JobId,
  /** Number in order of creation: 1, 2, 3 ... The store assigns it, independent of any clock. */
  number: z.number().int().nonnegative(),
  /** The agent of the present turn. */
  agent: AgentName,
  cwd: z.string(),
  /** The directory tree that the job may write in. Two jobs that may write never run in the same one. */
  tree: Tree,
  /** The first {@link PROMPT_PREVIEW_CHARS} characters of the first prompt. */
  prompt: z.string(),
  /** A short title for lists, given by the caller. */
  title: z.string().optional(),
  approval_policy: ApprovalPolicy,
  /** Absent: the job works in the caller's directory. */
  isolation: z.literal("worktree").optional(),
  /** What an isolated job's place begins from; absent: the commit that is checked out. */
  place_from: z.literal("changes").optional(),
  /** The user's command that sets the place up. */
  setup: z.string().optional(),
  /** A command that has to pass for the job to be done; absent for none. */
  check: JobCheck.optional(),
  /** What the job may use with all that it starts. */
  budget: Budget.optional(),
  /** Budgets of the jobs around it, in which what it uses is counted too. */
  budgets_over: z.array(z.object({ id: JobId, budget: Budget })).optional(),
  /** An id that jobs share which were started together, as in a race. */
  group: JobId.optional(),
  priority: z.number().int(),
  after: z.array(JobId),
  /** Agents to hand the job over to, in this order, when its agent cannot work. */
  fallback: z.array(AgentName),
  retry_on_limit: z.boolean(),
  /** How often the job has been postponed to the end of a usage limit for the present prompt. */
  limit_retries: z.number().int().nonnegative(),
  /** The job inside which this one was started. */
  parent: JobId.nullable(),
  /** 1 for a job started by a person or a host, one more for each job around it. */
  depth: z.number().int().positive(),
  request_key: z.string().nullable(),
  created_at: EpochMs,
  /** When the first turn began. */
  started_at: EpochMs.nullable(),
  /** Ms by which the wall clock was set while turns ran, summed up. Durations subtract it. */
  clock_jump_ms: z.number().optional(),
  /** The present turn, or the last one of a finished job. */
  turn: z.number().int().positive(),
  /** The turn before the present one; `null` for the first. The present turn continues its session and totals. */
  previous_turn: z.number().int().positive().nullable(),
  /** The highest number given to a turn; numbers are never used twice. */
  last_turn: z.number().int().positive(),
  /** Turn numbers of accepted replies that wait for the end of the present turn, in order. */
  queue: z.array(z.number().int().positive()),
  /**
   * Length and SHA-256 of the accepted file, by turn number, for the present turn and those that wait. Absent in
   * records of version 0.1.0.
   */
  seals: z.record(z.string(), z.string()).optional(),
  session_id: z.string().nullable(),
  /** What became of the job's changes; absent while nobody has taken them over, back or away. */
  work: JobWork.optional(),
  /** What the agent or its front-end said through `agent_notify_done`. */
  summary: z.string().nullable(),
  state: JobState,
});
export type Job = z.infer<typeof Job>;

export type JobOf<Status extends JobState["status"]> = Job & { state: Extract<JobState, { status: Status }> };

export function isJobIn<Status extends JobState["status"]>(job: Job, status: Status): job is JobOf<Status> {
  return job.state.status === status;
}

/** Whether the job is pending or running. False also for a state that only a later version knows. */
export function isActive(job: Job): boolean {
  return isJobIn(job, "pending") || isJobIn(job, "running");
}

/** Whether the job is being cancelled while its process still runs. */
export function isBeingCancelled(job: Job): boolean {
  return isJobIn(job, "running") && job.state.stop?.cause === "cancelled";
}

/** The open questions of a job, in the order of asking. */
export function openQuestions(job: Job): readonly OpenQuestion[] {
  return isJobIn(job, "running") ? job.state.questions ?? [] : [];
}

/** The reason of a finished job; `undefined` for one that has not finished. */
export function reasonOf(job: Job) {
  return "reason" in job.state && typeof job.state.reason === "string" ? job.state.reason : undefined;
}

/** When the job finished; `null` when it has not. */
export function finishedAt(job: Job): EpochMs | null {
  // A state of a later version may use this name for something else.
  return "finished_at" in job.state && typeof job.state.finished_at === "number"
    ? job.state.finished_at
    : null;
}
