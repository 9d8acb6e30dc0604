/**
 * Room `domain`: the status of a job, and the reason of a finished one. A finished job has exactly one reason: the
 * first cause wins.
 *
 * @module
 */
import * as z from "zod";

export const JobStatus = z.enum(["pending", "running", "done", "error", "cancelled"]);
export type JobStatus = z.infer<typeof JobStatus>;

export const ErrorReason = z.enum([
  "agent_error",
  "quota_exhausted",
  "auth_required",
  "exit_code",
  "no_result",
  "timed_out",
  "stalled",
  "spawn_failed",
  "lost",
  "output_limit",
  "dependency_failed",
  "setup_failed",
  "check_failed",
  "budget_exceeded",
]);
export type ErrorReason = z.infer<typeof ErrorReason>;

export const Reason = z.enum(["completed", "cancelled", ...ErrorReason.options]);
export type Reason = z.infer<typeof Reason>;

/** Why agent-async itself ends a turn. `superseded`: its session goes on at once with another prompt. */
export const StopCause = z.enum([
  "cancelled",
  "timed_out",
  "stalled",
  "output_limit",
  "budget_exceeded",
  "superseded",
]);
export type StopCause = z.infer<typeof StopCause>;

/** Whether a job of this status has ended; a reply can still add a turn to it. */
export function isFinished(status: JobStatus): boolean {
  return status === "done" || status === "error" || status === "cancelled";
}
