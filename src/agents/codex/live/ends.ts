/**
 * Room `agents`: how a turn of `codex app-server` ended.
 *
 * @module
 */
import type { Failure } from "../../../domain/turn/turn.ts";
import { codexFailure, startupFailure } from "../failures.ts";

/** The turn was ended, and nothing has failed. */
export function interruptedTurn(): Failure {
  return {
    reason: "agent_error",
    message: "Codex's turn was interrupted",
    hint: "A reply continues the session.",
    retry_at: null,
  };
}

/**
 * @param info Codex's own word for the kind of failure: a text, or an object whose one member is named so
 * @param startedAt epoch ms that relative times count from
 */
export function turnFailure(message: string, info: unknown, startedAt: number): Failure {
  return codexFailure(message, startedAt, kindOf(info));
}

/** A request of ours failed before anything was done. */
export function requestFailure(message: string, startedAt: number): Failure {
  return startupFailure(message) ?? codexFailure(message, startedAt);
}

/** Codex's kinds of failures in the words that its messages have for them in some version. */
const KINDS: Readonly<Record<string, string>> = {
  contextWindowExceeded: "context_length_exceeded",
  usageLimitExceeded: "usage_limit_reached",
  rateLimitExceeded: "rate_limit_exceeded",
  serverOverloaded: "overloaded",
  internalServerError: "server_error",
  modelNotFound: "model_not_found",
  unauthorized: "401 unauthorized",
};

function kindOf(info: unknown): string {
  if (typeof info === "string") return KINDS[info] ?? "";
  if (typeof info !== "object" || info === null) return "";
  const [[kind, detail] = ["", null]] = Object.entries(info);
  const status = typeof detail === "object" && detail !== null && "httpStatusCode" in detail
    ? detail.httpStatusCode
    : null;
  return typeof status === "number" ? `status ${status}` : KINDS[kind] ?? "";
}
