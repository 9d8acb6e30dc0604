/**
 * Room `agents`: failures of agents that speak ACP: errors that answer a request of ours, and stop reasons that are no
 * success.
 *
 * @module
 */
import type { Failure } from "../../domain/turn/turn.ts";
import { customFailure } from "../custom/failures.ts";
import { FailureWatch } from "../custom/failure_words.ts";
import { parseObject } from "../reading/json_line.ts";
import { durationMs } from "../reading/retry_time.ts";
import { isBlank, saidIn } from "../reading/said.ts";
import type { AcpAgent } from "./agent.ts";
import type { AcpError, Greeting } from "./messages.ts";

/** The protocol's code of a request that needs a login. */
export const AUTH_REQUIRED = -32000;

export interface FailureContext {
  readonly agent: AcpAgent;
  readonly greeting: Greeting | null;
  readonly startedAt: number;
}

/** @param during what could not be done, for a message that says too little by itself */
export function acpFailure(error: AcpError, during: string, context: FailureContext): Failure {
  const said = wordsOf(error);
  const message = said === "" ? `${context.agent.title} could not ${during} (error ${error.code})` : said;
  const own = context.agent.failureIn?.({ ...error, message }, context.startedAt);
  if (own !== undefined) return own;
  const known = new FailureWatch(context.agent.failures, context.startedAt).failureIn(message, "output");
  if (known !== null) return known;
  if (error.code === AUTH_REQUIRED || error.code === 401 || error.code === 403) {
    return { reason: "auth_required", message, hint: loginHint(context), retry_at: null };
  }
  const coded = error.code >= 400 && error.code < 600 ? `${message} (${error.code})` : message;
  const failure = customFailure(coded, context.startedAt);
  if (failure.reason === "auth_required") return { ...failure, message, hint: loginHint(context) };
  const retryAt = failure.reason === "quota_exhausted"
    ? failure.retry_at ?? retryDelay(error, context.startedAt)
    : null;
  return { ...failure, message, retry_at: retryAt };
}

/** What to do about a missing login: as the program knows, else in the agent's own words. */
export function loginHint({ agent, greeting }: FailureContext): string {
  if (agent.loginHint !== null) return agent.loginHint;
  const [method] = greeting?.authMethods ?? [];
  const words = method?.description ?? method?.name ?? "";
  return isBlank(words)
    ? `Log in to ${agent.title} in a terminal.`
    : `Log in to ${agent.title} in a terminal (it says: ${words}).`;
}

/** The failure behind a stop reason; `null` for success. */
export function stopFailure(reason: string, title: string): Failure | null {
  const fault = (message: string, hint: string | null): Failure => ({
    reason: "agent_error",
    message,
    hint,
    retry_at: null,
  });
  switch (reason) {
    case "end_turn":
      return null;
    case "max_tokens":
      return fault(`${title} reached the model's limit of tokens`, GO_ON);
    case "max_turn_requests":
      return fault(`${title} reached its limit of requests in one turn`, GO_ON);
    case "refusal":
      return fault(`${title} refused to go on`, "Continue with job_reply, in other words.");
    case "cancelled":
      return fault(`The turn of ${title} was interrupted`, "Continue with job_reply.");
    default:
      return fault(
        `${title} stopped for a reason that agent-async does not know (${reason})`,
        "Update agent-async.",
      );
  }
}

/** The turn ended well by its stop reason, but without a word or a deed: some agents hide a failed model call so. */
export function silence(title: string): Failure {
  return {
    reason: "no_result",
    message: `${title} ended its turn without a word: its call of the model may have failed`,
    hint: `Try ${title} in a terminal, then continue with job_reply.`,
    retry_at: null,
  };
}

const GO_ON = "Continue with job_reply.";

/** The words of an error, with those of its data where they say more, and out of the JSON that some agents make of it. */
function wordsOf({ message, data }: AcpError): string {
  const outer = readable(message);
  const inner = saidIn(data);
  if (inner === null || outer.includes(inner)) return outer;
  return isBlank(outer) || /^internal error$/i.test(outer) ? readable(inner) : `${outer}: ${readable(inner)}`;
}

function readable(message: string): string {
  const start = message.indexOf("{");
  const body = start < 0 ? null : parseObject(message.slice(start));
  return body === null ? message : saidIn(body) ?? message;
}

/** When to try again, where the error carries the delay of a `retry-after` or of Google's `retryDelay`. */
function retryDelay({ message, data }: AcpError, since: number): number | null {
  const text = `${message} ${JSON.stringify(data) ?? ""}`;
  const seconds = /retry-?after\\?"?\s*[:=]\s*\\?"?(\d+(?:\.\d+)?)/i.exec(text)?.[1];
  if (seconds !== undefined) return since + Math.ceil(Number(seconds) * 1_000);
  const delay = /retryDelay\\?"?\s*:\s*\\?"?([\d.]+m?s)/.exec(text)?.[1];
  const ms = delay === undefined ? null : durationMs(delay);
  return ms === null ? null : since + ms;
}
