/**
 * Room `agents`: recognises failures of Cursor's CLI by its own words, which are mostly on stderr.
 *
 * @module
 */
import { CURSOR_HINTS } from "./profile.ts";
import type { Failure } from "../../domain/turn/turn.ts";
import type { Remains } from "../turn_reader.ts";
import { readRetryTime } from "../reading/retry_time.ts";

const AUTH =
  /authentication required|not logged in|unauthenticated|unauthori[sz]ed|api key is invalid|invalid api key|agent login|\b401\b/i;
const QUOTA =
  /usage limit|rate.?limit|hit your .{0,30}limit|quota|resource_exhausted|too many requests|out of (?:usage|credits)|upgrade (?:your plan|to pro)|named models unavailable|\b429\b/i;

/** Recognised by a phrase, with what to do about it; the first match counts. */
const KNOWN: readonly { phrase: RegExp; hint: string }[] = [
  {
    phrase: /cannot use this model|model .{0,60}(?:not found|not available|unavailable)/i,
    hint: "Name a model from `cursor-agent models`, or leave it out for Cursor's own default.",
  },
  {
    phrase: /workspace trust required/i,
    hint:
      `Cursor does not trust this directory, and this version does not take --trust. ${CURSOR_HINTS.upgrade}`,
  },
  {
    phrase: /unknown option|unknown argument|too many arguments|invalid (?:value|choice)/i,
    hint:
      `This version of Cursor Agent does not know an argument, or one of the configuration is wrong. ${CURSOR_HINTS.upgrade}`,
  },
  {
    phrase:
      /(?:chat|session|conversation).{0,60}not found|no (?:such|previous) (?:chat|session|conversation)/i,
    hint: "Cursor has no such chat any more: start a new job.",
  },
  {
    phrase: /no prompt provided|prompt is required/i,
    hint: "The prompt was empty: say what is to be done.",
  },
  {
    phrase: /connection|econn|enotfound|etimedout|fetch failed|network|unavailable/i,
    hint: "Cursor's server could not be reached: check the network, then continue with job_reply.",
  },
];

/** @param since epoch ms that times relative to now count from. */
export function cursorFailure(message: string, since: number): Failure {
  if (AUTH.test(message)) return fault("auth_required", message, CURSOR_HINTS.login);
  if (QUOTA.test(message)) {
    const retryAt = readRetryTime(message, since);
    return {
      reason: "quota_exhausted",
      message,
      hint: retryAt === null
        ? "Cursor's usage limit is reached: wait, or start the job with another model or agent."
        : "Cursor's usage limit is reached: continue with job_reply after retry_at, or start with another agent.",
      retry_at: retryAt,
    };
  }
  return fault("agent_error", message, KNOWN.find(({ phrase }) => phrase.test(message))?.hint ?? null);
}

const COMPLAINT_CHARS = 1_000;

/** For a process that ended without a `result` line; `null` when its stderr says nothing known. */
export function diagnoseCursor({ end, stderr, startedAt }: Remains): Failure | null {
  if (end.kind === "vanished" || end.code === 0 || end.code > 128) return null;
  const said = complaint(stderr);
  if (end.code === 126 || end.code === 127) {
    const message = said === "" ? "The cursor-agent executable cannot be run" : said;
    return fault("spawn_failed", message, CURSOR_HINTS.install);
  }
  const failure = cursorFailure(said, startedAt);
  if (failure.reason !== "agent_error" || failure.hint !== null) return failure;
  // With `null`, the caller reports the end of stderr as it is. This message replaces it where stderr repeats the
  // events.
  if (!/^\s*\{/m.test(stderr)) return null;
  const message = `Cursor Agent ended with exit code ${end.code} without a result${
    said === "" ? "" : `: ${said}`
  }`;
  return fault("exit_code", message, null);
}

/** The end of stderr without noise: some versions repeat the events there, or report on the machine's certificates. */
export function complaint(stderr: string): string {
  const lines = stderr.split("\n").filter((line) =>
    !line.trimStart().startsWith("{") && !/failed to copy trust settings/.test(line)
  );
  return lines.join("\n").trim().slice(-COMPLAINT_CHARS);
}

function fault(reason: Failure["reason"], message: string, hint: string | null): Failure {
  return { reason, message, hint, retry_at: null };
}
