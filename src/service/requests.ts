/**
 * Room `service`: what asks for a change, and what is answered. The one source for the wire, the tools and the command
 * line: field names and defaults are the contract's.
 *
 * @module
 */
import * as z from "zod";
import { ARGUMENT_WORD_RULE, isArgumentWord } from "../domain/agent/argument_word.ts";
import { MAX_CHECK_ATTEMPTS } from "../domain/job/check.ts";
import { AgentName, JobId } from "../domain/job/ids.ts";
import { ApprovalPolicy } from "../domain/agent/policy.ts";
import { JobStatus } from "../domain/job/reason.ts";
import { RequestKey } from "./request_key.ts";

/** Characters of a prompt, context files included: what Codex takes (1,048,576) less room for our own words. */
export const MAX_PROMPT_CHARS = 1_000_000;
/** Characters of a job's title: a few words. */
const MAX_TITLE_CHARS = 100;
/** Seconds: a day. */
export const MAX_TURN_SECONDS = 86_400;
/** Jobs that one job may wait for. */
const MAX_AFTER = 50;
const Prompt = z.string().min(1, "must not be empty").max(
  MAX_PROMPT_CHARS,
  `must have at most ${MAX_PROMPT_CHARS} characters: put the rest into files under cwd, and name them`,
);
const TimeoutSeconds = z.number().positive().max(MAX_TURN_SECONDS);
const Model = z.string().min(1).max(200).refine(isArgumentWord, ARGUMENT_WORD_RULE);

/** The host and session that a call comes from. The front-end adds it, a caller never does. */
export const Origin = z.object({
  /** The host's whole environment: PATH and keys differ between terminals. */
  env: z.record(z.string(), z.string()),
  /** One front-end process, so that it hears of its own jobs. */
  session: z.string(),
});
export type Origin = z.infer<typeof Origin>;

/** What a job may use with all that it starts. */
const budgetShape = {
  /** US dollars. */
  max_cost_usd: z.number().positive().optional(),
  max_tokens: z.number().int().positive().optional(),
};

export const StartRequest = z.object({
  agent: AgentName,
  prompt: Prompt,
  cwd: z.string(),
  /** For lists; the agent does not see it. */
  title: z.string().regex(/\S/, "must not be blank").max(MAX_TITLE_CHARS).optional(),
  approval_policy: ApprovalPolicy.optional(),
  context_files: z.array(z.string()).max(200).optional(),
  model: Model.optional(),
  timeout_seconds: TimeoutSeconds.optional(),
  after: z.array(JobId).max(MAX_AFTER).optional(),
  /** Where the job works: in `cwd`, or in a repository of its own made from it. */
  isolation: z.enum(["none", "worktree"]).optional(),
  /** Whether such a repository begins with what is not committed yet. */
  with_changes: z.boolean().optional(),
  /** The name of a check in the configuration, or a command line. */
  check: z.string().regex(/\S/, "must not be blank").max(10_000).optional(),
  /** How often a failing check goes back to the agent. */
  check_attempts: z.number().int().min(0).max(MAX_CHECK_ATTEMPTS).optional(),
  /** JSON Schema of the answer. */
  result_schema: z.record(z.string(), z.unknown()).optional(),
  priority: z.number().int().min(-10).max(10).optional(),
  fallback: z.array(AgentName).max(10).optional(),
  retry_on_limit: z.boolean().optional(),
  ...budgetShape,
  /** An id like a job's, that jobs share which are started together. */
  group: JobId.optional(),
  request_key: RequestKey.optional(),
  origin: Origin,
});
export type StartRequest = z.infer<typeof StartRequest>;

/** When a reply is said: as a further turn after those that are there, or at once, to the agent that works. */
export const ReplyTime = z.enum(["after", "now"]);
export type ReplyTime = z.infer<typeof ReplyTime>;

export const ReplyRequest = z.object({
  job_id: JobId,
  prompt: Prompt,
  /** `after` unless given. */
  when: ReplyTime.optional(),
  approval_policy: ApprovalPolicy.optional(),
  model: Model.optional(),
  timeout_seconds: TimeoutSeconds.optional(),
  ...budgetShape,
  request_key: RequestKey.optional(),
  origin: Origin,
});
export type ReplyRequest = z.infer<typeof ReplyRequest>;

/** The whole start of a job once more, as a new job; what is named here is changed. */
export const RetryRequest = z.object({
  job_id: JobId,
  agent: AgentName.optional(),
  approval_policy: ApprovalPolicy.optional(),
  model: Model.optional(),
  timeout_seconds: TimeoutSeconds.optional(),
  ...budgetShape,
  request_key: RequestKey.optional(),
  origin: Origin,
});
export type RetryRequest = z.infer<typeof RetryRequest>;

export const Receipt = z.object({
  job_id: JobId,
  agent: z.string(),
  status: JobStatus,
  /** The turn that this call added. */
  turn: z.number().int(),
  /** 1 for the next to start. */
  position: z.number().int().optional(),
  waiting_for: z.string().optional(),
  /**
   * What became of a reply that was to be said at once. `injected`: the agent goes on with it. `queued`: the agent takes
   * it after what it is doing. `interrupted`: what it did was ended, and it goes on with the reply. Absent where the job
   * did not run, so that the reply is a turn as any other.
   */
  delivered: z.enum(["injected", "queued", "interrupted"]).optional(),
  /** The newest event before this turn: reading after it gives the turn's own. */
  cursor: z.number().int(),
  message: z.string(),
});
export type Receipt = z.infer<typeof Receipt>;

/** `job_id`: a job, or a group, which is all its jobs. */
export const CancelRequest = z.object({ job_id: JobId });
export type CancelRequest = z.input<typeof CancelRequest>;

const CancelledJob = z.object({ job_id: JobId, status: JobStatus, message: z.string() });

/** Of a group: `cancelled` where one of its jobs is, else as the first of them ended. */
export const CancelReceipt = CancelledJob.extend({
  /** What became of each job of a group, in the order of their starts; absent for a single job. */
  jobs: z.array(CancelledJob).optional(),
});
export type CancelReceipt = z.infer<typeof CancelReceipt>;

export const PruneRequest = z.object({
  /** Jobs that ended longer ago; without it, the configured age and size decide. */
  older_than_days: z.number().nonnegative().optional(),
  /** Only says what would go. */
  dry_run: z.boolean().default(false),
  /** Removes places of jobs that are gone, too; what they hold is kept as `patches/<job id>.patch`. */
  orphans: z.boolean().optional(),
});
export type PruneRequest = z.input<typeof PruneRequest>;

/** A place of a job that is gone. */
const PrunedPlace = z.object({
  path: z.string(),
  /** `null` where counting them takes too long. */
  bytes: z.number().int().nullable(),
  removed: z.boolean(),
  /** Where what it held is kept; `null` where it held nothing, or was not removed. */
  patch: z.string().nullable(),
  /** Why it was not removed, though that was asked for. */
  why: z.string().optional(),
});
export type PrunedPlace = z.infer<typeof PrunedPlace>;

export const PruneResult = z.object({
  jobs: z.array(JobId),
  /** Of their directories. */
  bytes: z.number().int(),
  /** Those of the jobs whose changes nobody has taken over: each is kept as `patches/<job id>.patch`. */
  not_applied: z.array(JobId).optional(),
  /** Places of jobs that are gone, whether they were removed or not; absent where there are none. */
  orphans: z.array(PrunedPlace).optional(),
  dry_run: z.boolean(),
});
export type PruneResult = z.infer<typeof PruneResult>;

export const NotifyDoneRequest = z.object({ job_id: JobId, summary: z.string().max(20_000).optional() });
export type NotifyDoneRequest = z.input<typeof NotifyDoneRequest>;
