/**
 * Room `agents`: requests that were made of an ACP agent, and what is to become of their answers.
 *
 * @module
 */
import type { Failure } from "../../domain/turn/turn.ts";
import type { Reading } from "../turn_reader.ts";
import { request } from "./lines.ts";
import type { AcpError, AcpMessage, RequestId } from "./messages.ts";

export interface Awaited {
  /** Of the line that was said. */
  readonly key: string;
  /** What it is to do, for a failure: "open a session". */
  readonly what: string;
  then(result: unknown): Reading;
  /** What to do instead of failing the turn; `null`: it fails. */
  otherwise?(error: AcpError): Reading | null;
}

export class OwnRequests {
  readonly #awaited = new Map<RequestId, Awaited>();
  readonly #failed: (error: AcpError, what: string) => Reading;

  /** @param failed what becomes of an error that nobody expects */
  constructor(failed: (error: AcpError, what: string) => Reading) {
    this.#failed = failed;
  }

  get isEmpty(): boolean {
    return this.#awaited.size === 0;
  }

  make(id: RequestId, method: string, params: object, awaited: Awaited): Reading {
    this.#awaited.set(id, awaited);
    return { events: [], says: [request(awaited.key, id, method, params)] };
  }

  /** Takes an answer; `null` when it answers nothing that was asked. */
  settle(message: Extract<AcpMessage, { kind: "response" | "failure" }>): Reading | null {
    const awaited = this.#awaited.get(message.id);
    if (awaited === undefined) return null;
    this.#awaited.delete(message.id);
    const reading = message.kind === "response"
      ? awaited.then(message.result)
      : awaited.otherwise?.(message.error) ?? this.#failed(message.error, awaited.what);
    return { ...reading, heard: [awaited.key, ...reading.heard ?? []] };
  }

  /** Nothing is waited for any more. */
  clear(): void {
    this.#awaited.clear();
  }
}

/** The turn fails. */
export function failedReading(failure: Failure): Reading {
  return {
    events: [{ type: "error", message: failure.message, transient: false }],
    terminal: { ok: false, failure },
  };
}

export function fault(message: string): Failure {
  return { reason: "agent_error", message, hint: null, retry_at: null };
}
