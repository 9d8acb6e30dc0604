/**
 * Room `scheduler`: commits that a running turn is being ended, and why.
 *
 * @module
 */
import type { UsedUp } from "../../domain/job/budget.ts";
import { isJobIn } from "../../domain/job/job.ts";
import type { StopCause } from "../../domain/job/reason.ts";
import { transition } from "../../domain/job/transition.ts";
import type { JobStore } from "../../store/job_store.ts";
import type { Clock } from "../../system/clock.ts";
import type { TurnRun } from "./run.ts";

/** Why a turn is ended; `usedUp` where the cause is a budget. */
export interface StopReason {
  readonly cause: StopCause;
  readonly usedUp?: UsedUp | undefined;
}

/** The first cause stays. */
export async function commitStop(
  { job: { id, turn }, output: { knownBytes: readBytes } }: TurnRun,
  { cause, usedUp }: StopReason,
  { store, clock }: { store: JobStore; clock: Clock },
): Promise<void> {
  await store.update(
    id,
    (job) =>
      isJobIn(job, "running") && job.turn === turn
        ? transition(job, { type: "stop", cause, usedUp, readBytes, at: clock.now() })
        : job,
  );
}
