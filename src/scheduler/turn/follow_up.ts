/**
 * Room `scheduler`: decides what follows a turn that has ended: a handover to another agent, a wait for a usage limit,
 * the next reply, or nothing. Pure.
 *
 * @module
 */
import type { Job } from "../../domain/job/job.ts";
import type { ErrorReason } from "../../domain/job/reason.ts";
import type { Verdict } from "../../domain/turn/turn.ts";
import { MAX_LIMIT_RETRIES } from "../limits.ts";

export type FollowUp =
  | { kind: "none" }
  | { kind: "next"; turn: number }
  | { kind: "hand_over"; agent: string; turn: number }
  | { kind: "postpone"; until: number; turn: number }
  | { kind: "repair"; turn: number }
  /** What the agent was told and did not take is its next prompt. */
  | { kind: "carry_on"; turn: number };

/** Reasons that mean that the agent could not work at all. */
const UNABLE: readonly ErrorReason[] = ["quota_exhausted", "auth_required", "spawn_failed"];

/** Whether the agent could not work at all, so that another agent may do the job. */
export function isUnable(verdict: Verdict): boolean {
  return verdict.status === "error" && UNABLE.includes(verdict.reason);
}

function isUnableState(state: Job["state"]): boolean {
  return state.status === "error" && UNABLE.includes(state.reason);
}

/** Ms to wait beyond the end of a limit: clocks differ, and hitting the limit again costs one of few retries. */
export const LIMIT_MARGIN_MS = 5_000;

/** Least ms to wait for a limit, even when the agent says that it has ended already. */
const LEAST_WAIT_MS = 30_000;

/**
 * @param ended the job with its turn ended
 * @param options.successor a fallback agent that can be started now; `null` for none
 * @param options.isSuperseded whether the turn was ended for the next prompt: then the job is not cancelled with it
 * @param options.isToRepair whether the agent is asked to mend its work or its answer
 * @param options.hasUndelivered whether something was said to the agent that it did not take
 */
export function followUp(
  ended: Job,
  { successor, isSuperseded = false, isToRepair = false, hasUndelivered = false }: {
    successor: string | null;
    isSuperseded?: boolean;
    isToRepair?: boolean;
    hasUndelivered?: boolean;
  },
): FollowUp {
  const { state } = ended;
  if (state.status === "cancelled" && !isSuperseded) return { kind: "none" };
  const carriesOn = hasUndelivered && ended.session_id !== null && !isUnableState(state);
  // The check is run again after that turn.
  if (carriesOn) return { kind: "carry_on", turn: ended.last_turn + 1 };
  if (isToRepair) return { kind: "repair", turn: ended.last_turn + 1 };
  if (state.status === "error") {
    if (successor !== null && isUnable(state)) {
      return { kind: "hand_over", agent: successor, turn: ended.last_turn + 1 };
    }
    const canWait = ended.retry_on_limit && ended.limit_retries < MAX_LIMIT_RETRIES;
    if (canWait && state.reason === "quota_exhausted" && state.retry_at !== null) {
      const until = Math.max(state.retry_at + LIMIT_MARGIN_MS, state.finished_at + LEAST_WAIT_MS);
      return { kind: "postpone", until, turn: ended.last_turn + 1 };
    }
  }
  const turn = ended.queue[0];
  return turn === undefined ? { kind: "none" } : { kind: "next", turn };
}
