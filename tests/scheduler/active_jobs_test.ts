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
