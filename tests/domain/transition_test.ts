/**
 * Tests of room `domain`: every state under every change.
 *
 * @module
 */
import assert from "node:assert/strict";
import { AgentAsyncError } from "../../src/domain/errors.ts";
import { Job, type JobState } from "../../src/domain/job/job.ts";
import { type Change, transition } from "../../src/domain/job/transition.ts";
import type { Verdict } from "../../src/domain/turn/turn.ts";
import { newJob } from "../support/new_job.ts";

const DONE: Verdict = { status: "done", reason: "completed" };
const CANCELLED: Verdict = { status: "cancelled", reason: "cancelled" };
const FAILED: Verdict = {
  status: "error",
  reason: "quota_exhausted",
  error: "limit",
  hint: "wait",
  retry_at: 900,
};

const STATES = {
  pending: { status: "pending", since: 10, not_before: null },
  running: { status: "running", since: 20, stop: null },
  stopping: { status: "running", since: 20, stop: { cause: "cancelled", at: 25, read_bytes: 7 } },
  done: { ...DONE, finished_at: 30, exit_code: 0 },
  error: { ...FAILED, finished_at: 30, exit_code: 1 },
  cancelled: { ...CANCELLED, finished_at: 30, exit_code: null },
} satisfies Record<string, JobState>;
type StateName = keyof typeof STATES;

function jobIn(state: JobState, over: Partial<Job> = {}): Job {
  return {
    ...newJob({ id: "00000001", started_at: state.status === "pending" ? null : 15 }),
    number: 1,
    state,
    ...over,
  };
}

/** What each change does in each state: `ok`, `same` (the very job that was given) or `conflict`. */
type Outcome = "ok" | "same" | "conflict";

const AT = 100;
const TABLE: [Change, Record<StateName, Outcome>][] = [
  [{ type: "launch", at: AT }, row("ok", "conflict", "conflict", "conflict")],
  [{ type: "stop", cause: "timed_out", readBytes: 7, at: AT }, row("conflict", "ok", "same", "conflict")],
  [{ type: "end", verdict: DONE, exitCode: 0, sessionId: "s", at: AT }, row("conflict", "ok", "ok", "same")],
  [{ type: "drop", verdict: CANCELLED, at: AT }, row("ok", "conflict", "conflict", "same")],
  [{ type: "reply", policy: "suggest", at: AT }, row("ok", "ok", "ok", "ok")],
  [{ type: "next", policy: "suggest", at: AT }, row("conflict", "conflict", "conflict", "ok")],
  [{ type: "hand_over", agent: "gemini", at: AT }, row("conflict", "conflict", "conflict", "ok")],
  [{ type: "postpone", until: 900, at: AT }, row("conflict", "conflict", "conflict", "ok")],
  [{ type: "summarize", summary: "did it" }, row("ok", "ok", "ok", "ok")],
];

function row(
  pending: Outcome,
  running: Outcome,
  stopping: Outcome,
  finished: Outcome,
): Record<StateName, Outcome> {
  return { pending, running, stopping, done: finished, error: finished, cancelled: finished };
}

Deno.test("transition: every state under every change, and the job that was given stays as it was", () => {
  for (const [change, outcomes] of TABLE) {
    for (const name of Object.keys(STATES) as StateName[]) {
      const job = jobIn(STATES[name], { queue: [2], last_turn: 2, fallback: ["gemini", "claude"] });
      const before = structuredClone(job);
      const what = `${change.type} in ${name}`;
      switch (outcomes[name]) {
        case "conflict":
          assert.throws(
            () => transition(job, change),
            (error) => error instanceof AgentAsyncError && error.code === "conflict",
            what,
          );
          break;
        case "same":
          assert.equal(transition(job, change), job, what);
          break;
        case "ok": {
          const after = transition(job, change);
          assert.notEqual(after, job, what);
          assert.deepEqual(Job.parse(after), after, what);
        }
      }
      assert.deepEqual(job, before, what);
    }
  }
});

Deno.test("transition: next makes no sense without a waiting reply", () => {
  assert.throws(
    () => transition(jobIn(STATES.done), { type: "next", policy: "suggest", at: AT }),
    /Cannot next job 00000001: it is done/,
  );
});

Deno.test("transition: launch keeps the first start of the job", () => {
  const launched = transition(jobIn(STATES.pending), { type: "launch", at: AT });
  assert.deepEqual(launched, {
    ...jobIn(STATES.pending),
    started_at: AT,
    state: { status: "running", since: AT, stop: null },
  });
  const again = transition(jobIn(STATES.pending, { started_at: 15 }), { type: "launch", at: AT });
  assert.equal(again.started_at, 15);
});

Deno.test("transition: the first stop wins", () => {
  const job = jobIn(STATES.running);
  const stopped = transition(job, { type: "stop", cause: "stalled", readBytes: 7, at: AT });
  assert.deepEqual(stopped, {
    ...job,
    state: { status: "running", since: 20, stop: { cause: "stalled", at: AT, read_bytes: 7 } },
  });
  assert.equal(transition(stopped, { type: "stop", cause: "cancelled", readBytes: 9, at: AT + 1 }), stopped);
});

Deno.test("transition: an end records its verdict, the exit code and the session, and only a cancel drops replies", () => {
  const job = jobIn(STATES.running, { queue: [2, 3], last_turn: 3, session_id: "old" });
  const end = (verdict: Verdict, sessionId: string | null) =>
    transition(job, { type: "end", verdict, exitCode: 7, sessionId, at: AT });
  assert.deepEqual(end(FAILED, "new"), {
    ...job,
    session_id: "new",
    state: { ...FAILED, finished_at: AT, exit_code: 7 },
  });
  assert.deepEqual([end(DONE, null).session_id, end(DONE, null).queue], ["old", [2, 3]]);
  assert.deepEqual(end(CANCELLED, null).queue, []);
});

Deno.test("transition: a dropped job never ran, and its replies go with it", () => {
  const job = jobIn(STATES.pending, { queue: [2], last_turn: 2 });
  assert.deepEqual(transition(job, { type: "drop", verdict: FAILED, at: AT }), {
    ...job,
    queue: [],
    state: { ...FAILED, finished_at: AT, exit_code: null },
  });
});

Deno.test("transition: a reply to a finished job is its next turn, to an unfinished one it waits", () => {
  const finished = jobIn(STATES.error, { limit_retries: 2, summary: "s" });
  const turned = transition(finished, { type: "reply", policy: "suggest", at: AT });
  assert.deepEqual(turned, {
    ...finished,
    approval_policy: "suggest",
    previous_turn: 1,
    turn: 2,
    last_turn: 2,
    limit_retries: 0,
    summary: null,
    state: { status: "pending", since: AT, not_before: null },
  });
  const waiting = transition(turned, { type: "reply", policy: "full-auto", at: AT });
  assert.deepEqual(waiting, { ...turned, last_turn: 3, queue: [3] });
  const ended = transition(transition(waiting, { type: "launch", at: AT }), {
    type: "end",
    verdict: DONE,
    exitCode: 0,
    sessionId: null,
    at: AT,
  });
  const next = transition(ended, { type: "next", policy: "full-auto", at: AT });
  assert.deepEqual([next.turn, next.previous_turn, next.last_turn, next.queue, next.approval_policy], [
    3,
    2,
    3,
    [],
    "full-auto",
  ]);
});

Deno.test("transition: replies have their turns in the order of their coming, and a later one is numbered after all", () => {
  const job = jobIn(STATES.done, { queue: [2, 3], last_turn: 3 });
  const next = transition(job, { type: "next", policy: "suggest", at: AT });
  assert.deepEqual([next.turn, next.last_turn, next.queue], [2, 3, [3]]);
  const replied = transition(next, { type: "reply", policy: "suggest", at: AT });
  assert.deepEqual([replied.turn, replied.last_turn, replied.queue], [2, 4, [3, 4]]);
});

Deno.test("transition: handing over takes the next agent and begins a new session with a new turn", () => {
  const job = jobIn(STATES.error, {
    fallback: ["cursor", "gemini", "claude"],
    session_id: "s",
    queue: [2],
    last_turn: 2,
  });
  const handed = transition(job, { type: "hand_over", agent: "gemini", at: AT });
  assert.deepEqual(handed, {
    ...job,
    agent: "gemini",
    session_id: null,
    fallback: ["claude"],
    previous_turn: 1,
    turn: 3,
    last_turn: 3,
    state: { status: "pending", since: AT, not_before: null },
  });
});

Deno.test("transition: a postponed turn waits for its time and counts", () => {
  const job = jobIn(STATES.error, { limit_retries: 1 });
  const postponed = transition(job, { type: "postpone", until: 900, at: AT });
  assert.deepEqual(postponed, {
    ...job,
    previous_turn: 1,
    turn: 2,
    last_turn: 2,
    limit_retries: 2,
    state: { status: "pending", since: AT, not_before: 900 },
  });
});

Deno.test("transition: a superseded turn is cancelled without the replies that wait, unless the job is cancelled too", () => {
  const job = jobIn(STATES.running, { queue: [2, 3], last_turn: 3 });
  const superseded = transition(job, { type: "stop", cause: "superseded", readBytes: 7, at: AT });
  const end: Change = { type: "end", verdict: CANCELLED, exitCode: 130, sessionId: null, at: AT };
  assert.deepEqual(transition(superseded, end).queue, [2, 3]);
  const cancelled = transition(superseded, { type: "stop", cause: "cancelled", readBytes: 9, at: AT + 1 });
  assert.deepEqual(cancelled.state, {
    ...superseded.state,
    stop: { cause: "cancelled", at: AT + 1, read_bytes: 9 },
  });
  assert.deepEqual(transition(cancelled, end).queue, []);
  assert.equal(transition(cancelled, { type: "stop", cause: "superseded", readBytes: 9, at: AT }), cancelled);
});

Deno.test("transition: a reply may come before those that wait", () => {
  const job = jobIn(STATES.running, { queue: [2], last_turn: 2 });
  const replied = transition(job, { type: "reply", policy: "suggest", isNext: true, at: AT });
  assert.deepEqual([replied.queue, replied.last_turn], [[3, 2], 3]);
});
