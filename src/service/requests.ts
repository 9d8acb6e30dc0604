/**
 * Room `service`: what can be asked of agent-async and what it answers. The one source for the wire, the tools and
 * the command line: field names and defaults are the contract's.
 *
 * @module
 */
import * as z from "zod";
import { ARGUMENT_WORD_RULE, isArgumentWord } from "../domain/agent/argument_word.ts";
import { EventHead, EventType } from "../domain/event/event.ts";
import { AgentName, JobId } from "../domain/job/ids.ts";
import { MAX_AFTER } from "../domain/job/job.ts";
import { ApprovalPolicy } from "../domain/agent/policy.ts";
import { JobStatus, Reason } from "../domain/job/reason.ts";
import { Brief, JobResult } from "../domain/job/result.ts";
import { Statistics, StatisticsGrouping } from "../domain/statistics.ts";

/** Characters of a prompt, context files included: what Codex takes (1,048,576) less room for our own words. */
export const MAX_PROMPT_CHARS = 1_000_000;
/** Characters of a job's title: a few words. */
const MAX_TITLE_CHARS = 100;
/** Seconds: a day. */
export const MAX_TURN_SECONDS = 86_400;
/** Seconds a wait may take: hosts drop calls after 60 to 120 s. */
export const MAX_WAIT_SECONDS = 100;
export const DEFAULT_WAIT_SECONDS = 50;
/** Days that statistics look back: a year, leap or not. */
export const MAX_STATS_DAYS = 366;
/** Characters of one page of events: under Gemini's 40,000 and Claude Code's 25,000 tokens. */
export const EVENTS_PAGE_CHARS = 32_000;

const Prompt = z.string().min(1, "must not be empty").max(
  MAX_PROMPT_CHARS,
  `must have at most ${MAX_PROMPT_CHARS} characters: put the rest into files under cwd, and name them`,
);
const TimeoutSeconds = z.number().positive().max(MAX_TURN_SECONDS);
const Model = z.string().min(1).max(200).refine(isArgumentWord, ARGUMENT_WORD_RULE);
const RequestKey = z.string().min(1).max(200);

/** Where a call comes from: the front-end adds it, a caller never does. */
export const Origin = z.object({
  /** The host's whole environment: PATH and keys differ between terminals. */
  env: z.record(z.string(), z.string()),
  /** One front-end process, so that it hears of its own jobs. */
  session: z.string(),
});
export type Origin = z.infer<typeof Origin>;

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
  priority: z.number().int().min(-10).max(10).optional(),
  fallback: z.array(AgentName).max(10).optional(),
  retry_on_limit: z.boolean().optional(),
  request_key: RequestKey.optional(),
  origin: Origin,
});
export type StartRequest = z.infer<typeof StartRequest>;

export const ReplyRequest = z.object({
  job_id: JobId,
  prompt: Prompt,
  approval_policy: ApprovalPolicy.optional(),
  model: Model.optional(),
  timeout_seconds: TimeoutSeconds.optional(),
  request_key: RequestKey.optional(),
  origin: Origin,
});
export type ReplyRequest = z.infer<typeof ReplyRequest>;

export const Receipt = z.object({
  job_id: JobId,
  agent: z.string(),
  status: JobStatus,
  /** The turn that this call added. */
  turn: z.number().int(),
  /** 1 for the next to start. */
  position: z.number().int().optional(),
  waiting_for: z.string().optional(),
  /** The newest event before this turn: reading after it gives the turn's own. */
  cursor: z.number().int(),
  message: z.string(),
});
export type Receipt = z.infer<typeof Receipt>;

export const PollRequest = z.object({
  job_id: JobId,
  tail_lines: z.number().int().min(0).max(1_000).default(100),
});
export type PollRequest = z.input<typeof PollRequest>;

/** Jobs of one wait: the results of all of them must fit into one frame of the wire. */
const MAX_WAITED_FOR = 500;

export const WaitRequest = z.object({
  job_ids: z.array(JobId).min(1).max(MAX_WAITED_FOR).optional(),
  mode: z.enum(["any", "all"]).default("any"),
  timeout_seconds: z.number().min(0).max(MAX_WAIT_SECONDS).default(DEFAULT_WAIT_SECONDS),
  /** Of the feed; without one, a wait for any job begins at the present. */
  cursor: z.number().int().nonnegative().optional(),
  /** Of the transcript of each ended job. */
  tail_lines: z.number().int().min(0).max(1_000).default(100),
});
export type WaitRequest = z.input<typeof WaitRequest>;

export const WaitResult = z.object({
  timed_out: z.boolean(),
  jobs: z.array(JobResult),
  unfinished: z.array(Brief),
  cursor: z.number().int(),
});
export type WaitResult = z.infer<typeof WaitResult>;

export const EventsRequest = z.object({
  job_id: JobId,
  cursor: z.number().int().nonnegative().default(0),
  limit: z.number().int().min(1).max(500).default(50),
  /** Without any: all. */
  types: z.array(EventType).optional(),
  /** Characters of any string field; 0 leaves them whole. */
  truncate: z.number().int().nonnegative().default(1024),
  /** Seconds to wait for an event after the cursor when there is none and the job goes on; for followers. */
  wait_seconds: z.number().min(0).max(MAX_WAIT_SECONDS).default(0),
});
export type EventsRequest = z.input<typeof EventsRequest>;

export const EventsPage = z.object({
  /** Each has `seq`, `turn`, `time`, `type` and the fields of its type. */
  events: z.array(EventHead.extend({ type: EventType }).loose()),
  cursor: z.number().int(),
  status: JobStatus,
  more: z.boolean(),
});
export type EventsPage = z.infer<typeof EventsPage>;

export const TranscriptRequest = z.object({
  job_id: JobId,
  /** Bytes of the transcript to pass over. */
  offset: z.number().int().nonnegative().default(0),
  wait_seconds: z.number().min(0).max(MAX_WAIT_SECONDS).default(0),
});
export type TranscriptRequest = z.input<typeof TranscriptRequest>;

export const TranscriptPage = z.object({
  text: z.string(),
  /** Where the next page begins, in bytes. */
  offset: z.number().int(),
  status: JobStatus,
  more: z.boolean(),
});
export type TranscriptPage = z.infer<typeof TranscriptPage>;

export const CancelRequest = z.object({ job_id: JobId });
export type CancelRequest = z.input<typeof CancelRequest>;

export const CancelReceipt = z.object({ job_id: JobId, status: JobStatus, message: z.string() });
export type CancelReceipt = z.infer<typeof CancelReceipt>;

/** Jobs of one list: 1,000 are half a megabyte on the wire. */
export const MAX_LISTED = 1_000;

export const ListRequest = z.object({
  limit: z.number().int().min(1).max(MAX_LISTED).default(20),
  status: JobStatus.optional(),
  agent: AgentName.optional(),
  cwd: z.string().optional(),
  /** Only jobs whose id begins so; the other filters and the order do not count then. */
  id_prefix: z.string().regex(/^[0-9a-z]{1,8}$/).optional(),
});
export type ListRequest = z.input<typeof ListRequest>;

export const ListResult = z.object({
  jobs: z.array(Brief),
  total: z.number().int(),
  /** That records had to be rebuilt a short while ago. */
  notice: z.string().optional(),
});
export type ListResult = z.infer<typeof ListResult>;

export const AgentState = z.object({
  name: AgentName,
  available: z.boolean(),
  version: z.string().optional(),
  hint: z.string().optional(),
});
export type AgentState = z.infer<typeof AgentState>;

export const QueueRequest = z.object({ origin: Origin });
export type QueueRequest = z.input<typeof QueueRequest>;

export const QueueStatus = z.object({
  busy: z.boolean(),
  running: z.array(Brief),
  pending: z.array(Brief),
  pending_count: z.number().int(),
  limits: z.object({ total: z.number().int(), depth: z.number().int() }),
  agents: z.array(AgentState),
});
export type QueueStatus = z.infer<typeof QueueStatus>;

export const FeedRequest = z.object({
  /** Without one: the present end of the feed, at once and empty. */
  cursor: z.number().int().nonnegative().optional(),
  limit: z.number().int().min(1).max(500).default(100),
  wait_seconds: z.number().min(0).max(MAX_WAIT_SECONDS).default(0),
  /** Only updates by which a job ended. */
  finished_only: z.boolean().default(false),
});
export type FeedRequest = z.input<typeof FeedRequest>;

export const Notification = z.object({
  cursor: z.number().int(),
  job_id: JobId,
  turn: z.number().int(),
  status: JobStatus,
  reason: Reason.optional(),
  summary: z.string().optional(),
  time: z.string(),
});
export type Notification = z.infer<typeof Notification>;

export const FeedPage = z.object({ notifications: z.array(Notification), cursor: z.number().int() });
export type FeedPage = z.infer<typeof FeedPage>;

export const PruneRequest = z.object({
  /** Jobs that ended longer ago; without it, the configured age and size decide. */
  older_than_days: z.number().nonnegative().optional(),
  /** Only says what would go. */
  dry_run: z.boolean().default(false),
});
export type PruneRequest = z.input<typeof PruneRequest>;

export const PruneResult = z.object({
  jobs: z.array(JobId),
  /** Of their directories. */
  bytes: z.number().int(),
  dry_run: z.boolean(),
});
export type PruneResult = z.infer<typeof PruneResult>;

export const StatsRequest = z.object({
  by: StatisticsGrouping.default("agent"),
  /** Calendar days, the present one included. */
  days: z.number().int().min(1).max(MAX_STATS_DAYS).default(30),
  /** IANA name of the zone whose days are meant. */
  time_zone: z.string().min(1).max(100).default("UTC"),
});
export type StatsRequest = z.input<typeof StatsRequest>;

export const StatsResult = Statistics;
export type StatsResult = Statistics;

export const NotifyDoneRequest = z.object({ job_id: JobId, summary: z.string().max(20_000).optional() });
export type NotifyDoneRequest = z.input<typeof NotifyDoneRequest>;
