/** What a job directory may say of its job: only what this user wrote there. */
import assert from "node:assert/strict";
import type { Job } from "../../src/domain/job/job.ts";
import { JobDirectories, type JobDirectory } from "../../src/kernel/job_directories.ts";
import { jobRecords } from "../../src/scheduler/upkeep/rebuild.ts";
import { silentLog } from "../../src/system/log.ts";
import { end, launch } from "../store/job_steps.ts";
import { NOW, temporaryDirectory } from "../store/test_store.ts";
import { jobId, newJob } from "../support/new_job.ts";
import { NOT_ROOT, testUnless } from "../support/skippable.ts";
import { turnRequest } from "../support/turn_request.ts";

const ENDED: Job = end(launch({ ...newJob({ id: jobId(1) }), number: 1 }));

/** A job directory with a record, and what a log was told of it. */
function scene(record: unknown = ENDED) {
  const home = temporaryDirectory();
  const directories = new JobDirectories(`${home.path}/state`);
  directories.prepare();
  const directory = directories.job(jobId(1));
  directory.create();
  directory.turn(1).create();
  Deno.writeTextFileSync(directory.recordFile, JSON.stringify(record));
  const told: unknown[] = [];
  const log = {
    ...silentLog,
    error: (_: string, fields?: Record<string, unknown>) => void told.push(fields?.problem),
  };
  const records = jobRecords(directories, log);
  return { directory, records, told, directories, [Symbol.dispose]: () => home[Symbol.dispose]() };
}

const FOREIGN: Record<string, [(directory: JobDirectory) => string, string]> = {
  "directory": [({ path }) => path, "belongs to the user with id 12345"],
  "record": [({ recordFile }) => recordFile, "belongs to the user with id 12345"],
  "turn": [(directory) => directory.turn(1).path, "belongs to the user with id 12345"],
  "prompt": [(directory) => directory.turn(1).promptFile, "belongs to the user with id 12345"],
};

for (const [what, [pathOf, problem]] of Object.entries(FOREIGN)) {
  testUnless(NOT_ROOT, `a record is not believed whose ${what} belongs to another user`, () => {
    using all = scene();
    Deno.writeTextFileSync(all.directory.turn(1).promptFile, "x");
    Deno.chownSync(pathOf(all.directory), 12345, null);
    assert.deepEqual([all.records.read(jobId(1)), all.told], [null, [problem]]);
  });
}

const WINDOWS = Deno.build.os === "windows" ? "links need a privilege there" : null;

testUnless(WINDOWS, "a record is not believed that is a link, soft or hard, or no file", () => {
  for (
    const replace of [Deno.symlinkSync, Deno.linkSync, (_: string, path: string) => Deno.mkdirSync(path)]
  ) {
    using all = scene();
    const { recordFile, path } = all.directory;
    Deno.renameSync(recordFile, `${path}/elsewhere`);
    replace(`${path}/elsewhere`, recordFile);
    assert.equal(all.records.read(jobId(1)), null);
    assert.equal(all.told.length, 1);
  }
});

Deno.test("a job that was never accepted, or is being removed, is none", () => {
  using all = scene({ ...ENDED, number: 0 });
  assert.deepEqual([all.records.ids(), all.records.read(jobId(1)), all.told], [[jobId(1)], null, []]);
  Deno.removeSync(all.directory.recordFile);
  assert.deepEqual([all.records.read(jobId(1)), all.told], [null, []]);
  all.directories.noteRemovals([jobId(1)]);
  assert.deepEqual(all.records.ids(), []);
});

Deno.test("a pending record whose turn has a process or an outcome is running", () => {
  using all = scene({ ...newJob({ id: jobId(1) }), number: 1 });
  assert.equal(all.records.read(jobId(1))?.job.state.status, "pending");
  Deno.writeTextFileSync(all.directory.turn(1).pidFile, "1\n");
  assert.equal(all.records.read(jobId(1))?.job.state.status, "running");
});

Deno.test("the request keys of replies come with the record", () => {
  using all = scene({ ...ENDED, last_turn: 2, turn: 2 });
  all.directory.turn(2).create();
  const request = turnRequest({
    job_id: jobId(1),
    turn: 2,
    origin: "reply",
    request_key: "again",
    created_at: NOW,
  });
  Deno.writeTextFileSync(all.directory.turn(2).requestFile, JSON.stringify(request));
  assert.deepEqual(all.records.read(jobId(1))?.replies, [{ key: `${jobId(1)} again`, turn: 2 }]);
});
