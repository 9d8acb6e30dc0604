/** `followUp`: what comes after a turn that has ended. */
import assert from "node:assert/strict";
import type { Job, JobState } from "../../src/domain/job.ts";
import type { ErrorReason } from "../../src/domain/reason.ts";
import { followUp, LIMIT_MARGIN_MS } from "../../src/scheduler/follow_up.ts";
import { jobId, newJob } from "../support/new_job.ts";

const NOW = 1_767_225_600_000;

function ended(state: JobState, over: Partial<Job> = {}): Job {
  return { ...newJob({ id: jobId(1) }), number: 1, ...over, state };
}

function failed(reason: ErrorReason, retryAt: number | null = null): JobState {
  return {
    status: "error",
    reason,
    error: "x",
    hint: null,
    retry_at: retryAt,
    finished_at: NOW,
    exit_code: 1,
  };
}

const done: JobState = { status: "done", reason: "completed", finished_at: NOW, exit_code: 0 };
const untouched = { isUntouched: true };

Deno.test("followUp of a plain end is nothing", () => {
  assert.deepEqual(followUp(ended(done), untouched), { kind: "none" });
  assert.deepEqual(followUp(ended(failed("agent_error")), untouched), { kind: "none" });
});

Deno.test("followUp takes up the next waiting reply, but not of a cancelled job", () => {
  const replies = { queue: [3, 4], turn: 2, last_turn: 4 };
  assert.deepEqual(followUp(ended(done, replies), untouched), { kind: "next", turn: 3 });
  assert.deepEqual(followUp(ended(failed("exit_code"), replies), untouched), { kind: "next", turn: 3 });
  const cancelled: JobState = { status: "cancelled", reason: "cancelled", finished_at: NOW, exit_code: 130 };
  assert.deepEqual(followUp(ended(cancelled, replies), untouched), { kind: "none" });
});

Deno.test("followUp hands over when an agent could not work and has changed nothing", () => {
  const over = { fallback: ["gemini", "claude"], last_turn: 2 };
  for (const reason of ["quota_exhausted", "auth_required", "spawn_failed"] as const) {
    const next = followUp(ended(failed(reason), over), untouched);
    assert.deepEqual(next, { kind: "hand_over", agent: "gemini", turn: 3 });
    assert.deepEqual(followUp(ended(failed(reason), over), { isUntouched: false }), { kind: "none" });
  }
  assert.deepEqual(followUp(ended(failed("agent_error"), over), untouched), { kind: "none" });
  assert.deepEqual(followUp(ended(failed("spawn_failed"), over), untouched), {
    kind: "hand_over",
    agent: "gemini",
    turn: 3,
  });
});

Deno.test("followUp waits for a limit with a known end, at most three times", () => {
  const until = NOW + 3_600_000;
  const over = { retry_on_limit: true };
  const expected = { kind: "postpone", until: until + LIMIT_MARGIN_MS, turn: 2 };
  assert.deepEqual(followUp(ended(failed("quota_exhausted", until), over), untouched), expected);
  assert.deepEqual(followUp(ended(failed("quota_exhausted", null), over), untouched), { kind: "none" });
  assert.deepEqual(followUp(ended(failed("quota_exhausted", until)), untouched), { kind: "none" });
  const tired = { ...over, limit_retries: 3 };
  assert.deepEqual(followUp(ended(failed("quota_exhausted", until), tired), untouched), { kind: "none" });
});
