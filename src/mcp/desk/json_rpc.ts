/**
 * Room `mcp`: JSON-RPC as far as the front desk needs it. Rule of the room: whatever a host sends, the answer is a
 * protocol message and never a crash.
 *
 * @module
 */

export type RequestId = string | number;

export interface RpcRequest {
  jsonrpc: "2.0";
  id: RequestId;
  method: string;
  params?: Record<string, unknown>;
}

export interface RpcNotification {
  jsonrpc: "2.0";
  method: string;
  params?: Record<string, unknown>;
}

/** What a host answers to a request of ours. */
export interface RpcReply {
  jsonrpc: "2.0";
  id: RequestId;
  result?: Record<string, unknown>;
  error?: { code: number; message: string; data?: unknown };
}

export interface RpcFailure {
  jsonrpc: "2.0";
  /** `null` where the request's own id could not be read. */
  id: RequestId | null;
  error: { code: number; message: string; data?: Record<string, unknown> };
}

export type RpcMessage = RpcRequest | RpcNotification | RpcReply;

export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;
/** A code from the range that JSON-RPC leaves to servers. */
export const TOO_MANY_CALLS = -32000;
/** A code that MCP defines. */
export const RESOURCE_NOT_FOUND = -32002;

/** A request that is refused as the protocol wants it. */
export class RpcFault extends Error {
  override readonly name = "RpcFault";

  constructor(readonly code: number, message: string) {
    super(message);
  }
}

/** What a line turned out to be. */
export type Reading =
  | { kind: "request"; message: RpcRequest }
  | { kind: "notification"; message: RpcNotification }
  | { kind: "reply"; message: RpcReply }
  | { kind: "refused"; answer: RpcFailure }
  /** A notification that makes no sense: nothing may ever be answered to one. */
  | { kind: "ignored" }
  /** Several messages at once, as revision 2025-03-26 has them; never empty. */
  | { kind: "batch"; readings: readonly Reading[] };

export function failure(
  id: RequestId | null,
  code: number,
  message: string,
  data?: Record<string, unknown>,
): RpcFailure {
  return { jsonrpc: "2.0", id, error: { code, message, ...(data === undefined ? {} : { data }) } };
}

/** @param more the end of the message: what could be done about it. */
export function unknownMethod({ id, method }: RpcRequest, more = ""): RpcFailure {
  return failure(id, METHOD_NOT_FOUND, `Method not found: ${method.slice(0, 100)}${more}`);
}

/** The refusal of a batch where the agreed revision has none: 2025-06-18 dropped them. */
export const NO_BATCHES: RpcFailure = failure(
  null,
  INVALID_REQUEST,
  "Batches belong to revision 2025-03-26 alone: send one message per line",
);

/** Reads one line. Total: garbage is a `refused` with the answer to send. */
export function readMessage(line: string): Reading {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return refused(null, PARSE_ERROR, "Parse error: a line must be one JSON-RPC message");
  }
  if (!Array.isArray(value)) return readValue(value);
  if (value.length === 0) return refused(null, INVALID_REQUEST, "A batch must not be empty");
  return { kind: "batch", readings: value.map(readValue) };
}

function readValue(value: unknown): Reading {
  if (!isRecord(value)) return refused(null, INVALID_REQUEST, "A message must be a JSON object");
  return readRecord(value);
}

function readRecord(value: Record<string, unknown>): Reading {
  const { id, method, params } = value;
  const known = isRequestId(id) ? id : null;
  if (value.jsonrpc !== "2.0") return refused(known, INVALID_REQUEST, 'A message must have "jsonrpc": "2.0"');
  if (id !== undefined && known === null) {
    return refused(null, INVALID_REQUEST, "An id must be a string or a whole number");
  }
  if (typeof method !== "string") {
    return known !== null && method === undefined
      ? readReply(value, known)
      : refused(known, INVALID_REQUEST, "A message must have a method, or be the answer to a request");
  }
  // Some hosts write `null` for what they leave out.
  if (params !== undefined && params !== null && !isRecord(params)) {
    if (known === null) return { kind: "ignored" };
    return refused(known, INVALID_PARAMS, `The params of ${method.slice(0, 100)} must be an object`);
  }
  const head = { jsonrpc: "2.0" as const, method, ...(isRecord(params) ? { params } : {}) };
  return known === null
    ? { kind: "notification", message: head }
    : { kind: "request", message: { ...head, id: known } };
}

function readReply(value: Record<string, unknown>, id: RequestId): Reading {
  const { result, error } = value;
  if (isRecord(result)) return { kind: "reply", message: { jsonrpc: "2.0", id, result } };
  if (isRecord(error) && Number.isSafeInteger(error.code) && typeof error.message === "string") {
    const { message, data } = error;
    return {
      kind: "reply",
      message: { jsonrpc: "2.0", id, error: { code: Number(error.code), message, data } },
    };
  }
  return refused(id, INVALID_REQUEST, "A message must have a method, a result or an error");
}

function refused(id: RequestId | null, code: number, message: string): Reading {
  return { kind: "refused", answer: failure(id, code, message) };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isRequestId(value: unknown): value is RequestId {
  return typeof value === "string" || Number.isSafeInteger(value);
}
