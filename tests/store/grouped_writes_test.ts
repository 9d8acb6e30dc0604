/**
 * Writes that come together share a commit, and with it one sync of the disk.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fillStore } from "../../src/store/database/build_store.ts";
import { KvJobStore } from "../../src/store/kv_job_store.ts";
import { silentLog } from "../../src/system/log.ts";
import { jobId, newJob } from "../support/new_job.ts";
import { assertConsistent } from "./assert_consistent.ts";
import { end, launch } from "./job_steps.ts";
import { fixedClock, jobsOf } from "./test_store.ts";

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** A store whose commits are counted. */
async function countingStore() {
  const kv = await Deno.openKv(":memory:");
  await fillStore(kv, { jobs: jobsOf([]), clock: fixedClock, log: silentLog });
  const counted = { commits: 0, fail: false };
  const atomic = kv.atomic.bind(kv);
  kv.atomic = () => {
    const operation = atomic();
    const commit = operation.commit.bind(operation);
    operation.commit = () => {
      counted.commits += 1;
      return counted.fail ? Promise.reject(new Error("database or disk is full")) : commit();
    };
    return operation;
  };
  return { store: new KvJobStore({ kv, clock: fixedClock }), counted };
}

Deno.test("100 jobs that are created, launched and ended at once share their commits", async () => {
  const { store: opened, counted } = await countingStore();
  await using store = opened;
  await store.create(newJob({ id: jobId(1) }));
  counted.commits = 0;
  await Promise.all(
    numbers(100).map(async (n) => {
      if (n > 1) await store.create(newJob({ id: jobId(n), request_key: `key ${n}` }));
      await store.update(jobId(n), launch);
      await store.update(jobId(n), end);
    }),
  );
  assert.ok(counted.commits <= 60, `${counted.commits} commits`);
  assert.deepEqual((await assertConsistent(store)).map(({ number }) => number), numbers(100));
  const { entries } = await store.feed(0, { limit: 1_000 });
  assert.deepEqual(entries.map(({ cursor }) => cursor), numbers(300));
});

Deno.test("a change that throws, one of a missing job and one that changes nothing leave the others alone", async () => {
  const { store: opened } = await countingStore();
  await using store = opened;
  for (const n of numbers(5)) await store.create(newJob({ id: jobId(n) }));
  const ended = await Promise.allSettled([
    store.update(jobId(1), launch),
    store.update(jobId(2), () => {
      throw new Error("no");
    }),
    store.update(jobId(3), (job) => job),
    store.update(jobId(99), launch),
    store.create(newJob({ id: jobId(4) })),
    store.update(jobId(5), launch),
    store.update(jobId(5), end),
  ]);
  assert.deepEqual(
    ended.map((one) => one.status === "rejected" ? String(one.reason.message) : one.value.job.state.status),
    [
      "running",
      "no",
      "pending",
      `There is no job ${jobId(99)}`,
      `Cannot create job ${jobId(4)}: the id is taken`,
      "running",
      "done",
    ],
  );
  assert.deepEqual(
    (await assertConsistent(store)).map(({ state }) => state.status),
    ["running", "pending", "pending", "pending", "done"],
  );
});

Deno.test("a commit that fails is told to everyone in it, and nothing of it is kept", async () => {
  const { store: opened, counted } = await countingStore();
  await using store = opened;
  for (const n of numbers(4)) await store.create(newJob({ id: jobId(n) }));
  counted.fail = true;
  const ended = await Promise.allSettled(numbers(4).map((n) => store.update(jobId(n), launch)));
  assert.deepEqual(ended.map(({ status }) => status), numbers(4).map(() => "rejected"));
  counted.fail = false;
  assert.deepEqual(
    (await assertConsistent(store)).map(({ state }) => state.status),
    numbers(4).map(() => "pending"),
  );
  await Promise.all(numbers(4).map((n) => store.update(jobId(n), launch)));
  assert.equal((await store.list({ limit: 1, status: "running" })).total, 4);
});

Deno.test("as many of the longest records as there are in one commit fit into it", async () => {
  const { store: opened, counted } = await countingStore();
  await using store = opened;
  await store.create(newJob({ id: jobId(1) }));
  counted.commits = 0;
  const cwd = `/${"x".repeat(63_000)}`;
  await Promise.all(numbers(33).slice(1).map((n) => store.create(newJob({ id: jobId(n), cwd }))));
  assert.ok(counted.commits <= 6, `${counted.commits} commits`);
  assert.equal((await store.list({ limit: 1 })).total, 33);
});
