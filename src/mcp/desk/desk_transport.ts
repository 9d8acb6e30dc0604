/**
 * Room `mcp`: the SDK's end of the front desk. What the SDK would drop in silence, or refuse with a dump of its schema, is
 * answered here in words.
 *
 * @module
 */
// @ts-types="@modelcontextprotocol/sdk/shared/transport"
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
// @ts-types="@modelcontextprotocol/sdk/types"
import { type JSONRPCMessage, JSONRPCMessageSchema } from "@modelcontextprotocol/sdk/types.js";
import { refusal } from "../tools/definition/call_tool.ts";
import {
  failure,
  INVALID_PARAMS,
  INVALID_REQUEST,
  isRecord,
  type RequestId,
  type RpcMessage,
  type RpcRequest,
} from "./json_rpc.ts";
import type { Caller } from "./modern/envelope.ts";

const WANT_A_URI = ["resources/read", "resources/subscribe", "resources/unsubscribe"];

/** The answer to what the SDK would refuse with a dump of its schema; `null` for what it takes. */
function faultOf(request: RpcRequest): object | null {
  if (request.method === "tools/call") return callFault(request);
  const lacksUri = WANT_A_URI.includes(request.method) && typeof request.params?.uri !== "string";
  return lacksUri ? failure(request.id, INVALID_PARAMS, "uri: is required, as text") : null;
}

/** The answer to a call that reaches no tool; `null` for one that does. */
function callFault({ id, params = {} }: RpcRequest): object | null {
  const { name, arguments: given = {} } = params;
  if (typeof name !== "string") return failure(id, INVALID_PARAMS, "name: is required, as text");
  if (given === null || isRecord(given)) return null;
  const kind = Array.isArray(given) ? "array" : typeof given;
  // A result and no protocol error, so that the model that made the call reads it.
  const text =
    `invalid_argument: the arguments of ${name.slice(0, 100)} must be an object, not of type ${kind}\n` +
    "Nothing was done. Next: the same call with an object.";
  return { jsonrpc: "2.0", id, result: refusal(text) };
}

/** Some hosts write `null` for what they leave out: the arguments, `_meta`, the token in it. */
function withoutNulls(request: RpcRequest): RpcRequest {
  if (request.params === undefined) return request;
  const { _meta, ...params } = withoutNullMembers(request.params);
  return {
    ...request,
    params: { ...params, ...(isRecord(_meta) ? { _meta: withoutNullMembers(_meta) } : {}) },
  };
}

function withoutNullMembers(of: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(of).filter(([, value]) => value !== null));
}

/** The request that a message cancels; its answer never comes. */
function cancelledBy(message: RpcMessage): RequestId | undefined {
  if (!("method" in message) || message.method !== "notifications/cancelled") return undefined;
  const id = message.params?.requestId;
  return typeof id === "string" || typeof id === "number" ? id : undefined;
}

export class DeskTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #send: (message: unknown) => Promise<void>;
  /** Who sent the requests of revision 2026-07-28 that are under way, by id. */
  readonly #callers = new Map<RequestId, Caller>();

  constructor(send: (message: unknown) => Promise<void>) {
    this.#send = send;
  }

  async start(): Promise<void> {}

  /**
   * The SDK drops in silence what it cannot make out, and refuses a call without a name or an object of arguments with
   * a dump of its schema; here they are answered in words.
   */
  deliver(message: RpcMessage, caller?: Caller): void {
    const request = "method" in message && "id" in message ? message : null;
    const cancelled = cancelledBy(message);
    if (cancelled !== undefined) this.#callers.delete(cancelled);
    const fault = request === null ? null : faultOf(request);
    if (fault !== null) return void this.#send(fault);
    const parsed = JSONRPCMessageSchema.safeParse(request === null ? message : withoutNulls(request));
    if (parsed.success) {
      if (request !== null && caller !== undefined) this.#callers.set(request.id, caller);
      this.onmessage?.(parsed.data);
    } else if ("method" in message && "id" in message) {
      void this.#send(failure(message.id, INVALID_REQUEST, "The params of this request are malformed"));
    }
  }

  /** `undefined` for a request of the older era. */
  callerOf(id: RequestId): Caller | undefined {
    return this.#callers.get(id);
  }

  send(message: JSONRPCMessage): Promise<void> {
    if (!("method" in message) && message.id !== undefined) this.#callers.delete(message.id);
    return this.#send(message);
  }

  // deno-lint-ignore require-await -- the interface wants a promise
  async close(): Promise<void> {
    this.onclose?.();
  }
}
