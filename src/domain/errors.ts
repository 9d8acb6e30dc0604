/**
 * Room `domain`: expected failures. Each has a code to match on, a message and often a hint. Rule of this file: a bug
 * is never made into one, except as `internal`.
 *
 * @module
 */

/**
 * - `invalid_argument`: an argument is wrong; the message begins with its name.
 * - `not_found`: no such job.
 * - `unknown_agent`: no agent of that name.
 * - `conflict`: the present state does not allow it (for example a reply to an agent without sessions).
 * - `depth_exceeded`: the job would be nested too deep inside other jobs.
 * - `config_invalid`: the configuration cannot be used.
 * - `store_newer`, `store_damaged`: the store cannot be opened.
 * - `disk_full`: the disk is full or the user's quota is used up.
 * - `disk_fault`: the disk or the system fails for another reason.
 * - `daemon_unreachable`: no daemon answers and none could be started.
 * - `handover`: this daemon is being replaced by a newer one; the same call, sent again, reaches that.
 * - `cancelled`: the caller gave up.
 * - `internal`: a bug; the log has the stack.
 *
 * A list, not a schema: a front-end needs it before it answers its host, and zod takes 40 ms to load.
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

/** The message of anything that was thrown, which in JavaScript need not be an `Error`. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
