/**
 * Room `agents`: recognises failures of the Gemini CLI (0.39 to 0.61) by its words on stdout and stderr and by its
 * exit code. An exit code may be one of Gemini's own, or an HTTP status modulo 256.
 *
 * @module
 */
import { GEMINI_HINTS } from "./profile.ts";
import type { Failure } from "../../domain/turn/turn.ts";
import type { Remains } from "../turn_reader.ts";
import { durationMs, readRetryTime } from "../reading/retry_time.ts";

/** Words of a failed login. The API answers 400 to a wrong key, and 403 to an account that must be verified. */
const AUTH =
  /\b401\b|unauthenticated|unauthorized|api.?key.{0,20}(?:not valid|invalid|expired|missing|not found)|API_KEY_INVALID|FatalAuthentication|set an auth method|invalid auth method|authentication (?:failed|required|cancelled)|failed to (?:authenticate|login)|manual authorization is required|enforced authentication type|\b403\b|permission.?denied|ValidationRequired/i;
/** Words that only failures of a login have. */
const LOGIN =
  /set an auth method|invalid auth method|API_KEY_INVALID|api.?key.{0,20}(?:not valid|invalid|expired|missing|not found)|GEMINI_API_KEY|please sign in|enforced authentication type/i;
const QUOTA =
  /\b429\b|resource.{0,10}exhausted|quota|rate.?limit|exhausted your capacity|capacity exceeded|CAPACITY_EXHAUSTED|too many requests|G1_CREDITS/i;

/** Recognised by a phrase, with what to do about it; the first match counts. */
const KNOWN: readonly { phrase: RegExp; hint: string }[] = [
  {
    phrase: /FatalTurnLimited|max(?:imum)? session turns/i,
    hint: "Raise `model.maxSessionTurns` in Gemini's settings.json, or continue with job_reply.",
  },
  {
    phrase: /^\s*loop detected/i,
    hint: "Gemini stopped itself since it repeated itself: continue with job_reply, in other words.",
  },
  {
    phrase: /FatalToolExecution|no space left|ENOSPC/i,
    hint: "A tool could not go on: read the job's output; the disk may be full.",
  },
  {
    phrase: /model.{0,80}not found|\b404\b|NOT_FOUND|ModelNotFound/i,
    hint: "Name a model that this account can use, or leave it out for Gemini's own default.",
  },
  {
    phrase: /token count.{0,80}exceeds|context window|input is too long/i,
    hint: "The conversation is too long for the model: start a new job with a summary of this one.",
  },
  {
    phrase:
      /empty response|malformed|INVALID_STREAM|thinking|safety|recitation|blocked|MAX_TOKENS|output limit/i,
    hint: "The model gave no usable answer: continue with job_reply, in smaller steps or other words.",
  },
  {
    phrase: /fetch failed|terminated|ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|socket hang up|network/i,
    hint: "The model's server could not be reached: check the network, then continue with job_reply.",
  },
  {
    phrase: /\b5\d\d\b|INTERNAL|UNAVAILABLE|overloaded/,
    hint: "The model's server has trouble: continue later with job_reply.",
  },
];

/**
 * The failure behind `result.error`, or behind the last `error` event where there is none.
 * @param error.details all that came with it, where a time may stand
 * @param since epoch ms of the event that said it: its relative times count from there.
 */
export function geminiFailure(
  error: { type?: string; message: string; details?: string },
  since: number,
): Failure {
  const message = readable(error.message);
  const said = `${error.type ?? ""} ${error.message}`;
  // A text about a usage limit also has "API key" and "auth method" in it, so limits are looked for first.
  if (QUOTA.test(said)) return quotaExhausted(message, `${error.message}\n${error.details ?? ""}`, since);
  if (AUTH.test(said)) return fault("auth_required", message, GEMINI_HINTS.login);
  return fault("agent_error", message, KNOWN.find(({ phrase }) => phrase.test(said))?.hint ?? null);
}

function quotaExhausted(message: string, said: string, since: number): Failure {
  const retryAt = readRetryTime(said, since) ?? retryInfo(said, since);
  return {
    reason: "quota_exhausted",
    message,
    hint: retryAt === null
      ? "Gemini's usage limit is reached: wait, or start the job with another agent."
      : "Gemini's usage limit is reached: continue with job_reply after retry_at, or start with another agent.",
    retry_at: retryAt,
  };
}

/**
 * When to try again, in epoch ms, from `"retryDelay":"34s"` in the details of an error of Google's APIs, in any
 * quoting.
 */
function retryInfo(said: string, since: number): number | null {
  const delay = /retryDelay\\*["']?\s*:\s*\\*["']?([\d.]+m?s)/.exec(said)?.[1] ??
    // As its own errors have it, and stderr shows them.
    /retryDelayMs\\*["']?\s*:\s*([\d.]+)/.exec(said)?.[1]?.concat("ms");
  const ms = delay === undefined ? null : durationMs(delay);
  return ms === null ? null : since + ms;
}

/** What Gemini CLI's exit codes say; those above 128 are 400, 401 ... modulo 256 and no signals. */
const EXIT_CODES: Readonly<Record<number, { reason: Failure["reason"]; text: string; hint: string | null }>> =
  {
    41: { reason: "auth_required", text: "Gemini CLI is not logged in", hint: GEMINI_HINTS.login },
    42: { reason: "agent_error", text: "Gemini CLI could not use its input", hint: null },
    44: {
      reason: "spawn_failed",
      text: "Gemini CLI could not start its sandbox",
      hint: "Check `tools.sandbox` in Gemini's settings.json.",
    },
    52: {
      reason: "agent_error",
      text: "Gemini CLI cannot use its configuration",
      hint: "Repair ~/.gemini/settings.json: `gemini --version` shows the same error.",
    },
    53: {
      reason: "agent_error",
      text: "Gemini CLI reached its limit of turns",
      hint: KNOWN[0]?.hint ?? null,
    },
    54: { reason: "agent_error", text: "A tool of Gemini CLI failed for good", hint: null },
    55: {
      reason: "agent_error",
      text: "Gemini CLI does not trust this directory",
      hint: "This version does not know --skip-trust. " + GEMINI_HINTS.upgrade,
    },
    126: { reason: "spawn_failed", text: "The gemini executable cannot be run", hint: GEMINI_HINTS.install },
    127: {
      reason: "spawn_failed",
      text: "The gemini executable was not found",
      hint: "Gemini CLI needs node on the PATH of the host. " + GEMINI_HINTS.install,
    },
    144: { reason: "agent_error", text: "The model's server refused the request (400)", hint: null },
    145: {
      reason: "auth_required",
      text: "The model's server refused the credentials (401)",
      hint: GEMINI_HINTS.login,
    },
    147: {
      reason: "auth_required",
      text: "The model's server refused access (403)",
      hint: GEMINI_HINTS.login,
    },
    148: { reason: "agent_error", text: "The model's server does not know the model (404)", hint: null },
    173: { reason: "quota_exhausted", text: "Gemini's usage limit is reached (429)", hint: null },
    244: { reason: "agent_error", text: "The model's server failed (500)", hint: null },
    247: { reason: "agent_error", text: "The model's server is overloaded (503)", hint: null },
  };

/** For a process that ended without a `result` line; `null` when nothing is known of its end. */
export function diagnoseGemini({ end, stderr, startedAt }: Remains): Failure | null {
  if (end.kind === "vanished" || end.code === 0) return null;
  const complaint = lastComplaint(stderr);
  const known = EXIT_CODES[end.code];
  if (known !== undefined) {
    const message = complaint === "" ? known.text : `${known.text}: ${complaint}`;
    if (known.reason === "quota_exhausted") return quotaExhausted(message, stderr, startedAt);
    // A login that is missing is a fault of the input, or of the settings, to some versions.
    if (known.reason === "agent_error" && LOGIN.test(complaint)) {
      return fault("auth_required", message, GEMINI_HINTS.login);
    }
    const hint = known.hint ??
      (complaint === "" ? null : geminiFailure({ message: complaint }, startedAt).hint);
    return fault(known.reason, message, hint);
  }
  if (end.code > 128 || complaint === "") return null;
  const refused = /(?:Unknown arguments?|Invalid values|Not enough arguments)[^\n]*(?:\n\s+Argument[^\n]*)?/
    .exec(stderr);
  if (refused !== null) {
    const why =
      `This version of Gemini CLI does not know them, or an argument of the configuration is wrong.`;
    return fault(
      "agent_error",
      `Gemini CLI refused its arguments: ${refused[0]}`,
      `${why} ${GEMINI_HINTS.upgrade}`,
    );
  }
  const failure = geminiFailure({ message: complaint }, startedAt);
  return failure.reason === "agent_error" && failure.hint === null ? null : failure;
}

/** Lines that Gemini prints to stderr on every run. None is the cause of a failure. */
const CHATTER =
  /^(?:\s*at |YOLO mode|Warning: |\(node:|\(Use `node|Ripgrep is not|Loaded cached|Skill conflict|Approval mode|MCP issues detected|\[STARTUP\]|Error executing tool|Attempt \d+ failed.*(?:Retrying|retrying)|\[(?:WARNING|INFO)\]|Error when talking to|$)/;

const COMPLAINT_CHARS = 1_000;

/** The last lines of stderr that are no chatter. */
export function lastComplaint(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trimEnd()).filter((line) => !CHATTER.test(line));
  return lines.slice(-6).join("\n").trim().slice(-COMPLAINT_CHARS);
}

/** The sentence inside of `[API Error: ...]`, and inside of the JSON in that. */
function readable(message: string): string {
  const inner = /^\[API Error: ([\s\S]*?)\](?=\n|$)/.exec(message)?.[1];
  if (inner === undefined) return message;
  const start = inner.indexOf("{");
  if (start < 0) return inner;
  try {
    const body: unknown = JSON.parse(inner.slice(start));
    return sentence(body) ?? inner;
  } catch {
    return inner;
  }
}

function sentence(value: unknown): string | null {
  if (typeof value !== "object" || value === null) return null;
  if ("error" in value) return sentence(value.error);
  if (!("message" in value) || typeof value.message !== "string") return null;
  const status = "status" in value && typeof value.status === "string" ? ` (${value.status})` : "";
  return value.message + status;
}

function fault(reason: Failure["reason"], message: string, hint: string | null): Failure {
  return { reason, message, hint, retry_at: null };
}
