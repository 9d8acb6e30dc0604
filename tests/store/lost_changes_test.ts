/**
 * A sound database that is older than what it was told: what is missing or behind is found by few looks, and comes back.
 *
 * @module
 */
import assert from "node:assert/strict";
import { isLaterRecord } from "../../src/domain/reading/later_record.ts";
import type { Job } from "../../src/domain/job/job.ts";
import type { RecordedJob } from "../../src/store/job_store.ts";
import { openStore } from "../../src/store/database/open_store.ts";
import { readRecoveryNote } from "../../src/store/mending/recovery_note.ts";
import { silentLog } from "../../src/system/log.ts";
import { jobId, newJob } from "../support/new_job.ts";
import { assertCounted } from "./assert_consistent.ts";
import { end, launch } from "./job_steps.ts";
import { fixedClock, NOW, openAt, recordsOf, temporaryDirectory } from "./test_store.ts";

/** A closed store of `count` finished jobs, then left open with changes that only the ledger keeps. */
async function forgetful(
  path: string,
  { count, change }: {
    count: number;
    change: (store: Awaited<ReturnType<typeof openAt>>["store"]) => Promise<void>;
  },
): Promise<Job[]> {
  const jobs = Array.from(
    { length: count },
    (_, index) => ({ ...newJob({ id: jobId(index + 1) }), number: index + 1 }),
  )
    .map((job) => end(launch(job)));
  await (await openAt(path, jobs)).store[Symbol.asyncDispose]();
  Deno.copyFileSync(path, `${path}.old`);
  const { store } = await openAt(path);
  await change(store);
  await store[Symbol.asyncDispose]();
  Deno.removeSync(`${path}.clean`);
  Deno.renameSync(`${path}.old`, path);
  return jobs;
}

Deno.test("what a database has forgotten comes back from the ledger, and only suspects are looked at", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/queue.db`;
  const kept: Job[] = [];
  const jobs = await forgetful(path, {
    count: 2_000,
    change: async (store) => {
      const { job } = await store.create(newJob({ id: jobId(5_001), request_key: "new" }));
      kept.push((await store.update(job.id, (one) => end(launch(one)))).job);
      const waits = await store.create(newJob({ id: jobId(5_002), request_key: "waits" }));
      kept.push(waits.job);
      await store.update(jobId(7), (one) => ({ ...one, summary: "said later" }), { requestKey: "reply" });
    },
  });
  const read: string[] = [];
  const all = recordsOf([...jobs, ...kept]);
  const records = { ...all, read: (id: string) => (read.push(id), all.read(id)) };
  const errors: string[] = [];
  const log = { ...silentLog, error: (message: string) => void errors.push(message) };
  const { store, recovered, mended } = await openStore({ path, clock: fixedClock, log, records });
  await using _closing = store;
  assert.equal(recovered, null);
  assert.deepEqual(mended.map(({ id }) => id).sort(), [jobId(7), jobId(5_001), jobId(5_002)]);
  assert.deepEqual([await store.get(jobId(5_001)), await store.get(jobId(5_002))], kept);
  assert.equal((await store.get(jobId(7)))?.summary, "said later");
  assert.deepEqual(await store.keyed("new"), { jobId: jobId(5_001), turn: 1 });
  assert.deepEqual(await store.keyed("waits"), { jobId: jobId(5_002), turn: 1 });
  assert.deepEqual(await store.keyed("reply"), { jobId: jobId(7), turn: 1 });
  await assertCounted(store);
  assert.ok(read.length <= 3, `${read.length} directories were read`);
  assert.equal(errors.length, 1);
  assert.match(errors[0] ?? "", /the store had lost the latest changes of 3 jobs/);
  assert.match(readRecoveryNote(path, NOW) ?? "", /The store had lost the latest changes of 3 jobs/);
});

Deno.test("without the ledger, missing jobs and those whose directory is ahead come back", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/queue.db`;
  const jobs = await forgetful(path, {
    count: 3,
    change: async (store) => void await store.create(newJob({ id: jobId(9) })),
  });
  Deno.removeSync(`${directory.path}/queue.ledger`);
  const ended = end(launch({ ...newJob({ id: jobId(9), request_key: "nine" }), number: 4 }));
  const { store } = await openAt(path, [...jobs, ended]);
  assert.deepEqual(await store.get(jobId(9)), ended);
  assert.deepEqual(await store.keyed("nine"), { jobId: jobId(9), turn: 1 });
  await store.create(newJob({ id: jobId(10) }));
  await store[Symbol.asyncDispose]();
  Deno.removeSync(`${path}.clean`);
  Deno.removeSync(`${directory.path}/queue.ledger`);
  const begun = launch({ ...newJob({ id: jobId(10) }), number: 5 });
  const again = await openAt(path, [...jobs, ended, begun]);
  await using closing = again.store;
  assert.deepEqual(await closing.get(jobId(10)), begun);
  await assertCounted(closing);
});

Deno.test("a job that was removed does not come back with an older database", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/queue.db`;
  const jobs = await forgetful(path, {
    count: 3,
    change: async (store) => void await store.remove([jobId(2)]),
  });
  const { store } = await openAt(path, jobs.filter(({ id }) => id !== jobId(2)));
  await using closing = store;
  assert.equal(await closing.get(jobId(2)), null);
  await assertCounted(closing);
});

Deno.test("torn and foreign lines of the ledger are passed over", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/queue.db`;
  const jobs = await forgetful(path, {
    count: 1,
    change: async (store) => {
      await store.create(newJob({ id: jobId(2) }));
      const ledger = `${directory.path}/queue.ledger`;
      Deno.writeTextFileSync(ledger, `\0\0\0\n"text"\n{"job":{"id":7}}\n{"job":{"id":"${jobId(3)}"`, {
        append: true,
      });
    },
  });
  const lost = { ...newJob({ id: jobId(2) }), number: 2 };
  const { store, mended } = await openAt(path, [...jobs, lost]);
  await using _closing = store;
  assert.deepEqual(mended, [lost]);
});

Deno.test("a record is later by what a job's life allows in one direction, never between two ends of a turn", () => {
  const pending: Job = { ...newJob({ id: jobId(1) }), number: 1 };
  const running = launch(pending);
  const ended = end(running);
  const replied: Job = { ...ended, turn: 2, last_turn: 2, state: pending.state };
  const life: RecordedJob["job"][] = [pending, running, ended, replied];
  const later = life.map((a) => life.map((b) => isLaterRecord(a, b)));
  assert.deepEqual(later, life.map((_, a) => life.map((_, b) => a > b)));
  const cancelled: Job = {
    ...ended,
    state: { status: "cancelled", reason: "cancelled", finished_at: NOW, exit_code: null },
  };
  assert.deepEqual([isLaterRecord(cancelled, ended), isLaterRecord(ended, cancelled)], [false, false]);
});
