/**
 * Room `mcp`: JSON-RPC behind the front desk, in both directions: requests of the host go to their handlers, each with a
 * signal that its cancellation aborts, and requests of this server to the host. What arrives here was read by the desk.
 *
 * @module
 */
import {
  failure,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  type RequestId,
  RpcFault,
  type RpcMessage,
  type RpcNotification,
  type RpcReply,
  type RpcRequest,
  unknownMethod,
} from "./json_rpc.ts";
import type { Session } from "./late_session.ts";
import type { Caller } from "./modern/envelope.ts";

export type Params = Readonly<Record<string, unknown>>;

/** What a handler is told of a request besides its params. */
export interface RequestContext {
  /** Who sends a request of revision 2026-07-28; `undefined` in the older era. */
  readonly caller: Caller | undefined;
  /** Aborted when the host cancels the request, or the session ends: then no answer is sent. */
  readonly signal: AbortSignal;
}

/** Answers the requests of one method. An {@link RpcFault} that it throws is the refusal; anything else is a failure. */
export type Handler = (params: Params, context: RequestContext) => Promise<Record<string, unknown>>;

export interface RpcSessionOptions {
  /** By method. */
  readonly handlers: Readonly<Record<string, Handler>>;
  readonly send: (message: unknown) => Promise<void>;
}

export class RpcSession implements Session {
  readonly #options: RpcSessionOptions;
  /** The host's requests under way. */
  readonly #running = new Map<RequestId, AbortController>();
  /** Requests to the host that it has not answered. */
  readonly #asked = new Map<RequestId, PromiseWithResolvers<Params>>();
  #lastId = 0;

  constructor(options: RpcSessionOptions) {
    this.#options = options;
  }

  deliver(message: RpcMessage, caller?: Caller): void {
    if (!("method" in message)) return this.#settle(message);
    if ("id" in message) return void this.#answer(message, caller);
    if (message.method === "notifications/cancelled") this.#cancel(message);
  }

  /**
   * Asks the host. When `signal` is aborted, the host is told so.
   *
   * @throws {Error} when the host refuses, the signal is aborted or the session ends.
   */
  async ask(method: string, params: Params, signal: AbortSignal): Promise<Params> {
    signal.throwIfAborted();
    const id = ++this.#lastId;
    const asked = Promise.withResolvers<Params>();
    this.#asked.set(id, asked);
    const giveUp = () => {
      asked.reject(signal.reason);
      const params = { requestId: id, reason: "It need not be answered any more" };
      void this.#options.send({ jsonrpc: "2.0", method: "notifications/cancelled", params });
    };
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      void this.#options.send({ jsonrpc: "2.0", id, method, params });
      return await asked.promise;
    } finally {
      signal.removeEventListener("abort", giveUp);
      this.#asked.delete(id);
    }
  }

  /** Ends every request under way, in both directions. */
  close(): Promise<void> {
    for (const running of this.#running.values()) running.abort();
    for (const { reject } of this.#asked.values()) reject(new Error("The session has ended"));
    return Promise.resolve();
  }

  async #answer({ id, method, params = {} }: RpcRequest, caller: Caller | undefined): Promise<void> {
    const { handlers, send } = this.#options;
    const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined;
    if (handler === undefined) return await send(unknownMethod({ jsonrpc: "2.0", id, method }));
    const running = new AbortController();
    this.#running.set(id, running);
    try {
      // A cancellation that has come with the request is heard first.
      await Promise.resolve();
      const result = await handler(withoutNulls(params), { caller, signal: running.signal });
      if (!running.signal.aborted) await send({ jsonrpc: "2.0", id, result });
    } catch (error) {
      const code = error instanceof RpcFault ? error.code : INTERNAL_ERROR;
      const message = error instanceof Error ? error.message : String(error);
      if (!running.signal.aborted) await send(failure(id, code, message));
    } finally {
      // A host that uses an id again has another request under it by now.
      if (this.#running.get(id) === running) this.#running.delete(id);
    }
  }

  #cancel({ params }: RpcNotification): void {
    const id = params?.requestId;
    if (typeof id === "string" || typeof id === "number") this.#running.get(id)?.abort();
  }

  #settle({ id, result, error }: RpcReply): void {
    const asked = this.#asked.get(id);
    if (error === undefined) asked?.resolve(result ?? {});
    else asked?.reject(new Error(error.message));
  }
}

/** A member of the params that has to be a text. @throws {RpcFault} */
export function textIn(params: Params, name: string): string {
  const value = params[name];
  if (typeof value !== "string") throw new RpcFault(INVALID_PARAMS, `${name}: is required, as text`);
  return value;
}

/** Some hosts write `null` for what they leave out. */
function withoutNulls(params: Params): Params {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== null));
}
