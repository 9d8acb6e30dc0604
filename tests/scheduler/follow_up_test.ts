/** `followUp`: what comes after a turn that has ended. */
import assert from "node:assert/strict";
import type { Job, JobState } from "../../src/domain/job/job.ts";
import type { ErrorReason } from "../../src/domain/job/reason.ts";
import { followUp, LIMIT_MARGIN_MS } from "../../src/scheduler/turn/follow_up.ts";
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
const alone = { successor: null };

Deno.test("followUp of a plain end is nothing", () => {
  assert.deepEqual(followUp(ended(done), alone), { kind: "none" });
  assert.deepEqual(followUp(ended(failed("agent_error")), alone), { kind: "none" });
});

Deno.test("followUp takes up the next waiting reply, but not of a cancelled job", () => {
  const replies = { queue: [3, 4], turn: 2, last_turn: 4 };
  assert.deepEqual(followUp(ended(done, replies), alone), { kind: "next", turn: 3 });
  assert.deepEqual(followUp(ended(failed("exit_code"), replies), alone), { kind: "next", turn: 3 });
  const cancelled: JobState = { status: "cancelled", reason: "cancelled", finished_at: NOW, exit_code: 130 };
  assert.deepEqual(followUp(ended(cancelled, replies), alone), { kind: "none" });
});

Deno.test("followUp hands over when an agent could not work and another one can", () => {
  const over = { fallback: ["gemini", "claude"], last_turn: 2 };
  const successor = "claude";
  for (const reason of ["quota_exhausted", "auth_required", "spawn_failed"] as const) {
    const next = followUp(ended(failed(reason), over), { successor });
    assert.deepEqual(next, { kind: "hand_over", agent: "claude", turn: 3 });
    assert.deepEqual(followUp(ended(failed(reason), over), alone), { kind: "none" });
  }
  assert.deepEqual(followUp(ended(failed("agent_error"), over), { successor }), { kind: "none" });
});

Deno.test("followUp waits for a limit with a known end, at most three times", () => {
  const until = NOW + 3_600_000;
  const over = { retry_on_limit: true };
  const expected = { kind: "postpone", until: until + LIMIT_MARGIN_MS, turn: 2 };
  assert.deepEqual(followUp(ended(failed("quota_exhausted", until), over), alone), expected);
  assert.deepEqual(followUp(ended(failed("quota_exhausted", null), over), alone), { kind: "none" });
  assert.deepEqual(followUp(ended(failed("quota_exhausted", until)), alone), { kind: "none" });
  const tired = { ...over, limit_retries: 3 };
  assert.deepEqual(followUp(ended(failed("quota_exhausted", until), tired), alone), { kind: "none" });
});
