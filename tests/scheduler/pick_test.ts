/** `pick`: who may start now, and what the others wait for. */
import assert from "node:assert/strict";
import type { Job, JobOf } from "../../src/domain/job/job.ts";
import { PendingJobs } from "../../src/scheduler/queue/pending_jobs.ts";
import { pick } from "../../src/scheduler/queue/pick.ts";
import type { QueueSnapshot } from "../../src/scheduler/queue/reason.ts";
import { jobId, newJob } from "../support/new_job.ts";

const NOW = 1_767_225_600_000;

function pending(n: number, over: Partial<Job> = {}, notBefore: number | null = null): JobOf<"pending"> {
  const tree = { kind: "git" as const, root: `/repo/${n}` };
  const base = newJob({ id: jobId(n), tree });
  return { ...base, number: n, ...over, state: { status: "pending", since: NOW, not_before: notBefore } };
}

function running(n: number, over: Partial<Job> = {}): Job {
  return { ...pending(n, over), state: { status: "running", since: NOW, stop: null } };
}

function snapshot(
  { pending, ...over }: Partial<Omit<QueueSnapshot, "pending">> & { pending: JobOf<"pending">[] },
): QueueSnapshot {
  return { pending: new PendingJobs(pending), running: [], dependencies: new Map(), now: NOW, ...over };
}

/** With what is told of each job that waits, in queue order. */
function pickAndTell(given: QueueSnapshot, limits: { total: number }) {
  const picked = pick(given, limits);
  const waiting = picked.line.sorted(given.pending.inOrder).flatMap((job) => {
    const reason = picked.line.reason(job);
    return reason === undefined ? [] : [[job.id, reason]];
  });
  return { ...picked, waiting };
}

Deno.test("pick starts as many as there are slots, first come first", () => {
  const picked = pickAndTell(
    snapshot({ pending: [pending(3), pending(1), pending(2)], running: [running(9)] }),
    {
      total: 3,
    },
  );
  assert.deepEqual(picked.start, [jobId(1), jobId(2)]);
  assert.deepEqual(picked.waiting, [[jobId(3), "a slot: 3 of 3 are taken"]]);
});

Deno.test("pick puts a higher priority first", () => {
  const picked = pickAndTell(snapshot({ pending: [pending(1), pending(2, { priority: 5 })] }), { total: 1 });
  assert.deepEqual(picked.start, [jobId(2)]);
});

Deno.test("pick lets one writer into a work tree, and readers at any time", () => {
  const tree = { kind: "git" as const, root: "/repo" };
  const picked = pickAndTell(
    snapshot({
      pending: [
        pending(2, { tree }),
        pending(3, { tree, approval_policy: "suggest" }),
        pending(4, { tree, approval_policy: "suggest" }),
        pending(5),
      ],
      running: [running(1, { tree })],
    }),
    { total: 10 },
  );
  assert.deepEqual(picked.start, [jobId(3), jobId(4), jobId(5)]);
  assert.deepEqual(picked.waiting, [[jobId(2), `job ${jobId(1)}, which may write in /repo`]]);
});

Deno.test("pick keeps two writers of one tree apart even when both are new", () => {
  const tree = { kind: "plain" as const, root: "/work" };
  const inside = { kind: "plain" as const, root: "/work/inner" };
  const picked = pickAndTell(snapshot({ pending: [pending(1, { tree }), pending(2, { tree: inside })] }), {
    total: 10,
  });
  assert.deepEqual(picked.start, [jobId(1)]);
});

Deno.test("pick waits for what comes before, and fails what can never start", () => {
  const picked = pickAndTell(
    snapshot({
      pending: [
        pending(4, { after: [jobId(1)] }),
        pending(5, { after: [jobId(1), jobId(2)] }),
        pending(6, { after: [jobId(3)] }),
        pending(7, { after: [jobId(30)] }),
      ],
      dependencies: new Map([[jobId(1), "done"], [jobId(2), "running"], [jobId(3), "cancelled"]]),
    }),
    { total: 10 },
  );
  assert.deepEqual(picked.start, [jobId(4)]);
  assert.deepEqual(picked.waiting, [[jobId(5), `job ${jobId(2)} to be done`]]);
  assert.deepEqual(picked.fail, [
    { id: jobId(6), dependency: jobId(3) },
    { id: jobId(7), dependency: jobId(30) },
  ]);
});

Deno.test("pick holds all jobs of an agent whose usage limit one of them waits for", () => {
  const until = NOW + 60_000;
  const picked = pickAndTell(
    snapshot({ pending: [pending(1, {}, until), pending(2), pending(3, { agent: "gemini" })] }),
    { total: 10 },
  );
  const text = "the usage limit of codex to end at 2026-01-01T00:01:00.000Z";
  assert.deepEqual(picked.start, [jobId(3)]);
  assert.deepEqual(picked.waiting, [[jobId(1), text], [jobId(2), text]]);
  assert.equal(picked.wakeAt, until);
});

Deno.test("pick lets the held jobs go when the limit has ended", () => {
  const picked = pickAndTell(snapshot({ pending: [pending(1, {}, NOW), pending(2)] }), { total: 10 });
  assert.deepEqual(picked.start, [jobId(1), jobId(2)]);
  assert.equal(picked.wakeAt, null);
});

Deno.test("pick wakes at the first limit that ends, though another of the same agent ends later", () => {
  const picked = pickAndTell(
    snapshot({ pending: [pending(1, {}, NOW + 100_000), pending(2, {}, NOW + 10_000)] }),
    {
      total: 10,
    },
  );
  assert.equal(picked.wakeAt, NOW + 10_000);
});

Deno.test("pick lets a job run beside those inside of which it was started: they wait for it", () => {
  const tree = { kind: "git" as const, root: "/repo" };
  const grandparent = running(1, { tree });
  const parent = running(2, { tree, parent: jobId(1) });
  const children = [pending(3, { tree, parent: jobId(2) }), pending(4, { tree, parent: jobId(2) })];
  const picked = pickAndTell(
    snapshot({ pending: [...children, pending(5)], running: [grandparent, parent] }),
    {
      total: 2,
    },
  );
  assert.deepEqual(picked.start, [jobId(3)]);
  assert.deepEqual(picked.waiting, [
    [jobId(4), `job ${jobId(3)}, which may write in /repo`],
    [jobId(5), "a slot: 3 of 2 are taken"],
  ]);
});
