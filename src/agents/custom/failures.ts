/**
 * Room `agents`: failures of agents that the program does not know, by words that all of them use.
 *
 * @module
 */
import type { Failure } from "../../domain/turn/turn.ts";
import type { Remains } from "../turn_reader.ts";
import { readRetryTime } from "../reading/retry_time.ts";

const QUOTA =
  /\b429\b|rate.?limit|usage limit|quota|too many requests|insufficient (?:credits|balance|funds)/i;
const AUTH =
  /\b401\b|unauthorized|unauthenticated|not (?:logged|signed) in|please (?:log|sign) ?in|(?:invalid|missing|no) api.?key|api.?key (?:is )?(?:not|invalid|missing)|authentication (?:failed|required|error)/i;

/** @param startedAt epoch ms that relative times count from. */
export function customFailure(message: string, startedAt: number): Failure {
  if (QUOTA.test(message)) {
    return {
      reason: "quota_exhausted",
      message,
      hint: "Its usage limit is reached: wait, or start the job with another agent.",
      retry_at: readRetryTime(message, startedAt),
    };
  }
  if (AUTH.test(message)) {
    return { reason: "auth_required", message, hint: "Log in to it in a terminal.", retry_at: null };
  }
  return { reason: "agent_error", message, hint: null, retry_at: null };
}

/** The failure of a process that ended without a terminal event; `null` when its exit alone says enough. */
export function diagnoseCustom({ end, stderr, startedAt }: Remains): Failure | null {
  if (end.kind === "vanished" || end.code === 0 || end.code > 128) return null;
  const said = stderr.trim().slice(-STDERR_CHARS);
  if (end.code === 126 || end.code === 127) {
    return {
      reason: "spawn_failed",
      message: said === "" ? `It could not be run (exit code ${end.code})` : said,
      hint: "Check `command` in the configuration, and what the program itself needs on PATH.",
      retry_at: null,
    };
  }
  const failure = customFailure(said, startedAt);
  return failure.reason === "agent_error" ? null : failure;
}

const STDERR_CHARS = 1_000;
