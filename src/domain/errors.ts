/**
 * Room `domain`: failures that are expected, each with a code to match on, a sentence and a hint. Bugs are not
 * dressed up as one of these.
 *
 * @module
 */

/**
 * - `invalid_argument`: an argument is wrong; the message begins with its name.
 * - `not_found`: no such job.
 * - `unknown_agent`: no agent of that name.
 * - `conflict`: the present state does not allow it (for example a reply to an agent without sessions).
 * - `depth_exceeded`: a job inside a job inside a job ... too deep.
 * - `config_invalid`: the configuration cannot be used.
 * - `store_newer`, `store_damaged`: the store cannot be opened.
 * - `disk_full`: there is no room to write it down.
 * - `disk_fault`: the disk or the system refuses to keep it, for another reason.
 * - `daemon_unreachable`: no daemon answers and none could be started.
 * - `handover`: this daemon is leaving for a newer one; the same call again reaches that.
 * - `cancelled`: the caller gave up.
 * - `internal`: a bug; the log has the stack.
 *
 * A list and no schema: a front-end has to know errors before it greets its host, and zod takes 40 ms to load.
 */
export const ERROR_CODES = [
  "invalid_argument",
  "not_found",
  "unknown_agent",
  "conflict",
  "depth_exceeded",
  "config_invalid",
  "store_newer",
  "store_damaged",
  "disk_full",
  "disk_fault",
  "daemon_unreachable",
  "handover",
  "cancelled",
  "internal",
] as const;
export type ErrorCode = typeof ERROR_CODES[number];

export class AgentAsyncError extends Error {
  override readonly name = "AgentAsyncError";

  /** What to do about it, in one sentence. */
  readonly hint: string | undefined;

  constructor(readonly code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint;
  }
}

/** An argument that cannot be accepted: `name` as the caller wrote it, `problem` as the rest of the sentence. */
export function invalidArgument(name: string, problem: string, hint?: string): AgentAsyncError {
  return new AgentAsyncError("invalid_argument", `${name}: ${problem}`, hint === undefined ? {} : { hint });
}

export function isAgentAsyncError(error: unknown, code?: ErrorCode): error is AgentAsyncError {
  return error instanceof AgentAsyncError && (code === undefined || error.code === code);
}

/** What went wrong, in its own words: in JavaScript anything may be thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
