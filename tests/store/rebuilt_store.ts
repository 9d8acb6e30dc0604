/**
 * Test support: records as job directories could tell them, and the store that must come of them.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Job } from "../../src/domain/job/job.ts";
import type { JobStore } from "../../src/store/job_store.ts";
import { jobId, newJob } from "../support/new_job.ts";
import { countsOf, NOW, openAt } from "./test_store.ts";

/** What a damaged `queue.db` is called after the fixed clock of the tests. */
export const MOVED = "queue.db.damaged-2026-01-01T00-00-00.000Z";

/** What a job directory could tell: several states, one request key, one child. */
export const RECORDS: readonly Job[] = [
  { ...newJob({ id: jobId(1), request_key: "one" }), number: 1, state: finished("done", NOW + 3) },
  {
    ...newJob({ id: jobId(2), parent: jobId(1), depth: 2 }),
    number: 2,
    state: finished("cancelled", NOW + 2),
  },
  { ...newJob({ id: jobId(4), cwd: "/tmp/other" }), number: 4 },
];

function finished(status: "done" | "cancelled", at: number): Job["state"] {
  return status === "done"
    ? { status, reason: "completed", finished_at: at, exit_code: 0 }
    : { status, reason: "cancelled", finished_at: at, exit_code: null };
}

/** A closed database with enough jobs for inner pages. */
export async function makeDatabase(path: string): Promise<void> {
  const jobs = Array.from(
    { length: 300 },
    (_, index) => ({ ...newJob({ id: jobId(index + 1) }), number: index + 1 }),
  );
  await (await openAt(path, jobs)).store[Symbol.asyncDispose]();
}

export async function assertRebuilt(store: JobStore): Promise<void> {
  const [first, second, fourth] = RECORDS;
  assert.deepEqual(await store.list({ limit: 10 }), { jobs: [fourth, second, first], total: 3 });
  assert.deepEqual(await store.list({ limit: 10, cwd: "/tmp/other" }), { jobs: [fourth], total: 1 });
  assert.deepEqual(await countsOf(store), { pending: 1, running: 0, done: 1, error: 0, cancelled: 1 });
  assert.deepEqual(await store.childrenOf(jobId(1)), [second]);
  assert.deepEqual(await store.keyed("one"), { jobId: jobId(1), turn: 1 });
  assert.deepEqual(
    (await store.feed(4_711, { limit: 10, finishedOnly: true })).entries.map((entry) => entry.job_id),
    [jobId(2), jobId(1)],
    "a reader of the lost feed is told again, in order of the ends",
  );
  assert.equal((await store.create(newJob({ id: jobId(9) }))).job.number, 5);
}

export function names(directory: string): string[] {
  return [...Deno.readDirSync(directory)].map((entry) => entry.name).sort();
}
