/** What the scheduler has in memory is what the store has, whatever comes between a question and its answer. */
import assert from "node:assert/strict";
import { JobDirectories } from "../../src/kernel/job_directories.ts";
import { ActiveJobs } from "../../src/scheduler/active_jobs.ts";
import { silentLog } from "../../src/system/log.ts";
import { launch, reply } from "../store/job_steps.ts";
import { memoryStore, temporaryDirectory } from "../store/test_store.ts";
import { jobId, newJob } from "../support/new_job.ts";

Deno.test("a reply that is accepted while the feed is taken in is not forgotten", async () => {
  using home = temporaryDirectory();
  const directories = new JobDirectories(`${home.path}/state`);
  directories.prepare();
  await using store = await memoryStore();
  const id = jobId(1);
  const jobs = new ActiveJobs({ store, directories, log: silentLog });
  await jobs.load();
  await store.create(newJob({ id }));
  await store.update(id, launch);
  const { get } = store;
  store.get = async (id) => {
    const before = await get.call(store, id);
    // Between the answer and its arrival.
    store.get = get;
    jobs.remember((await store.update(id, reply)).job);
    return before;
  };
  await jobs.takeIn(() => {});
  assert.deepEqual(jobs.running().map(({ queue }) => queue), [[2]]);
  jobs.flush();
});

Deno.test("those that wait are gone through anew when one begins or ceases to wait, and only then", async () => {
  using home = temporaryDirectory();
  const directories = new JobDirectories(`${home.path}/state`);
  directories.prepare();
  await using store = await memoryStore();
  const jobs = new ActiveJobs({ store, directories, log: silentLog });
  await jobs.load();
  const ids = () => jobs.pending().inOrder.map(({ id }) => id);
  const create = async (n: number) => jobs.remember((await store.create(newJob({ id: jobId(n) }))).job);
  const begin = async (n: number) => jobs.remember((await store.update(jobId(n), launch)).job);
  for (const n of [1, 2, 3]) await create(n);
  assert.deepEqual(ids(), [1, 2, 3].map(jobId));
  await begin(1);
  assert.deepEqual(ids(), [2, 3].map(jobId));
  const before = jobs.pending();
  const { job } = await store.update(jobId(1), reply);
  jobs.remember(job);
  assert.equal(jobs.pending(), before);
  await create(4);
  assert.deepEqual(ids(), [2, 3, 4].map(jobId));
  jobs.flush();
});
