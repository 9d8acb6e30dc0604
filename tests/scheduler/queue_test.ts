/** The queue between two rounds: who may start although others wait, and when a round need not decide anew. */
import assert from "node:assert/strict";
import type { Job, JobOf } from "../../src/domain/job/job.ts";
import { PendingJobs } from "../../src/scheduler/queue/pending_jobs.ts";
import { Queue } from "../../src/scheduler/queue/queue.ts";
import { jobId, newJob } from "../support/new_job.ts";

const NOW = 1_767_225_600_000;
const TREE = { kind: "git", root: "/repo" } as const;

function waiting(n: number, notBefore: number | null = null): JobOf<"pending"> {
  return {
    ...newJob({ id: jobId(n), tree: TREE }),
    number: n,
    state: { status: "pending", since: NOW, not_before: notBefore },
  };
}

/** A queue beside a job that writes in the tree of all others, as if a round had just been. */
function queueOf(pending: JobOf<"pending">[]) {
  const writer: Job = { ...waiting(99), state: { status: "running", since: NOW, stop: null } };
  const all: Job[] = [writer, ...pending];
  const inLine = new PendingJobs(pending);
  const jobs = {
    version: 1,
    pendingCount: pending.length,
    get: (id: string) => all.find((job) => job.id === id) ?? null,
    pending: () => inLine,
    running: () => [writer],
  };
  const queue = new Queue(jobs);
  const round = (over: Partial<Parameters<Queue["pick"]>[0]> = {}, limits = { total: 5 }) =>
    queue.pick(
      { pending: jobs.pending(), running: [writer], dependencies: new Map(), now: NOW, ...over },
      limits,
      jobs.version,
    );
  return { jobs, queue, round };
}

Deno.test("queue: it is settled when a round has let nobody start, until anything changes", () => {
  const { jobs, queue, round } = queueOf([waiting(1)]);
  assert.equal(queue.isSettled("codex", { total: 5 }, NOW), false, "no round has been yet");
  round();
  assert.equal(queue.isSettled("codex", { total: 5 }, NOW), true);
  assert.equal(queue.isSettled("codex", { total: 6 }, NOW), false, "the limit was raised");
  jobs.version++;
  assert.equal(queue.isSettled("codex", { total: 5 }, NOW), false, "a job has changed");
});

Deno.test("queue: it is not settled while those that a round has picked are being launched", () => {
  const { queue, round } = queueOf([waiting(1)]);
  assert.deepEqual(round({ running: [] }).start, [jobId(1)]);
  assert.equal(queue.isSettled("codex", { total: 5 }, NOW), false);
});

Deno.test("queue: it is not settled any more when a time has come that somebody waits for", () => {
  const { queue, round } = queueOf([waiting(1, NOW + 1_000)]);
  round();
  assert.equal(queue.isSettled("gemini", { total: 5 }, NOW + 999), true);
  assert.equal(queue.isSettled("codex", { total: 5 }, NOW + 999), false, "its limit has not ended");
  assert.equal(queue.isSettled("gemini", { total: 5 }, NOW + 1_000), false);
});

Deno.test("queue: a job that is let in leaves it settled, and one that changes meanwhile does not", () => {
  const { jobs, queue, round } = queueOf([waiting(1)]);
  round();
  queue.admit(() => jobs.version++);
  assert.equal(queue.isSettled("codex", { total: 5 }, NOW), true);
  jobs.version++;
  queue.admit(() => jobs.version++);
  assert.equal(queue.isSettled("codex", { total: 5 }, NOW), false);
});

Deno.test("queue: a round decides anew when what it has counted as begun was not", () => {
  const { queue, round } = queueOf([waiting(1)]);
  const before = round();
  queue.forget();
  assert.equal(queue.isSettled("codex", { total: 5 }, NOW), false);
  assert.notEqual(round(), before);
});

Deno.test("queue: a round decides anew for whatever has changed, and only then", () => {
  const { jobs, round } = queueOf([waiting(1)]);
  const first = round();
  assert.equal(round(), first);
  const anew = [
    () => round({}, { total: 4 }),
    () => round({ visitors: new Map([[jobId(1), 42]]) }),
    () => round({ hold: { waitingFor: "a larger budget", until: NOW + 5 } }),
    () => round({ asking: new Set([jobId(99)]) }),
    () => round({ dependencies: new Map([[jobId(7), "done"]]) }),
  ];
  for (const [nth, change] of anew.entries()) {
    const before = round();
    const after = change();
    assert.notEqual(after, before, `change ${nth}`);
    assert.notEqual(round(), after, `the end of change ${nth}`);
  }
  const before = round();
  jobs.version++;
  assert.notEqual(round(), before);
});

Deno.test("queue: what a round has picked and nobody has launched is picked again", () => {
  const { round } = queueOf([waiting(1)]);
  const first = round({ running: [] });
  const again = round({ running: [] });
  assert.notEqual(again, first);
  assert.deepEqual(again.start, [jobId(1)]);
});
