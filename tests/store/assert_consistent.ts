/**
 * Test support: what must be true of a store at any moment, whatever was done to it.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Job } from "../../src/domain/job/job.ts";
import { isFinished, JobStatus } from "../../src/domain/job/reason.ts";
import type { JobStore } from "../../src/store/job_store.ts";
import { countsOf, gathered } from "./test_store.ts";

/**
 * Counters equal what is there, every index leads to every record, and the feed tells each job's present status last.
 * For stores of which nothing was removed: the feed has no gap.
 */
export async function assertConsistent(store: JobStore): Promise<Job[]> {
  const all = await assertCounted(store);
  await assertFeedTells(store, all);
  return all.sort((a, b) => a.number - b.number);
}

/** The first half of {@link assertConsistent}, for stores whose feed has a gap. */
export async function assertCounted(store: JobStore): Promise<Job[]> {
  const counts = await countsOf(store);
  const all: Job[] = [];
  for (const status of JobStatus.options) {
    const jobs = await gathered(store.inStatus(status));
    assert.equal(jobs.length, counts[status], `counter of ${status}`);
    all.push(...jobs);
  }
  assert.equal((await store.list({ limit: 1 })).total, all.length);
  for (const agent of new Set(all.map((job) => job.agent))) {
    assert.equal(
      (await store.list({ limit: 1, agent })).total,
      all.filter((job) => job.agent === agent).length,
    );
  }
  return all;
}

async function assertFeedTells(store: JobStore, all: readonly Job[]): Promise<void> {
  const head = await store.feedHead();
  const { entries } = await store.feed(0, { limit: head + 1 });
  assert.deepEqual(
    entries.map((entry) => entry.cursor),
    Array.from({ length: head }, (_, index) => index + 1),
  );
  const told = new Map(entries.map((entry) => [entry.job_id, entry.status]));
  assert.deepEqual(told, new Map(entries.map((entry) => [entry.job_id, statusIn(all, entry.job_id)])));
  assert.equal(told.size, all.length);
  const ended = (await store.feed(0, { limit: head + 1, finishedOnly: true })).entries;
  assert.deepEqual(ended, entries.filter((entry) => isFinished(entry.status)));
}

function statusIn(all: readonly Job[], id: string): JobStatus | undefined {
  return all.find((job) => job.id === id)?.state.status;
}
