/**
 * Room `mcp`: who a host meets first. It answers the greeting of either era and what hosts list right after it by
 * itself, at once. Everything else goes to the session behind it: a host that never calls a tool, as most do not, never
 * pays for what a call needs.
 *
 * @module
 */
import type { InitializeResult } from "./protocol_types.ts";
import type { Log } from "../../system/log.ts";
import { Batches } from "./batches.ts";
import { CallsUnderWay, MAX_CALLS_IN_FLIGHT } from "./calls_under_way.ts";
import {
  failure,
  INTERNAL_ERROR,
  INVALID_REQUEST,
  isRecord,
  NO_BATCHES,
  type Reading,
  readMessage,
  type RequestId,
  RpcFault,
  type RpcNotification,
  type RpcRequest,
  TOO_MANY_CALLS,
  unknownMethod,
} from "./json_rpc.ts";
import { LateSession, type SendToHost, type Session } from "./late_session.ts";
import { capabilitiesIn } from "./capabilities.ts";
import { type Caller, readEnvelope, withoutEnvelope } from "./modern/envelope.ts";
import { type Greeting, ModernEra } from "./modern/modern_era.ts";
import type { Outbox } from "./outbox.ts";
import { agreeOnVersion, BATCH_VERSION } from "./protocol_version.ts";
import type { Line } from "./read_lines.ts";

/** Answers a request of one method by its params, for a host of that name where it has said one. */
export type DeskAnswer = (
  params: Record<string, unknown>,
  client?: string,
) => Promise<Record<string, unknown>>;

export interface FrontDeskOptions {
  outbox: Outbox;
  greeting: Greeting;
  /** Requests that need no session, by method. What they throw but an `RpcFault` is a bug. */
  answers: Readonly<Record<string, DeskAnswer>>;
  openSession: (send: SendToHost) => Promise<Session>;
  log: Log;
}

export class FrontDesk {
  readonly #options: FrontDeskOptions;
  /** The id of `initialize` as the session hears it. The desk has answered it; the session's answer is dropped. */
  readonly #replayId = `front-desk-${crypto.randomUUID()}`;
  readonly #calls = new CallsUnderWay();
  /** The protocol version that was agreed with a host of the older era. */
  #version: string | undefined;
  readonly #batches = new Batches();
  readonly #session: LateSession;
  readonly #modern: ModernEra;

  constructor(options: FrontDeskOptions) {
    this.#options = options;
    const send: SendToHost = (message) => this.#answer(message);
    this.#session = new LateSession({ open: options.openSession, send, log: options.log });
    this.#modern = new ModernEra({
      greeting: options.greeting,
      send: (message) => this.#send(message),
      watch: async (uri) => void await this.#session.ask("resources/subscribe", { uri }),
      unwatch: (uri) => void this.#session.ask("resources/unsubscribe", { uri }).catch(() => {}),
      taskOf: (taskId, caller) => this.#session.ask("tasks/get", { taskId }, caller),
    });
  }

  /** Serves until the lines end. Never throws for what a host sends. */
  async attend(lines: AsyncIterable<Line>, signal: AbortSignal): Promise<void> {
    const { outbox } = this.#options;
    for await (const line of lines) {
      if (line.kind === "too_long") {
        this.#send(failure(null, INVALID_REQUEST, `A message of ${line.bytes} bytes is too long`));
      } else {
        this.#take(line.text);
      }
      await outbox.room(signal);
    }
  }

  /** Resolves when every call has been answered, cancelled or given up. */
  answered(): Promise<void> {
    return this.#calls.settled();
  }

  /** Tells the host something unasked, in the way of its era. */
  async notify(notification: RpcNotification): Promise<void> {
    const copies = await this.#modern.copiesOf(notification);
    const isPlain = copies === null || this.#version !== undefined || !this.#modern.isSpoken;
    for (const one of [...(isPlain ? [notification] : []), ...copies ?? []]) await this.#write(one);
  }

  /** Ends the session and with it every call under way. */
  async close(): Promise<void> {
    this.#modern.close();
    this.#calls.clear();
    await this.#session.close();
  }

  #take(line: string): void {
    const reading = readMessage(line);
    if (reading.kind !== "batch") return this.#takeOne(reading);
    return this.#version === BATCH_VERSION ? this.#takeBatch(reading.readings) : this.#send(NO_BATCHES);
  }

  #takeOne(reading: Reading): void {
    switch (reading.kind) {
      case "refused":
        return this.#send(reading.answer);
      case "request":
        return this.#request(reading.message);
      case "notification":
        return this.#notification(reading.message);
      case "reply":
        return this.#session.reply(reading.message);
      case "ignored":
      case "batch":
        return;
    }
  }

  #takeBatch(readings: readonly Reading[]): void {
    const ids = readings.flatMap((reading) => reading.kind === "request" ? [reading.message.id] : []);
    const refusals = readings.flatMap((reading) => reading.kind === "refused" ? [reading.answer] : []);
    this.#sendIfWhole(this.#batches.open(ids, refusals));
    for (const reading of readings) if (reading.kind !== "refused") this.#takeOne(reading);
  }

  #request(given: RpcRequest): void {
    const reading = readEnvelope(given);
    switch (reading.kind) {
      case "refused":
        return this.#send(reading.answer);
      case "modern":
        return this.#modernRequest(reading.request, reading.caller);
      case "none":
        return this.#olderRequest(given);
    }
  }

  #olderRequest(request: RpcRequest): void {
    const { method } = request;
    if (method === "initialize") return this.#initialize(request);
    const isLeftOut = this.#modern.isSpoken && this.#version === undefined;
    if (isLeftOut || method === "server/discover") return this.#send(withoutEnvelope(request));
    if (method === "ping") return this.#send({ jsonrpc: "2.0", id: request.id, result: {} });
    if (this.#answeredHere(request, this.#session.client)) return;
    // A call is understood even from a host that never said `initialize`.
    if (!this.#session.isGreeted && method !== "tools/call") {
      return void this.#answer(unknownMethod(request, " (this server begins with initialize)"));
    }
    this.#admit(request, () => this.#session.request(request));
  }

  #modernRequest(request: RpcRequest, caller: Caller): void {
    const { id, method } = request;
    if (method === "subscriptions/listen") return this.#modern.listen(request, caller);
    this.#modern.begin(request);
    if (method === "server/discover") {
      return void this.#answer({ jsonrpc: "2.0", id, result: this.#modern.discovery() });
    }
    if (this.#answeredHere(request, caller.name)) return;
    const refusal = this.#modern.refusal(request, caller);
    if (refusal !== null) return void this.#answer(refusal);
    this.#admit(request, () => this.#session.request(request, caller));
  }

  /** Whether the desk answers the request by itself, in either era; if so it is under way. */
  #answeredHere(request: RpcRequest, client: string | undefined): boolean {
    const { answers } = this.#options;
    const answer = Object.hasOwn(answers, request.method) ? answers[request.method] : undefined;
    if (answer === undefined) return false;
    this.#admit(request, () => void this.#answerBy(() => answer(request.params ?? {}, client), request));
    return true;
  }

  #initialize(request: RpcRequest): void {
    const protocolVersion = agreeOnVersion(request.params?.protocolVersion);
    this.#version = protocolVersion;
    const capabilities = capabilitiesIn(protocolVersion);
    const result: InitializeResult = { protocolVersion, capabilities, ...this.#options.greeting };
    this.#send({ jsonrpc: "2.0", id: request.id, result });
    this.#session.greet({ ...request, id: this.#replayId });
  }

  async #answerBy(answer: () => ReturnType<DeskAnswer>, { id, method }: RpcRequest): Promise<void> {
    try {
      this.#answer({ jsonrpc: "2.0", id, result: await answer() });
    } catch (error) {
      if (error instanceof RpcFault) return void this.#answer(failure(id, error.code, error.message));
      this.#options.log.error(`${method} failed`, { error: String(error) });
      this.#answer(failure(id, INTERNAL_ERROR, `${method} could not be answered; the log says why`));
    }
  }

  #notification(notification: RpcNotification): void {
    if (notification.method === "notifications/cancelled") {
      const id = notification.params?.requestId;
      if (typeof id === "string" || typeof id === "number") {
        if (this.#modern.endListening(id)) return;
        // The session sends no answer to a cancelled call.
        queueMicrotask(() => this.#settle(id));
      }
    }
    this.#session.notify(notification);
  }

  #admit(request: RpcRequest, go: () => void): void {
    if (this.#calls.admit(request.id)) return go();
    const message =
      `${MAX_CALLS_IN_FLIGHT} calls are under way already: wait for some of them to be answered`;
    void this.#answer(failure(request.id, TOO_MANY_CALLS, message));
  }

  /** Sends what the session or the desk has to say, and keeps the books of calls under way. */
  #answer(message: unknown): Promise<void> {
    const id = isRecord(message) && !("method" in message) ? message.id : undefined;
    if (id === this.#replayId) return Promise.resolve();
    const sent = this.#write(this.#modern.inItsForm(message));
    if (typeof id === "string" || typeof id === "number") this.#settle(id);
    return sent;
  }

  #send(message: unknown): void {
    void this.#write(message);
  }

  /** An answer to a request of a batch waits for the others of it. */
  #write(message: unknown): Promise<void> {
    const id = isRecord(message) && !("method" in message) ? message.id : undefined;
    if (!this.#batches.has(id)) return this.#options.outbox.send(message);
    return this.#sendIfWhole(this.#batches.answer(id, message));
  }

  #sendIfWhole(answers: unknown[] | null): Promise<void> {
    return answers === null ? Promise.resolve() : this.#options.outbox.send(answers);
  }

  #settle(id: RequestId): void {
    void this.#sendIfWhole(this.#batches.drop(id));
    this.#modern.forget(id);
    this.#calls.settle(id);
  }
}
