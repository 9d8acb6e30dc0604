/**
 * Room `domain`: the one function that moves a job between states. Pure: the store commits its whole result or nothing.
 *
 * @module
 */
import { AgentAsyncError } from "../errors.ts";
import type { AgentName, EpochMs } from "./ids.ts";
import type { Budget, UsedUp } from "./budget.ts";
import type { Job, JobState, JobWork } from "./job.ts";
import type { ApprovalPolicy } from "../agent/policy.ts";
import type { OpenQuestion } from "../question/question.ts";
import { isFinished, type StopCause } from "./reason.ts";
import type { Verdict } from "../turn/turn.ts";

export type Change =
  /** The scheduler gives the job a slot; its process is launched after this is committed. */
  | { type: "launch"; at: EpochMs }
  /** A cancel or a limit ends the running turn. `readBytes`: bytes of its output read by then. */
  | { type: "stop"; cause: StopCause; usedUp?: UsedUp | undefined; readBytes: number; at: EpochMs }
  /** The agent asks, or its questions were settled: what is open from now on. */
  | { type: "ask"; questions: readonly OpenQuestion[]; at: EpochMs }
  /** The running turn's process is gone and its output read. */
  | {
    type: "end";
    verdict: Verdict;
    exitCode: number | null;
    sessionId: string | null;
    clockJumpMs?: number | undefined;
    at: EpochMs;
  }
  /** A pending job ends without having run (again). */
  | { type: "drop"; verdict: Verdict; at: EpochMs }
  /** A further turn is accepted; it waits when one is pending or running. */
  /** `isNext`: before the replies that wait already. */
  | { type: "reply"; policy: ApprovalPolicy; isNext?: true; seal?: string; at: EpochMs }
  /** The first waiting reply of a finished job becomes its pending turn. */
  | { type: "next"; policy: ApprovalPolicy; at: EpochMs }
  /** The same prompt goes to another agent, as a new turn before the waiting replies. */
  | { type: "hand_over"; agent: AgentName; seal?: string; at: EpochMs }
  /** A usage limit was hit: a new turn continues after it ends, at `until`, before the waiting replies. */
  | { type: "postpone"; until: EpochMs; seal?: string; at: EpochMs }
  /** A reply has given the job another budget. */
  | { type: "budget"; budget: Budget }
  /** The turn that has ended failed its check: a new one goes on at once, in the job's slot and tree. */
  | { type: "repair"; seal?: string; at: EpochMs }
  /** The turn that has ended did not take what it was told: that is the next one, before the waiting replies. */
  | { type: "carry_on"; seal?: string; at: EpochMs }
  /** The job's changes were taken over, back or away. */
  | { type: "work"; work: JobWork }
  | { type: "summarize"; summary: string };

/**
 * The job after `change`. Returns the same object for a change that has happened already, such as a second stop or the
 * end of a finished job: the first cause wins.
 *
 * @throws {AgentAsyncError} `conflict` for a change that makes no sense in the present state.
 */
export function transition(job: Job, change: Change): Job {
  const { state } = job;
  switch (change.type) {
    case "launch":
      if (state.status !== "pending") throw nonsense(job, change);
      return {
        ...job,
        started_at: job.started_at ?? change.at,
        state: { status: "running", since: change.at, stop: null },
      };
    case "stop":
      if (state.status !== "running") throw nonsense(job, change);
      if (state.stop !== null && !isCancelOfSuperseded(state.stop.cause, change.cause)) return job;
      return {
        ...job,
        state: {
          ...state,
          stop: {
            cause: change.cause,
            at: change.at,
            read_bytes: change.readBytes,
            ...(change.usedUp === undefined ? {} : { used_up: change.usedUp }),
          },
        },
      };
    case "ask": {
      if (state.status !== "running") return job;
      const { questions: before = [], ...running } = state;
      if (isSameList(before, change.questions)) return job;
      return {
        ...job,
        state: change.questions.length === 0 ? running : { ...running, questions: [...change.questions] },
      };
    }
    case "end":
      if (isFinished(state.status)) return job;
      if (state.status !== "running") throw nonsense(job, change);
      return {
        ...job,
        session_id: change.sessionId ?? job.session_id,
        ...(change.clockJumpMs === undefined
          ? {}
          : { clock_jump_ms: (job.clock_jump_ms ?? 0) + change.clockJumpMs }),
        queue: change.verdict.status === "cancelled" && state.stop?.cause !== "superseded" ? [] : job.queue,
        state: finishedState(change.verdict, change.exitCode, change.at),
      };
    case "drop":
      if (isFinished(state.status)) return job;
      if (state.status !== "pending") throw nonsense(job, change);
      return { ...job, queue: [], state: finishedState(change.verdict, null, change.at) };
    case "reply": {
      const turn = job.last_turn + 1;
      return isFinished(state.status)
        ? sealed(
          { ...pendingTurn(job, turn, change.at), approval_policy: change.policy, limit_retries: 0 },
          change.seal,
        )
        : sealed({
          ...job,
          last_turn: turn,
          queue: change.isNext === true ? [turn, ...job.queue] : [...job.queue, turn],
        }, change.seal);
    }
    case "next": {
      const [turn, ...queue] = job.queue;
      if (!isFinished(state.status) || turn === undefined) throw nonsense(job, change);
      const next = pendingTurn(job, turn, change.at);
      return sealed({ ...next, queue, approval_policy: change.policy, limit_retries: 0 });
    }
    case "hand_over":
      if (!isFinished(state.status)) throw nonsense(job, change);
      return sealed({
        ...pendingTurn(job, job.last_turn + 1, change.at),
        agent: change.agent,
        session_id: null,
        fallback: job.fallback.slice(job.fallback.indexOf(change.agent) + 1),
      }, change.seal);
    case "postpone":
      if (!isFinished(state.status)) throw nonsense(job, change);
      return sealed({
        ...pendingTurn(job, job.last_turn + 1, change.at),
        limit_retries: job.limit_retries + 1,
        state: { status: "pending", since: change.at, not_before: change.until },
      }, change.seal);
    case "repair":
      if (!isFinished(state.status)) throw nonsense(job, change);
      return sealed({
        ...pendingTurn(job, job.last_turn + 1, change.at),
        state: { status: "running", since: change.at, stop: null },
      }, change.seal);
    case "carry_on":
      if (!isFinished(state.status)) throw nonsense(job, change);
      return sealed(pendingTurn(job, job.last_turn + 1, change.at), change.seal);
    case "budget":
      return { ...job, budget: change.budget };
    case "work":
      return { ...job, work: change.work };
    case "summarize":
      return { ...job, summary: change.summary };
  }
}

/** A turn that is ended for the next prompt may still be cancelled, and with it that prompt. */
function isCancelOfSuperseded(before: StopCause, cause: StopCause): boolean {
  return before === "superseded" && cause === "cancelled";
}

function pendingTurn(job: Job, turn: number, at: EpochMs): Job {
  return {
    ...job,
    previous_turn: job.turn,
    turn,
    last_turn: Math.max(job.last_turn, turn),
    summary: null,
    state: { status: "pending", since: at, not_before: null },
  };
}

/** Drops the seals of turns that are over. `seal` is that of the newest turn. */
function sealed(job: Job, seal?: string): Job {
  const all: Record<string, string> = { ...job.seals };
  if (seal !== undefined) all[job.last_turn] = seal;
  const seals = Object.entries(all).filter(([turn]) =>
    Number(turn) === job.turn || job.queue.includes(Number(turn))
  );
  if (job.seals === undefined && seals.length === 0) return job;
  return { ...job, seals: Object.fromEntries(seals) };
}

/** Whether both name the same questions in the same order. */
function isSameList(before: readonly OpenQuestion[], after: readonly OpenQuestion[]): boolean {
  return before.length === after.length &&
    before.every(({ question_id }, index) => question_id === after[index]?.question_id);
}

function finishedState(verdict: Verdict, exitCode: number | null, at: EpochMs): JobState {
  return { ...verdict, finished_at: at, exit_code: exitCode };
}

function nonsense(job: Job, change: Change): AgentAsyncError {
  return new AgentAsyncError("conflict", `Cannot ${change.type} job ${job.id}: it is ${job.state.status}`);
}
