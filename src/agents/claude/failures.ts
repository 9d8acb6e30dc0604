/**
 * Room `agents`: what Claude Code means when it fails, from its own words on stdout and stderr.
 *
 * @module
 */
import { CLAUDE_HINTS } from "./profile.ts";
import type { Failure } from "../../domain/turn/turn.ts";
import { readResetTime } from "./reset_time.ts";
import type { Remains } from "../turn_reader.ts";

const AUTH =
  /authentication_(?:failed|error)|oauth_org_not_allowed|not logged in|please run \/login|invalid api key|failed to authenticate|oauth token (?:has expired|revoked)|api error: 401/i;
const QUOTA =
  /rate_limit|billing_error|usage limit|limit reached|hit your .{0,30}limit|out of (?:extra )?usage|credit balance is too low|api error: 429|quota/i;

/** Limits that no waiting ends: somebody has to pay. */
const UNPAID = /billing_error|credit balance is too low/i;

/** Recognised by a phrase, with what to do about it; the first match counts. */
const KNOWN: readonly { phrase: RegExp; hint: string }[] = [
  {
    phrase: /no conversation found with session id/i,
    hint: "Claude Code has no such session for this directory any more: start a new job.",
  },
  {
    phrase: /Claude Code was interrupted/,
    hint: "Something other than agent-async ended it: continue with job_reply.",
  },
  {
    phrase: /error_max_turns|maximum number of turns/i,
    hint: "The limit of turns in the configured arguments was reached: continue with job_reply.",
  },
  {
    phrase: /error_max_budget_usd|maximum budget/i,
    hint: "The budget in the configured arguments was reached: raise it, then continue with job_reply.",
  },
  {
    phrase: /model_not_found|issue with the selected model|may not exist or you may not have access/i,
    hint: "Name a model that this account can use, or leave it out for Claude Code's own default.",
  },
  {
    phrase: /prompt is too long|request too large|context (?:window|limit)|input length and .max_tokens/i,
    hint: "The conversation is too long for the model: start a new job with a summary of this one.",
  },
  {
    phrase: /connection (?:error|closed)|unable to connect|fetch failed|econn|enotfound|timed? ?out/i,
    hint: "The model's server could not be reached: check the network, then continue with job_reply.",
  },
  {
    phrase: /server_error|overloaded|api error: 5\d\d|internal server error/i,
    hint: "The model's server has trouble: continue later with job_reply.",
  },
  {
    phrase: /cannot be used with root/i,
    hint: "Claude Code refuses full-auto as the superuser: run as another user, or use auto-edit.",
  },
  {
    phrase: /session id .{0,60}is already in use/i,
    hint: "Another Claude Code has this session: start the job again.",
  },
  {
    phrase:
      /invalid mcp config|mcp config(?:uration)? file|settings file not found|invalid (?:json|settings)/i,
    hint: "Repair the configured arguments or Claude Code's settings: `claude doctor` shows the error.",
  },
  {
    phrase: /input must be provided/i,
    hint: "The prompt was empty: say what is to be done.",
  },
];

export interface Complaint {
  /** The words for people. */
  readonly message: string;
  /** Kinds that Claude Code names beside the text, such as `rate_limit` and `error_max_turns`. */
  readonly kinds: readonly string[];
  /** HTTP status of the model's server. */
  readonly status: number | null;
  /** Epoch ms at which the limit ends, if it was named apart from the text. */
  readonly resetsAt: number | null;
  /** Epoch ms that the times in the text count from. */
  readonly since: number;
}

/** Lines for Claude Code's own developers. They are all that it prints when a signal ends it, and no reason. */
const DIAGNOSTIC = /^\[ede_diagnostic\]/;

/** The words of a `result` line that reports a failure; "" when it has none. */
export function wordsOf(line: { result?: string | null | undefined; errors: readonly string[] }): string {
  if (line.result) return line.result;
  const told = line.errors.filter((error) => !DIAGNOSTIC.test(error));
  return told.length === 0 && line.errors.length > 0
    ? "Claude Code was interrupted before it had answered"
    : told.join("; ");
}

/** Another session answered than the one that the turn was to continue. */
export function otherSession(asked: string, begun: string): Failure {
  return fault(
    "agent_error",
    `The session was not continued: Claude Code was asked for ${asked} and began ${begun} instead`,
    "The session is gone from this machine: start a new job and repeat what it needs to know.",
  );
}

/** The failure that a `result` line reports. */
export function claudeFailure({ message, kinds, status, resetsAt, since }: Complaint): Failure {
  const said = [...kinds, message].join("\n");
  if (status === 401 || (status !== 429 && AUTH.test(said))) {
    return fault("auth_required", message, CLAUDE_HINTS.login);
  }
  if (status === 429 || QUOTA.test(said)) {
    const retryAt = readResetTime(message, since) ?? resetsAt;
    return {
      reason: "quota_exhausted",
      message: message.replace(/\|\d{9,11}\b/, ""),
      hint: quotaHint(said, retryAt),
      retry_at: retryAt,
    };
  }
  if (status === 403) return fault("auth_required", message, CLAUDE_HINTS.login);
  const isServer = status !== null && status >= 500;
  const known = isServer ? SERVER_TROUBLE : KNOWN.find(({ phrase }) => phrase.test(said))?.hint ?? null;
  return fault("agent_error", message, known);
}

function quotaHint(said: string, retryAt: number | null): string {
  if (UNPAID.test(said)) {
    return "The account has no credit left: add some and continue with job_reply, or start with another agent.";
  }
  return retryAt === null
    ? "Claude's usage limit is reached: wait, or start the job with another agent."
    : "Claude's usage limit is reached: continue with job_reply after retry_at, or start with another agent.";
}

const SERVER_TROUBLE = "The model's server has trouble: continue later with job_reply.";

const STDERR_CHARS = 1_000;

/** For a process that ended without a `result` line; `null` when its stderr says nothing known. */
export function diagnoseClaude({ end, stderr, startedAt }: Remains): Failure | null {
  if (end.kind === "vanished" || end.code === 0 || end.code > 128) return null;
  const said = stderr.trim().slice(-STDERR_CHARS);
  if (end.code === 126 || end.code === 127) {
    const message = said === "" ? "The claude executable cannot be run" : said;
    return fault("spawn_failed", message, CLAUDE_HINTS.install);
  }
  const option = /error: (?:unknown option|option ).*/.exec(stderr)?.[0];
  if (option !== undefined) {
    return fault(
      "agent_error",
      `Claude Code refused its arguments: ${option}`,
      `This version of Claude Code does not know them, or an argument of the configuration is wrong. ${CLAUDE_HINTS.upgrade}`,
    );
  }
  if (said === "") return null;
  const failure = claudeFailure({ message: said, kinds: [], status: null, resetsAt: null, since: startedAt });
  return failure.reason === "agent_error" && failure.hint === null ? null : failure;
}

function fault(reason: Failure["reason"], message: string, hint: string | null): Failure {
  return { reason, message, hint, retry_at: null };
}
