/**
 * Waiting for the feed: woken by the write itself, ended by the signal or by the store's end.
 *
 * @module
 */
import assert from "node:assert/strict";
import { KvJobStore } from "../../src/store/kv_job_store.ts";
import { jobId, newJob } from "../support/new_job.ts";
import { launch } from "./job_steps.ts";
import { fixedClock, gathered, memoryStore } from "./test_store.ts";

Deno.test("watchFeed yields the head at once, then whenever it has moved", async () => {
  await using store = await memoryStore();
  const stop = new AbortController();
  const heads = store.watchFeed(stop.signal)[Symbol.asyncIterator]();
  assert.deepEqual(await heads.next(), { done: false, value: 0 });
  await store.create(newJob({ id: jobId(1) }));
  assert.deepEqual(await heads.next(), { done: false, value: 1 });
  const waiting = heads.next();
  await store.update(jobId(1), (job) => ({ ...job, session_id: "no news" }));
  await store.update(jobId(1), launch);
  assert.deepEqual(await waiting, { done: false, value: 2 });
  stop.abort();
  assert.deepEqual(await heads.next(), { done: true, value: undefined });
});

Deno.test("watchFeed ends when its signal is aborted while it waits, or was before", async () => {
  await using store = await memoryStore();
  const stop = new AbortController();
  const heads = store.watchFeed(stop.signal)[Symbol.asyncIterator]();
  await heads.next();
  const waiting = heads.next();
  stop.abort();
  assert.deepEqual(await waiting, { done: true, value: undefined });
  assert.deepEqual(await gathered(store.watchFeed(stop.signal)), []);
});

Deno.test("watchFeed ends when the store is closed", async () => {
  const store = await memoryStore();
  const heads = store.watchFeed(new AbortController().signal)[Symbol.asyncIterator]();
  await heads.next();
  const waiting = heads.next();
  await store[Symbol.asyncDispose]();
  assert.deepEqual(await waiting, { done: true, value: undefined });
});

Deno.test("watchFeed throws what keeps it from watching, and watches again for who comes later", async () => {
  const kv = await Deno.openKv(":memory:");
  const watch = kv.watch.bind(kv);
  await using store = new KvJobStore({ kv, clock: fixedClock });
  kv.watch = () => new ReadableStream({ start: (stream) => stream.error(new Error("no more descriptors")) });
  const heads = store.watchFeed(new AbortController().signal)[Symbol.asyncIterator]();
  await heads.next();
  await assert.rejects(heads.next(), /no more descriptors/);
  kv.watch = watch;
  const stop = new AbortController();
  const later = store.watchFeed(stop.signal)[Symbol.asyncIterator]();
  await later.next();
  const woken = later.next();
  await store.create(newJob({ id: jobId(1) }));
  assert.equal((await woken).value, 1);
  stop.abort();
});

Deno.test("100 watchers are all woken by one write", async () => {
  await using store = await memoryStore();
  const stop = new AbortController();
  const watchers = Array.from({ length: 100 }, () => store.watchFeed(stop.signal)[Symbol.asyncIterator]());
  await Promise.all(watchers.map((watcher) => watcher.next()));
  const woken = Promise.all(watchers.map((watcher) => watcher.next()));
  await store.create(newJob({ id: jobId(1) }));
  assert.deepEqual((await woken).map((result) => result.value), watchers.map(() => 1));
  stop.abort();
  await Promise.all(watchers.map((watcher) => watcher.next()));
});

Deno.test("a watcher that leaves takes nothing from the others, and one that comes later is woken too", async () => {
  await using store = await memoryStore();
  const [first, second] = [new AbortController(), new AbortController()];
  const leaving = store.watchFeed(first.signal)[Symbol.asyncIterator]();
  const staying = store.watchFeed(second.signal)[Symbol.asyncIterator]();
  await Promise.all([leaving.next(), staying.next()]);
  first.abort();
  assert.equal((await leaving.next()).done, true);
  const woken = staying.next();
  await store.create(newJob({ id: jobId(1) }));
  assert.equal((await woken).value, 1);
  second.abort();
  assert.equal((await staying.next()).done, true);
  const stop = new AbortController();
  const later = store.watchFeed(stop.signal)[Symbol.asyncIterator]();
  assert.equal((await later.next()).value, 1);
  const wokenLater = later.next();
  await store.update(jobId(1), launch);
  assert.equal((await wokenLater).value, 2);
  stop.abort();
});
