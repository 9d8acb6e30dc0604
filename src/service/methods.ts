/**
 * Room `service`: the table of methods that both ends of the wire go by: what is asked and what is answered. A method
 * that is not here does not exist. The services, the wire and the tests' fakes are derived from it.
 *
 * @module
 */
import * as z from "zod";
import { opened } from "../domain/reading/opened.ts";
import { JobResult } from "../domain/job/result.ts";
import { DaemonStatus, HandoverRequest } from "./daemon_control.ts";
import {
  DEFAULT_WAIT_SECONDS,
  EventsPage,
  EventsRequest,
  FeedPage,
  FeedRequest,
  JobAround,
  ListRequest,
  ListResult,
  PollRequest,
  QueueRequest,
  QueueStatus,
  StatsRequest,
  StatsResult,
  TranscriptPage,
  TranscriptRequest,
  WaitRequest,
  WaitResult,
} from "./read_requests.ts";
import { AnswerReceipt, AnswerRequest, QuestionsRequest, QuestionsResult } from "./question_requests.ts";
import {
  CancelReceipt,
  CancelRequest,
  NotifyDoneRequest,
  PruneRequest,
  PruneResult,
  Receipt,
  ReplyRequest,
  RetryRequest,
  StartRequest,
} from "./requests.ts";

import {
  ApplyRequest,
  ApplyResult,
  DiffRequest,
  DiffResult,
  EnterRequest,
  EnterResult,
} from "./work_requests.ts";

/**
 * - `change`: changes something: once begun it runs to its end, whoever has stopped listening.
 * - `read`: may be given up at any time, and may wait: a daemon that leaves answers `handover` at once.
 * - `control`: is understood across protocols and answered even by a daemon that leaves.
 */
export type MethodKind = "change" | "read" | "control";

/**
 * How a request is sent again when its daemon went away, so that nothing happens twice and no wait grows longer:
 *
 * - by key: with a `request_key`, by which the next daemon finds what the last one did;
 * - by time: with what is left of the seconds in `field`, which are `unlessGiven` where a request leaves them out.
 *
 * A request of a method without either is sent again as it is.
 */
export type Resending =
  | { readonly by: "key" }
  | { readonly by: "time"; readonly field: string; readonly unlessGiven?: number };

export interface Method<Request extends z.ZodType = z.ZodType, Result extends z.ZodType = z.ZodType> {
  readonly kind: MethodKind;
  /** As this version asks; what is understood is {@link askedOf}. */
  readonly request: Request;
  /** As this version answers; what is understood is {@link answerOf}. */
  readonly result: Result;
  readonly resending?: Resending;
}

const Nothing = z.object({});

const KEYED: Resending = { by: "key" };
const TIMED: Resending = { by: "time", field: "wait_seconds" };

/** What can be asked of the jobs. */
export const SERVICE_METHODS = {
  /** Answers when the job is durable. The same `request_key` gives the same job. */
  start: change(StartRequest, Receipt, KEYED),
  /** Adds a turn in the same agent session. While another turn is pending or running it waits, in order. */
  reply: change(ReplyRequest, Receipt, KEYED),
  /** Starts a job as another was started, with files as they are now; `conflict` for what is not there any more. */
  retry: change(RetryRequest, Receipt, KEYED),
  /** Answers when the answer is durable: the agent will get it. The first answer to a question counts. */
  answer: change(AnswerRequest, AnswerReceipt, KEYED),
  /** Answers when nothing of the job is left running. */
  cancel: change(CancelRequest, CancelReceipt),
  /** Takes a job's changes over, back or away: all of them or nothing. */
  apply: change(ApplyRequest, ApplyResult),
  /** Makes a job's place safe for a person: hooks and settings that its agent may have planted there are put back. */
  enter: change(EnterRequest, EnterResult),
  /** Removes finished jobs; never a running or pending one, nor one that a pending job waits for. */
  prune: change(PruneRequest, PruneResult),
  /** Records what an agent says of its own job and wakes those who wait for it. */
  notifyDone: change(NotifyDoneRequest, JobResult),
  poll: read(PollRequest, JobResult),
  /** Running out of time is a normal answer. */
  wait: read(WaitRequest, WaitResult, {
    by: "time",
    field: "timeout_seconds",
    unlessGiven: DEFAULT_WAIT_SECONDS,
  }),
  events: read(EventsRequest, EventsPage, TIMED),
  transcript: read(TranscriptRequest, TranscriptPage, TIMED),
  /** What the running jobs ask, with all detail. */
  questions: read(QuestionsRequest, QuestionsResult),
  /** The running job inside of which the caller runs; `null` for a caller outside of all. */
  jobAround: read(Nothing, JobAround),
  /** What the job changed on disk; `conflict` with the reason where that is not known. */
  diff: read(DiffRequest, DiffResult),
  list: read(ListRequest, ListResult),
  queue: read(QueueRequest, QueueStatus),
  feed: read(FeedRequest, FeedPage, TIMED),
  /** What the jobs that ended in the last days add up to. */
  stats: read(StatsRequest, StatsResult),
};
export type ServiceMethodName = keyof typeof SERVICE_METHODS;

export const SERVICE_METHOD_NAMES = Object.keys(SERVICE_METHODS).filter(isServiceMethodName);

/** What can be asked of the daemon itself: see `DaemonControl`. */
export const CONTROL_METHODS = {
  ping: control(Nothing, Nothing),
  status: control(Nothing, DaemonStatus),
  stop: control(Nothing, Nothing),
  handover: control(HandoverRequest, Nothing),
};
export type ControlMethodName = keyof typeof CONTROL_METHODS;

export const METHODS = { ...SERVICE_METHODS, ...CONTROL_METHODS };
export type MethodName = keyof typeof METHODS;

/** Whether there is a method of that name, whatever the name is. */
export function isMethodName(name: string): name is MethodName {
  return Object.hasOwn(METHODS, name);
}

export function isServiceMethodName(name: string): name is ServiceMethodName {
  return Object.hasOwn(SERVICE_METHODS, name);
}

/**
 * The schema of what is asked. What asks for a change is closed, since it becomes what is written; what only looks may
 * look for words of a later version (a status, a type of events), which match what that has written, or nothing.
 */
export function askedOf<Request extends z.ZodType>(
  { kind, request }: { kind: MethodKind; request: Request },
): Request {
  return kind === "change" ? request : opened(request);
}

/** The schema of the answer: a daemon of a later version says more. */
export function answerOf<Result extends z.ZodType>({ result }: { result: Result }): Result {
  return opened(result);
}

function change<Request extends z.ZodType, Result extends z.ZodType>(
  request: Request,
  result: Result,
  resending?: Resending,
): Method<Request, Result> {
  return { kind: "change", request, result, ...(resending === undefined ? {} : { resending }) };
}

function read<Request extends z.ZodType, Result extends z.ZodType>(
  request: Request,
  result: Result,
  resending?: Resending,
): Method<Request, Result> {
  return { kind: "read", request, result, ...(resending === undefined ? {} : { resending }) };
}

function control<Request extends z.ZodType, Result extends z.ZodType>(
  request: Request,
  result: Result,
): Method<Request, Result> {
  return { kind: "control", request, result };
}
