/**
 * Room `mcp`: the session behind the front desk: the SDK's server, which knows the protocol's long tail (calls,
 * progress, cancellation, errors). Loaded only when a host has been greeted.
 *
 * @module
 */
import { Server } from "@modelcontextprotocol/sdk/server";
// @ts-types="@modelcontextprotocol/sdk/shared/transport"
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
// @ts-types="@modelcontextprotocol/sdk/types"
import {
  type CallToolRequest,
  CallToolRequestSchema,
  ElicitResultSchema,
  type JSONRPCMessage,
  JSONRPCMessageSchema,
  ReadResourceRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import type { Log } from "../../system/log.ts";
import { type CallResult, callTool, refusal } from "../tools/definition/call_tool.ts";
import { hostToolNames } from "../host_tool_names.ts";
import { answerFence } from "../views/fence.ts";
import type { FrontDeskOptions } from "./front_desk.ts";
import type { Session } from "./late_session.ts";
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
import { readResource } from "../resources/read_resource.ts";
import { Dialogs } from "../questions/dialogs.ts";
import { canAskAPerson } from "../questions/person.ts";
import { Rounds } from "../questions/rounds.ts";
import type { Subscriptions } from "../feed/subscriptions.ts";
import type { Progress, Tool, ToolContext } from "../tools/definition/tool.ts";

/** As long as a timer can be set for: a person may answer tomorrow. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface SdkSessionOptions {
  greeting: FrontDeskOptions["greeting"];
  /** The tools by name; asked at each call, since agents come and go. */
  findTool: (name: string) => Promise<Tool | undefined>;
  subscriptions: Subscriptions;
  /** What every call gets beside its own signals. */
  context: Omit<ToolContext, "signal" | "waitSignal" | "progress" | "fenced" | "hostNames" | "person">;
  /** What the host calls this server; the usual name unless given. */
  serverName?: string | undefined;
  /** Aborted when the host is gone: waits end, other calls are finished. */
  hostGone: AbortSignal;
  /** Whether the host has stopped reading: progress is left out then. */
  isCongested: () => boolean;
  send: (message: unknown) => Promise<void>;
  log: Log;
  logPath: string;
  /** A call has been answered. */
  onCalled: () => void;
}

export async function openSdkSession(options: SdkSessionOptions): Promise<Session> {
  const { capabilities, serverInfo, instructions } = options.greeting;
  const server = new Server(serverInfo, { capabilities, instructions });
  const rounds = new Rounds();
  const dialogs = new Dialogs((form, signal) =>
    server.request({ method: "elicitation/create", params: form }, ElicitResultSchema, {
      signal,
      timeout: LONGEST_TIMER_MS,
    })
  );
  /** @param caller of a request of revision 2026-07-28. */
  const personAt = (caller: Caller | undefined) => {
    if (!canAskAPerson(caller?.capabilities ?? server.getClientCapabilities())) return undefined;
    return caller === undefined ? dialogs : rounds.personOf(caller);
  };
  server.onerror = (error) => options.log.warn("MCP", { error: error.message });
  server.setRequestHandler(CallToolRequestSchema, async (request, extra) => {
    const caller = transport.callerOf(extra.requestId);
    const token = extra._meta?.progressToken;
    const send = (progress: Progress) => {
      if (options.isCongested() || token === undefined) return;
      const params = { progressToken: token, ...progress };
      void extra.sendNotification({ method: "notifications/progress", params }).catch(() => {});
    };
    const result = await answerCall(request, options, {
      ...options.context,
      fenced: answerFence(),
      hostNames: hostToolNames(caller?.name ?? server.getClientVersion()?.name, options.serverName),
      signal: extra.signal,
      waitSignal: AbortSignal.any([extra.signal, options.hostGone]),
      person: personAt(caller),
      progress: token === undefined ? undefined : send,
    });
    options.onCalled();
    return result;
  });
  const { context, subscriptions } = options;
  server.setRequestHandler(
    ReadResourceRequestSchema,
    ({ params }, { signal }) => readResource(params.uri, { ...context, fenced: answerFence() }, { signal }),
  );
  server.setRequestHandler(SubscribeRequestSchema, async ({ params }, { signal }) => {
    await subscriptions.add(params.uri, { signal });
    return {};
  });
  server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
    subscriptions.remove(params.uri);
    return {};
  });
  const transport = new DeskTransport(options.send);
  await server.connect(transport);
  return {
    deliver: (message, caller) => transport.deliver(message, caller),
    close: () => server.close(),
  };
}

async function answerCall(
  request: CallToolRequest,
  options: SdkSessionOptions,
  context: ToolContext,
): Promise<CallResult> {
  const { name, arguments: rawArguments = {} } = request.params;
  // The call was cancelled before it began: no job may be started for it any more.
  if (context.signal.aborted) return refusal("Cancelled before it began");
  const tool = await options.findTool(name);
  if (tool === undefined) {
    return refusal(`There is no tool ${JSON.stringify(name.slice(0, 100))}: see tools/list`);
  }
  return await callTool(tool, rawArguments, { context, log: options.log, logPath: options.logPath });
}

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

/** The SDK's end of the front desk. */
class DeskTransport implements Transport {
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
