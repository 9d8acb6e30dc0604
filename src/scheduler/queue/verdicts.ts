/**
 * Room `scheduler`: how a job ends that is never started.
 *
 * @module
 */
import type { UsedUp } from "../../domain/job/budget.ts";
import type { JobId } from "../../domain/job/ids.ts";
import type { Verdict } from "../../domain/turn/turn.ts";

/** The verdict of a pending job that had to wait for job `id`, when job `id` did not succeed. */
export function dependencyFailed(id: JobId): Verdict {
  return {
    status: "error",
    reason: "dependency_failed",
    error: `Job ${id}, which had to be done first, was not`,
    hint: `See job ${id}, then start this one again.`,
    retry_at: null,
  };
}

/** The verdict of a pending job for which nothing is left of a budget. */
export function budgetExceeded({ message, hint }: UsedUp): Verdict {
  return { status: "error", reason: "budget_exceeded", error: message, hint, retry_at: null };
}
