/**
 * Room `mcp`: the session behind the front desk, opened by the first call that needs it. Until it is open, what is meant
 * for it waits, in the order in which it came.
 *
 * @module
 */
import type { Log } from "../../system/log.ts";
import {
  failure,
  INTERNAL_ERROR,
  type RpcMessage,
  type RpcNotification,
  type RpcRequest,
} from "./json_rpc.ts";

/** Notifications kept for a session that is being opened. */
const MAX_WAITING_NOTIFICATIONS = 1_000;

/** The protocol's long tail: calls, their progress, cancellation and errors. */
export interface Session {
  deliver(message: RpcMessage): void;
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
  #waiting: (RpcRequest | RpcNotification)[] = [];
  #opening: Promise<void> | undefined;
  #session: Session | undefined;
  #isClosed = false;

  constructor(options: LateSessionOptions) {
    this.#options = options;
  }

  get isGreeted(): boolean {
    return this.#greeting !== undefined;
  }

  greet(greeting: RpcRequest): void {
    this.#greeting = greeting;
    this.#session?.deliver(greeting);
  }

  request(request: RpcRequest): void {
    if (this.#session !== undefined) return this.#session.deliver(request);
    this.#waiting.push(request);
    this.#opening ??= this.#open();
  }

  notify(notification: RpcNotification): void {
    if (this.#session !== undefined) return this.#session.deliver(notification);
    // Before the first call there is nothing that a notification could be about.
    const isOpening = this.#opening !== undefined;
    if (isOpening && this.#waiting.length < MAX_WAITING_NOTIFICATIONS) this.#waiting.push(notification);
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
    const { open, send, log } = this.#options;
    try {
      const session = await open(send);
      this.#session = session;
      if (this.#isClosed) await session.close();
      if (this.#greeting !== undefined) session.deliver(this.#greeting);
      for (const message of this.#waiting.splice(0)) session.deliver(message);
    } catch (error) {
      log.error("The MCP session could not be opened", { error: String(error) });
      // The next call tries again.
      this.#opening = undefined;
      this.#refuseWaiting();
    }
  }

  #refuseWaiting(): void {
    for (const message of this.#waiting.splice(0)) {
      if (!("id" in message)) continue;
      const refusal = failure(message.id, INTERNAL_ERROR, "The server could not start; the log says why");
      void this.#options.send(refusal);
    }
  }
}
