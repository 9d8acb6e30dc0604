/**
 * Room `service`: `JobService` by asking a daemon. Rule of this file: every call is made so that it can be sent again
 * to the next daemon without anything happening twice or being missed.
 *
 * @module
 */
import type * as z from "zod";
import { checkedArguments } from "../../domain/reading/checked_arguments.ts";
import { AgentAsyncError } from "../../domain/errors.ts";
import type { Clock } from "../../system/clock.ts";
import type { CallOptions } from "../call.ts";
import type { DaemonControl, DaemonStatus, HandoverRequest } from "../daemon_control.ts";
import { type JobService, serviceOf } from "../job_service.ts";
import {
  answerOf,
  askedOf,
  CONTROL_METHODS,
  type Method,
  type MethodName,
  SERVICE_METHODS,
} from "../methods.ts";
import type { WaitRequest } from "../read_requests.ts";
import { RemoteCaller, type RemoteOptions } from "./caller.ts";
import { paramsNow } from "./resending.ts";
import { within } from "../../system/deadline.ts";

/** Ms that a daemon which was asked to stop may take to be gone, before the asker stops looking. */
const LEAVE_MS = 20_000;

interface Asking<Result extends z.ZodType> {
  method: Method<z.ZodType, Result>;
  call: CallOptions | undefined;
  /** Members of the request that have to be asked for first. */
  more?: () => Promise<object>;
}

/** The methods of the table, which the constructor makes. */
export interface RemoteService extends JobService {}

export class RemoteService implements DaemonControl, Disposable {
  readonly #caller: RemoteCaller;
  readonly #clock: Clock;

  constructor(options: RemoteOptions) {
    this.#caller = new RemoteCaller(options);
    this.#clock = options.clock;
    const asking = serviceOf<object>((name) => (request, call) =>
      this.#ask<z.ZodType>(name, request, { method: SERVICE_METHODS[name], call })
    );
    const wait: JobService["wait"] = (request, call) =>
      this.#ask("wait", request, {
        method: SERVICE_METHODS.wait,
        call,
        more: () => this.#beginning(request, call),
      });
    Object.assign(this, asking, { wait });
  }

  async ping(options?: CallOptions): Promise<void> {
    await this.#ask("ping", {}, { method: CONTROL_METHODS.ping, call: options });
  }

  status(options?: CallOptions): Promise<DaemonStatus> {
    return this.#ask("status", {}, { method: CONTROL_METHODS.status, call: options });
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

  async #ask<Result extends z.ZodType>(
    name: MethodName,
    request: object,
    { method, call = {}, more }: Asking<Result>,
  ): Promise<z.output<Result>> {
    // The one place of this process in which a request is checked: a wrong argument starts no daemon.
    checkedArguments(askedOf(method), request);
    const params = paramsNow(request, method.resending, this.#clock);
    const found = await more?.();
    const given = await this.#caller.call(name, () => ({ ...params(), ...found }), call.signal);
    const answer = answerOf(method).safeParse(given);
    if (answer.success) return answer.data;
    throw new AgentAsyncError("internal", `Cannot read the daemon's answer to ${name}.`, {
      hint: "The daemon may be of a newer version: restart this session to use that version as well.",
      cause: answer.error,
    });
  }

  /** A wait for any job begins now, not when a second daemon hears of it: what ends in between is not missed. */
  async #beginning(request: WaitRequest, options: CallOptions | undefined): Promise<{ cursor?: number }> {
    if (request.job_ids !== undefined || request.cursor !== undefined) return {};
    const { cursor } = await this.feed({}, options);
    return { cursor };
  }

  async #askToLeave(name: MethodName, params: unknown, options: CallOptions = {}): Promise<void> {
    const session = await this.#caller.callOnce(name, params, options.signal);
    await within(LEAVE_MS, session.ended);
  }
}
