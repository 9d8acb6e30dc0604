/**
 * Room `service`: `JobService` by asking a daemon. Rule of this file: every call is made so that it can be sent again
 * to the next daemon without anything happening twice or being missed.
 *
 * @module
 */
import type * as z from "zod";
import { checkedArguments } from "../../domain/reading/checked_arguments.ts";
import { AgentAsyncError } from "../../domain/errors.ts";
import type { JobResult } from "../../domain/job/result.ts";
import type { Clock } from "../../system/clock.ts";
import type { DaemonControl, DaemonStatus, HandoverRequest } from "../daemon_control.ts";
import type { CallOptions, JobService } from "../job_service.ts";
import { answerOf, askedOf, type Method, type MethodName, METHODS } from "../methods.ts";
import { RemoteCaller, type RemoteOptions } from "./caller.ts";
import * as ask from "../requests.ts";

/** Ms that a daemon which was asked to stop may take to be gone, before the asker stops looking. */
const LEAVE_MS = 20_000;

export class RemoteService implements JobService, DaemonControl, Disposable {
  readonly #caller: RemoteCaller;
  readonly #clock: Clock;

  constructor(options: RemoteOptions) {
    this.#caller = new RemoteCaller(options);
    this.#clock = options.clock;
  }

  start(request: ask.StartRequest, options?: CallOptions): Promise<ask.Receipt> {
    return this.#ask("start", METHODS.start, always(keyed(request)), options);
  }

  reply(request: ask.ReplyRequest, options?: CallOptions): Promise<ask.Receipt> {
    return this.#ask("reply", METHODS.reply, always(keyed(request)), options);
  }

  poll(request: ask.PollRequest, options?: CallOptions): Promise<JobResult> {
    return this.#ask("poll", METHODS.poll, always(request), options);
  }

  async wait(request: ask.WaitRequest, options?: CallOptions): Promise<ask.WaitResult> {
    const remaining = this.#countdown(request.timeout_seconds ?? ask.DEFAULT_WAIT_SECONDS);
    const fixed = await this.#withBeginning(request, options);
    return this.#ask("wait", METHODS.wait, () => ({ ...fixed, timeout_seconds: remaining() }), options);
  }

  events(request: ask.EventsRequest, options?: CallOptions): Promise<ask.EventsPage> {
    return this.#ask("events", METHODS.events, this.#shrinking(request), options);
  }

  transcript(request: ask.TranscriptRequest, options?: CallOptions): Promise<ask.TranscriptPage> {
    return this.#ask("transcript", METHODS.transcript, this.#shrinking(request), options);
  }

  cancel(request: ask.CancelRequest, options?: CallOptions): Promise<ask.CancelReceipt> {
    return this.#ask("cancel", METHODS.cancel, always(request), options);
  }

  list(request: ask.ListRequest, options?: CallOptions): Promise<ask.ListResult> {
    return this.#ask("list", METHODS.list, always(request), options);
  }

  queue(request: ask.QueueRequest, options?: CallOptions): Promise<ask.QueueStatus> {
    return this.#ask("queue", METHODS.queue, always(request), options);
  }

  feed(request: ask.FeedRequest, options?: CallOptions): Promise<ask.FeedPage> {
    return this.#ask("feed", METHODS.feed, this.#shrinking(request), options);
  }

  prune(request: ask.PruneRequest, options?: CallOptions): Promise<ask.PruneResult> {
    return this.#ask("prune", METHODS.prune, always(request), options);
  }

  stats(request: ask.StatsRequest, options?: CallOptions): Promise<ask.StatsResult> {
    return this.#ask("stats", METHODS.stats, always(request), options);
  }

  notifyDone(request: ask.NotifyDoneRequest, options?: CallOptions): Promise<JobResult> {
    return this.#ask("notifyDone", METHODS.notifyDone, always(request), options);
  }

  async ping(options?: CallOptions): Promise<void> {
    await this.#ask("ping", METHODS.ping, always({}), options);
  }

  status(options?: CallOptions): Promise<DaemonStatus> {
    return this.#ask("status", METHODS.status, always({}), options);
  }

  /** Resolves when the daemon is gone, so that the next one can start at once. */
  stop(options?: CallOptions): Promise<void> {
    return this.#askToLeave("stop", {}, options);
  }

  /** Resolves when the daemon is gone. */
  handover(request: HandoverRequest, options?: CallOptions): Promise<void> {
    return this.#askToLeave("handover", request, options);
  }

  /** Closes the connection; calls in flight fail. The daemon and its jobs go on. */
  close(): void {
    this.#caller.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #ask<Request extends z.ZodType, Result extends z.ZodType>(
    name: MethodName,
    method: Method<Request, Result>,
    paramsNow: () => z.input<Request>,
    options: CallOptions = {},
  ): Promise<z.output<Result>> {
    // Refused here already: a wrong argument starts no daemon.
    checkedArguments(askedOf(method), paramsNow());
    const answer = answerOf(method).safeParse(await this.#caller.call(name, paramsNow, options.signal));
    if (answer.success) return answer.data;
    throw new AgentAsyncError("internal", `Cannot read the daemon's answer to ${name}.`, {
      hint: "The daemon may be of a newer version: restart this session to use that version as well.",
      cause: answer.error,
    });
  }

  /** A wait for any job begins now, not when a second daemon hears of it: what ends in between is not missed. */
  async #withBeginning(request: ask.WaitRequest, options: CallOptions | undefined): Promise<ask.WaitRequest> {
    if (request.job_ids !== undefined || request.cursor !== undefined) return request;
    const { cursor } = await this.feed({}, options);
    return { ...request, cursor };
  }

  #shrinking<Request extends { wait_seconds?: number | undefined }>(request: Request): () => Request {
    if (request.wait_seconds === undefined) return () => request;
    const remaining = this.#countdown(request.wait_seconds);
    return () => ({ ...request, wait_seconds: remaining() });
  }

  /** Seconds that remain of `seconds` from now on. */
  #countdown(seconds: number): () => number {
    const began = this.#clock.steady();
    return () => Math.max(0, seconds - (this.#clock.steady() - began) / 1000);
  }

  async #askToLeave(name: MethodName, params: unknown, options: CallOptions = {}): Promise<void> {
    const session = await this.#caller.callOnce(name, params, options.signal);
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, LEAVE_MS);
    await Promise.race([session.ended, late]);
    clearTimeout(timer);
  }
}

function always<Value>(value: Value): () => Value {
  return () => value;
}

/** With a key of its own, a start that is sent twice is still one job. */
function keyed<Request extends { request_key?: string | undefined }>(request: Request): Request {
  return { ...request, request_key: request.request_key ?? crypto.randomUUID() };
}
