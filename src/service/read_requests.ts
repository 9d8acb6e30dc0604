/**
 * Room `service`: what only looks, or waits until there is something to see, and what is answered. As in
 * `requests.ts`, field names and defaults are the contract's.
 *
 * @module
 */
import * as z from "zod";
import { EventHead, EventType } from "../domain/event/event.ts";
import { AgentName, JobId } from "../domain/job/ids.ts";
import { JobStatus, Reason } from "../domain/job/reason.ts";
import { Brief, JobResult } from "../domain/job/result.ts";
import { Statistics, StatisticsGrouping } from "../domain/statistics.ts";
import { Asker, Asking } from "./question_requests.ts";
import { Origin } from "./requests.ts";

/** Seconds a wait may take: hosts drop calls after 60 to 120 s. */
export const MAX_WAIT_SECONDS = 100;
export const DEFAULT_WAIT_SECONDS = 50;
/** Days that statistics look back: a year, leap or not. */
export const MAX_STATS_DAYS = 366;
/** Characters of one page of events: under Gemini's 40,000 and Claude Code's 25,000 tokens. */
export const EVENTS_PAGE_CHARS = 32_000;

export const PollRequest = z.object({
  job_id: JobId,
  tail_lines: z.number().int().min(0).max(1_000).default(100),
  /** Whether it is told what the job cost. Needs the table of prices. */
  with_money: z.boolean().optional(),
});
export type PollRequest = z.input<typeof PollRequest>;

/** Jobs of one wait: the results of all of them must fit into one frame of the wire. */
const MAX_WAITED_FOR = 500;

/** Questions that a waiter names as known to him. */
const MAX_TOLD = 1_000;

export const WaitRequest = z.object({
  job_ids: z.array(JobId).min(1).max(MAX_WAITED_FOR).optional(),
  mode: z.enum(["any", "all"]).default("any"),
  timeout_seconds: z.number().min(0).max(MAX_WAIT_SECONDS).default(DEFAULT_WAIT_SECONDS),
  /** A cursor of the feed. Without one, a wait for any job begins at the present. */
  cursor: z.number().int().nonnegative().optional(),
  /** Lines of each ended job's transcript. */
  tail_lines: z.number().int().min(0).max(1_000).default(100),
  /** As of a poll, for each ended job. */
  with_money: z.boolean().optional(),
  /**
   * Who waits, and hears of questions that he may answer: a new one ends the wait, in either mode. New are those that
   * were asked after `cursor` and are not among `told`. Without it no question ends the wait.
   */
  as: Asker.optional(),
  /** Questions that the waiter has been told of, as `questionKey` names them. */
  told: z.array(z.string()).max(MAX_TOLD).optional(),
  /** Without `job_ids`: the jobs of which questions are told. */
  questions_of: z.array(JobId).max(MAX_WAITED_FOR).optional(),
});
export type WaitRequest = z.input<typeof WaitRequest>;

export const WaitResult = z.object({
  timed_out: z.boolean(),
  jobs: z.array(JobResult),
  /** All open questions of the jobs waited for, told before or not; absent where there is none. */
  asking: z.array(Asking).optional(),
  unfinished: z.array(Brief),
  cursor: z.number().int(),
});
export type WaitResult = z.infer<typeof WaitResult>;

export const EventsRequest = z.object({
  job_id: JobId,
  cursor: z.number().int().nonnegative().default(0),
  limit: z.number().int().min(1).max(500).default(50),
  /** The types of events that are wanted; all of them unless given. */
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

/** Jobs of one list: 1,000 are half a megabyte on the wire. */
export const MAX_LISTED = 1_000;

export const ListRequest = z.object({
  limit: z.number().int().min(1).max(MAX_LISTED).default(20),
  /** Only jobs of this group that have not ended, or are among the newest {@link MAX_LISTED}. */
  group: JobId.optional(),
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
  /** A sentence that records had to be rebuilt a short while ago. */
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

export const JobAround = z.object({ job_id: JobId.nullable() });
export type JobAround = z.infer<typeof JobAround>;

export const QueueRequest = z.object({ origin: Origin });
export type QueueRequest = z.input<typeof QueueRequest>;

export const QueueStatus = z.object({
  busy: z.boolean(),
  running: z.array(Brief),
  pending: z.array(Brief),
  pending_count: z.number().int(),
  limits: z.object({
    total: z.number().int(),
    depth: z.number().int(),
    /** `budgets.day_usd`, and what of it is used today as far as it is known; absent without such a budget. */
    day_usd: z.number().optional(),
    day_spent_usd: z.number().optional(),
  }),
  agents: z.array(AgentState),
});
export type QueueStatus = z.infer<typeof QueueStatus>;

export const FeedRequest = z.object({
  /** Without a cursor the answer comes at once: no entries, and the cursor of the feed's present end. */
  cursor: z.number().int().nonnegative().optional(),
  limit: z.number().int().min(1).max(500).default(100),
  wait_seconds: z.number().min(0).max(MAX_WAIT_SECONDS).default(0),
  /** Only updates by which a job ended. */
  finished_only: z.boolean().default(false),
  /** With `finished_only`: also updates by which a job asked something. */
  with_questions: z.boolean().default(false),
});
export type FeedRequest = z.input<typeof FeedRequest>;

export const Notification = z.object({
  cursor: z.number().int(),
  job_id: JobId,
  turn: z.number().int(),
  status: JobStatus,
  reason: Reason.optional(),
  summary: z.string().optional(),
  /** Ids of questions that the job asked, or that were settled, by this update. */
  asked: z.array(z.string()).optional(),
  settled: z.array(z.string()).optional(),
  time: z.string(),
});
export type Notification = z.infer<typeof Notification>;

export const FeedPage = z.object({ notifications: z.array(Notification), cursor: z.number().int() });
export type FeedPage = z.infer<typeof FeedPage>;

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
