/**
 * Room `mcp`: who a host meets first. It answers `initialize`, `ping` and what hosts list right after the greeting by
 * itself, at once. Everything else goes to the session behind it, which holds the SDK. The SDK costs 100 ms and 25 MB;
 * a host that never calls a tool, as most do not, never pays them.
 *
 * @module
 */
import type { Log } from "../../system/log.ts";
import { Batches } from "./batches.ts";
import {
  failure,
  INTERNAL_ERROR,
  INVALID_REQUEST,
  isRecord,
  METHOD_NOT_FOUND,
  NO_BATCHES,
  type Reading,
  readMessage,
  type RequestId,
  RpcFault,
  type RpcNotification,
  type RpcRequest,
  TOO_MANY_CALLS,
} from "./json_rpc.ts";
import { LateSession, type SendToHost, type Session } from "./late_session.ts";
import type { Outbox } from "./outbox.ts";
import { agreeOnVersion, BATCH_VERSION } from "./protocol_version.ts";
import type { Line } from "./read_lines.ts";

/**
 * Calls that one host may have under way. More are refused; reading goes on all the same, so that the cancellation of a
 * call always gets through.
 */
export const MAX_CALLS_IN_FLIGHT = 256;

/** Requests that the session understands even from a host that never said `initialize`. */
const SESSION_METHODS: readonly string[] = ["tools/call"];

/** Answers a request of one method by its params. */
export type DeskAnswer = (params: Record<string, unknown>) => Promise<Record<string, unknown>>;

export interface FrontDeskOptions {
  outbox: Outbox;
  /** What `initialize` is answered with, beside the protocol version. */
  greeting: {
    capabilities: Record<string, unknown>;
    serverInfo: { name: string; title: string; version: string };
    instructions: string;
  };
  /** Requests that need no session, by method. What they throw but an `RpcFault` is a bug. */
  answers: Readonly<Record<string, DeskAnswer>>;
  openSession: (send: SendToHost) => Promise<Session>;
  log: Log;
}

export class FrontDesk {
  readonly #options: FrontDeskOptions;
  /** The id of `initialize` as the session hears it. The desk has answered it; the session's answer is dropped. */
  readonly #replayId = `front-desk-${crypto.randomUUID()}`;
  readonly #inFlight = new Set<RequestId>();
  #idle: (() => void)[] = [];
  /** The protocol version that was agreed with the host. */
  #version: string | undefined;
  readonly #batches = new Batches();
  readonly #session: LateSession;

  constructor(options: FrontDeskOptions) {
    this.#options = options;
    const send: SendToHost = (message) => this.#answer(message);
    this.#session = new LateSession({ open: options.openSession, send, log: options.log });
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
  async answered(): Promise<void> {
    while (this.#inFlight.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Ends the session and with it every call under way. */
  async close(): Promise<void> {
    this.#inFlight.clear();
    this.#wake();
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

  #request(request: RpcRequest): void {
    switch (request.method) {
      case "initialize":
        return this.#initialize(request);
      case "ping":
        return this.#send({ jsonrpc: "2.0", id: request.id, result: {} });
      default: {
        const { answers } = this.#options;
        const answer = Object.hasOwn(answers, request.method) ? answers[request.method] : undefined;
        if (answer !== undefined) return this.#admit(request, () => void this.#answerBy(answer, request));
        if (!this.#session.isGreeted && !SESSION_METHODS.includes(request.method)) {
          const message = `Method not found: ${
            request.method.slice(0, 100)
          } (this server begins with initialize)`;
          return this.#send(failure(request.id, METHOD_NOT_FOUND, message));
        }
        return this.#admit(request, () => this.#session.request(request));
      }
    }
  }

  #initialize(request: RpcRequest): void {
    const protocolVersion = agreeOnVersion(request.params?.protocolVersion);
    this.#version = protocolVersion;
    const result = { protocolVersion, ...this.#options.greeting };
    this.#send({ jsonrpc: "2.0", id: request.id, result });
    this.#session.greet({ ...request, id: this.#replayId });
  }

  async #answerBy(answer: DeskAnswer, { id, method, params = {} }: RpcRequest): Promise<void> {
    try {
      this.#answer({ jsonrpc: "2.0", id, result: await answer(params) });
    } catch (error) {
      if (error instanceof RpcFault) return void this.#answer(failure(id, error.code, error.message));
      this.#options.log.error(`${method} failed`, { error: String(error) });
      this.#answer(failure(id, INTERNAL_ERROR, `${method} could not be answered; the log says why`));
    }
  }

  #notification(notification: RpcNotification): void {
    if (notification.method === "notifications/cancelled") {
      const id = notification.params?.requestId;
      // The session sends no answer to a cancelled call.
      if (typeof id === "string" || typeof id === "number") queueMicrotask(() => this.#settle(id));
    }
    this.#session.notify(notification);
  }

  #admit(request: RpcRequest, go: () => void): void {
    if (this.#inFlight.size >= MAX_CALLS_IN_FLIGHT) {
      const message =
        `${MAX_CALLS_IN_FLIGHT} calls are under way already: wait for some of them to be answered`;
      return this.#send(failure(request.id, TOO_MANY_CALLS, message));
    }
    this.#inFlight.add(request.id);
    go();
  }

  /** Sends what the session or the desk has to say, and keeps the books of calls under way. */
  #answer(message: unknown): Promise<void> {
    const id = isRecord(message) && !("method" in message) ? message.id : undefined;
    if (id === this.#replayId) return Promise.resolve();
    const sent = this.#write(message);
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
    this.#inFlight.delete(id);
    if (this.#inFlight.size === 0) this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
