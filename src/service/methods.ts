/**
 * Room `service`: the table of methods that both ends of the wire go by: what is asked, what is answered, and who
 * answers it. A method that is not here does not exist.
 *
 * @module
 */
import * as z from "zod";
import { opened } from "../domain/reading/opened.ts";
import { checkedArguments } from "../domain/reading/checked_arguments.ts";
import { JobResult } from "../domain/job/result.ts";
import { type DaemonControl, DaemonStatus, HandoverRequest } from "./daemon_control.ts";
import type { CallOptions, JobService } from "./job_service.ts";
import {
  CancelReceipt,
  CancelRequest,
  EventsPage,
  EventsRequest,
  FeedPage,
  FeedRequest,
  ListRequest,
  ListResult,
  NotifyDoneRequest,
  PollRequest,
  PruneRequest,
  PruneResult,
  QueueRequest,
  QueueStatus,
  Receipt,
  ReplyRequest,
  StartRequest,
  StatsRequest,
  StatsResult,
  TranscriptPage,
  TranscriptRequest,
  WaitRequest,
  WaitResult,
} from "./requests.ts";

/** Who answers inside the daemon. */
export interface Target {
  service: JobService;
  control: DaemonControl;
}

/**
 * - `change`: changes something: once begun it runs to its end, whoever has stopped listening.
 * - `read`: may be given up at any time, and may wait: a daemon that leaves answers `handover` at once.
 * - `control`: is understood across protocols and answered even by a daemon that leaves.
 */
export type MethodKind = "change" | "read" | "control";

export interface Method<Request extends z.ZodType = z.ZodType, Result extends z.ZodType = z.ZodType> {
  readonly kind: MethodKind;
  /** As this version asks; what is understood is {@link askedOf}. */
  readonly request: Request;
  /** As this version answers; what is understood is {@link answerOf}. */
  readonly result: Result;
  /** @throws {AgentAsyncError} `invalid_argument` for params that the schema refuses; what the service throws. */
  answer(target: Target, params: unknown, options: CallOptions): Promise<unknown>;
}

const Nothing = z.object({});

export const METHODS = {
  start: method(
    "change",
    StartRequest,
    Receipt,
    ({ service }, request, call) => service.start(request, call),
  ),
  reply: method(
    "change",
    ReplyRequest,
    Receipt,
    ({ service }, request, call) => service.reply(request, call),
  ),
  cancel: method(
    "change",
    CancelRequest,
    CancelReceipt,
    ({ service }, request, call) => service.cancel(request, call),
  ),
  prune: method(
    "change",
    PruneRequest,
    PruneResult,
    ({ service }, request, call) => service.prune(request, call),
  ),
  notifyDone: method(
    "change",
    NotifyDoneRequest,
    JobResult,
    ({ service }, request, call) => service.notifyDone(request, call),
  ),
  poll: method("read", PollRequest, JobResult, ({ service }, request, call) => service.poll(request, call)),
  wait: method("read", WaitRequest, WaitResult, ({ service }, request, call) => service.wait(request, call)),
  events: method(
    "read",
    EventsRequest,
    EventsPage,
    ({ service }, request, call) => service.events(request, call),
  ),
  transcript: method(
    "read",
    TranscriptRequest,
    TranscriptPage,
    ({ service }, request, call) => service.transcript(request, call),
  ),
  list: method("read", ListRequest, ListResult, ({ service }, request, call) => service.list(request, call)),
  queue: method(
    "read",
    QueueRequest,
    QueueStatus,
    ({ service }, request, call) => service.queue(request, call),
  ),
  feed: method("read", FeedRequest, FeedPage, ({ service }, request, call) => service.feed(request, call)),
  stats: method(
    "read",
    StatsRequest,
    StatsResult,
    ({ service }, request, call) => service.stats(request, call),
  ),
  ping: method("control", Nothing, Nothing, async ({ control }, _request, call) => {
    await control.ping(call);
    return {};
  }),
  status: method("control", Nothing, DaemonStatus, ({ control }, _request, call) => control.status(call)),
  stop: method("control", Nothing, Nothing, async ({ control }, _request, call) => {
    await control.stop(call);
    return {};
  }),
  handover: method("control", HandoverRequest, Nothing, async ({ control }, request, call) => {
    await control.handover(request, call);
    return {};
  }),
} as const;

export type MethodName = keyof typeof METHODS;

/** The method of that name, whatever the name is. */
export function methodNamed(name: string): Method | undefined {
  const table: Readonly<Record<string, Method>> = METHODS;
  return Object.hasOwn(table, name) ? table[name] : undefined;
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

function method<Request extends z.ZodType, Result extends z.ZodType>(
  kind: MethodKind,
  request: Request,
  result: Result,
  call: (target: Target, request: z.output<Request>, options: CallOptions) => Promise<z.output<Result>>,
): Method<Request, Result> {
  return {
    kind,
    request,
    result,
    async answer(target, params, options) {
      return await call(target, checkedArguments(askedOf({ kind, request }), params), options);
    },
  };
}
