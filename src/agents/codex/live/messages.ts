/**
 * Room `agents`: the lines of `codex app-server`: JSON-RPC without its version. Ids of its requests and of ours overlap;
 * a line is told by its direction, and by whether it names a method.
 *
 * @module
 */
import * as z from "zod";
import type { Saying } from "../../turn_reader.ts";
import { parseObject } from "../../reading/json_line.ts";
import { saidIn } from "../../reading/said.ts";

export type RequestId = string | number;

const Id = z.union([z.string(), z.number()]);
const Params = z.record(z.string(), z.unknown()).catch({});
export type Params = z.infer<typeof Params>;

/** One line of the agent's. `ok`, `failed`: what became of a request of ours. */
export type Incoming =
  | { readonly kind: "request"; readonly id: RequestId; readonly method: string; readonly params: Params }
  | { readonly kind: "notification"; readonly method: string; readonly params: Params }
  | { readonly kind: "ok"; readonly id: RequestId; readonly result: Params }
  | { readonly kind: "failed"; readonly id: RequestId; readonly message: string };

/** `null` for a line that is none of them. */
export function incoming(line: string): Incoming | null {
  const message = parseObject(line);
  if (message === null) return null;
  const { data: id } = Id.safeParse(message["id"]);
  const { method } = message;
  if (typeof method === "string") {
    const params = Params.parse(message["params"]);
    return id === undefined
      ? { kind: "notification", method, params }
      : { kind: "request", id, method, params };
  }
  if (id === undefined) return null;
  if (message["error"] !== undefined) {
    return { kind: "failed", id, message: saidIn(message["error"]) ?? "Codex gave no reason" };
  }
  return "result" in message ? { kind: "ok", id, result: Params.parse(message["result"]) } : null;
}

/** A request of ours. Its key is its id, so that the answer tells which line was heard. */
export function request(key: string, method: string, params: Readonly<Record<string, unknown>>): Saying {
  return { key, line: JSON.stringify({ id: key, method, params }), isAcknowledged: true };
}

export function notification(method: string): Saying {
  return { key: method, line: JSON.stringify({ method }), isAcknowledged: false };
}

/** The answer to a request of the agent's, which it acknowledges (see {@link replyKey}). */
export function reply(id: RequestId, result: Readonly<Record<string, unknown>>): Saying {
  return { key: replyKey(id), line: JSON.stringify({ id, result }), isAcknowledged: true };
}

/** For a request that we do not know: silence would let the agent wait for ever. */
export function methodNotFound(id: RequestId, method: string): Saying {
  const error = { code: -32601, message: `agent-async does not know ${method}` };
  return { key: replyKey(id), line: JSON.stringify({ id, error }), isAcknowledged: false };
}

/** The number 1 and the text "1" are two ids. */
export function replyKey(id: RequestId): string {
  return `reply:${JSON.stringify(id)}`;
}
