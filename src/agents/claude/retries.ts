/**
 * Room `agents`: Claude Code's words on a request that it sends again.
 *
 * @module
 */
import type { RetryLine } from "./lines.ts";

/**
 * Refused credentials are tried ten times, for three minutes. A token that is renewed meanwhile is there by the third
 * try; a success that comes all the same overrides this word.
 */
const REFUSED_ATTEMPTS = 3;

/** Whether the credentials are refused, and not for a moment. */
export function isRefused({ error_status: status, attempt }: RetryLine): boolean {
  return status === 401 && attempt >= REFUSED_ATTEMPTS;
}

/** What the model's server did. */
export function refusalText({ error_status: status, error }: RetryLine): string {
  const what = status === null || status === undefined
    ? "No connection to the model's server"
    : `The model's server answered ${status}`;
  return error ? `${what} (${error})` : what;
}

export function nextTryText({ attempt, max_retries: most, retry_delay_ms: delayMs }: RetryLine): string {
  return `attempt ${attempt} of ${most}, next in ${(delayMs / 1000).toFixed(1)} s`;
}
