/**
 * Test support: the transitions that the tests of the store take jobs through.
 *
 * @module
 */
import type { Job } from "../../src/domain/job/job.ts";
import { transition } from "../../src/domain/job/transition.ts";
import type { Verdict } from "../../src/domain/turn/turn.ts";
import { NOW } from "./test_store.ts";

export const launch = (job: Job): Job => transition(job, { type: "launch", at: NOW });

export const end = (job: Job): Job => endAs(job, { status: "done", reason: "completed" });

export const ask = (job: Job): Job =>
  transition(job, {
    type: "ask",
    questions: [{ question_id: "1-a", kind: "text", title: "Why?", asked_at: NOW }],
    at: NOW,
  });

export const cancel = (job: Job): Job => endAs(job, { status: "cancelled", reason: "cancelled" });

export const fail = (job: Job): Job =>
  endAs(job, { status: "error", reason: "agent_error", error: "It broke.", hint: null, retry_at: null });

export const reply = (job: Job): Job => transition(job, { type: "reply", policy: "suggest", at: NOW });

function endAs(job: Job, verdict: Verdict): Job {
  const exitCode = verdict.status === "done" ? 0 : 1;
  return transition(job, { type: "end", verdict, exitCode, sessionId: "s", at: NOW });
}
