/**
 * Room `mcp`: the session behind the front desk, opened by the first call that needs it. Until it is open, what is meant
 * for it waits, in the order in which it came.
 *
 * @module
 */
import type { Log } from "../../system/log.ts";
import type { Caller } from "./modern/envelope.ts";
import {
  failure,
  INTERNAL_ERROR,
  isRecord,
  type RpcMessage,
  type RpcNotification,
  type RpcRequest,
} from "./json_rpc.ts";

/** Notifications kept for a session that is being opened. */
const MAX_WAITING_NOTIFICATIONS = 1_000;

/** The protocol's long tail: calls, their progress, cancellation and errors. */
export interface Session {
  /** @param caller who sends a request of revision 2026-07-28; a host of the older era has told that once for all. */
  deliver(message: RpcMessage, caller?: Caller): void;
  close(): Promise<void>;
}

/** What the session has to say to the host. */
export type SendToHost = (message: unknown) => Promise<void>;

export interface LateSessionOptions {
  open: (send: SendToHost) => Promise<Session>;
  send: SendToHost;
  log: Log;
}

export class LateSession {
  readonly #options: LateSessionOptions;
  /** The host's greeting, which the session hears first. */
  #greeting: RpcRequest | undefined;
  #waiting: { readonly message: RpcRequest | RpcNotification; readonly caller?: Caller }[] = [];
  /** Requests of the desk's own, by id. */
  readonly #asked = new Map<string, PromiseWithResolvers<Record<string, unknown>>>();
  #opening: Promise<void> | undefined;
  #session: Session | undefined;
  #isClosed = false;

  constructor(options: LateSessionOptions) {
    this.#options = options;
  }

  get isGreeted(): boolean {
    return this.#greeting !== undefined;
  }

  /** What a host of the older era has called itself. */
  get client(): string | undefined {
    const info = this.#greeting?.params?.clientInfo;
    return isRecord(info) && typeof info.name === "string" ? info.name : undefined;
  }

  greet(greeting: RpcRequest): void {
    this.#greeting = greeting;
    this.#session?.deliver(greeting);
  }

  request(message: RpcRequest, caller?: Caller): void {
    if (this.#session !== undefined) return this.#session.deliver(message, caller);
    this.#waiting.push({ message, ...(caller === undefined ? {} : { caller }) });
    this.#opening ??= this.#open();
  }

  /** Asks the session something of the desk's own. Rejects when it refuses. */
  ask(method: string, params: Record<string, unknown>, caller?: Caller): Promise<Record<string, unknown>> {
    const id = `front-desk-${crypto.randomUUID()}`;
    const asked = Promise.withResolvers<Record<string, unknown>>();
    this.#asked.set(id, asked);
    this.request({ jsonrpc: "2.0", id, method, params }, caller);
    return asked.promise;
  }

  notify(notification: RpcNotification): void {
    if (this.#session !== undefined) return this.#session.deliver(notification);
    // Before the first call there is nothing that a notification could be about.
    const isOpening = this.#opening !== undefined;
    if (isOpening && this.#waiting.length < MAX_WAITING_NOTIFICATIONS) {
      this.#waiting.push({ message: notification });
    }
  }

  /** The host's answer to what the session asked; without a session nothing was asked. */
  reply(message: RpcMessage): void {
    this.#session?.deliver(message);
  }

  /** Ends every call under way; a session that is being opened ends when it is there. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#waiting = [];
    await this.#session?.close();
  }

  async #open(): Promise<void> {
    const { open, log } = this.#options;
    try {
      const session = await open((message) => this.#send(message));
      this.#session = session;
      if (this.#isClosed) await session.close();
      if (this.#greeting !== undefined) session.deliver(this.#greeting);
      for (const { message, caller } of this.#waiting.splice(0)) session.deliver(message, caller);
    } catch (error) {
      log.error("The MCP session could not be opened", { error: String(error) });
      // The next call tries again.
      this.#opening = undefined;
      this.#refuseWaiting();
    }
  }

  #refuseWaiting(): void {
    for (const { message } of this.#waiting.splice(0)) {
      if (!("id" in message)) continue;
      const refusal = failure(message.id, INTERNAL_ERROR, "The server could not start; the log says why");
      void this.#send(refusal);
    }
  }

  /** To the host, unless it is the answer to what the desk itself has asked. */
  #send(message: unknown): Promise<void> {
    const id = isRecord(message) && !("method" in message) ? message.id : undefined;
    const asked = typeof id === "string" ? this.#asked.get(id) : undefined;
    if (asked === undefined || typeof id !== "string") return this.#options.send(message);
    this.#asked.delete(id);
    const { result, error } = isRecord(message) ? message : {};
    if (isRecord(result)) asked.resolve(result);
    else asked.reject(new Error(isRecord(error) ? String(error.message) : "The session has not answered"));
    return Promise.resolve();
  }
}
