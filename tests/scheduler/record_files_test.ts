/** Records beside the jobs' files: what cannot be written now, or taken away, is not forgotten. */
import assert from "node:assert/strict";
import type { Job } from "../../src/domain/job/job.ts";
import { JobDirectories } from "../../src/kernel/job_directories.ts";
import { RecordFiles } from "../../src/scheduler/upkeep/record_files.ts";
import { readTextIfExists } from "../../src/system/files/files.ts";
import { silentLog } from "../../src/system/log.ts";
import { end, launch } from "../store/job_steps.ts";
import { temporaryDirectory } from "../store/test_store.ts";
import { eventually } from "../support/eventually.ts";
import { jobId, newJob } from "../support/new_job.ts";

function ended(n: number): Job {
  return end(launch({ ...newJob({ id: jobId(n) }), number: n }));
}

Deno.test("a host's environment that could not be taken away goes with the next record that is written", () => {
  using home = temporaryDirectory();
  const directories = new JobDirectories(`${home.path}/state`);
  directories.prepare();
  const records = new RecordFiles({ directories, log: silentLog });
  const directory = directories.job(jobId(1));
  for (const n of [1, 2]) directories.job(jobId(n)).create();
  directory.turn(1).create();
  const { envFile } = directory.turn(1);
  // As a system without free descriptors would, this refuses to let it go.
  Deno.mkdirSync(`${envFile}/in the way`, { recursive: true });
  records.put(ended(1));
  records.flush();
  Deno.removeSync(envFile, { recursive: true });
  Deno.writeTextFileSync(envFile, "{}");
  records.put(ended(2));
  records.flush();
  assert.equal(readTextIfExists(envFile), null);
  assert.equal(JSON.parse(readTextIfExists(directory.recordFile) ?? "{}").state?.status, "done");
});

Deno.test("a record whose directory was removed meanwhile is given up", () => {
  using home = temporaryDirectory();
  const directories = new JobDirectories(`${home.path}/state`);
  directories.prepare();
  const errors: string[] = [];
  const log = { ...silentLog, error: (message: string) => void errors.push(message) };
  const records = new RecordFiles({ directories, log });
  records.put(ended(1));
  records.flush();
  records.flush();
  assert.equal(errors.length, 1);
  assert.deepEqual(directories.ids(), []);
});

Deno.test("the record of a turn that has begun is written late, and at once when its files do not prove it", async () => {
  using home = temporaryDirectory();
  const directories = new JobDirectories(`${home.path}/state`);
  directories.prepare();
  const records = new RecordFiles({ directories, log: silentLog });
  const directory = directories.job(jobId(1));
  directory.create();
  const status = () => JSON.parse(readTextIfExists(directory.recordFile) ?? "{}").state?.status;
  const written = (expected: string, what: string) => eventually(() => status() === expected, { what });
  const pending: Job = { ...newJob({ id: jobId(1) }), number: 1 };
  const running = launch(pending);
  records.put(pending);
  await written("pending", "a record of a pending job");
  records.put(running);
  // Written later than the record above would be, did that not wait.
  records.put({ ...newJob({ id: jobId(2) }), number: 2 });
  directories.job(jobId(2)).create();
  await eventually(() => readTextIfExists(directories.job(jobId(2)).recordFile) !== null, {
    what: "the record of another job",
  });
  assert.equal(status(), "pending", "what the turn's files prove as well can wait");
  records.put({ ...running, summary: "reported" });
  await written("running", "what only the record tells cannot wait");
  records.put({ ...pending });
  await written("pending", "a record of a pending job");
  records.put(running);
  records.flush();
  assert.equal(status(), "running", "a daemon that leaves writes all of it");
});
