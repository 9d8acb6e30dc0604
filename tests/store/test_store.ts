/**
 * Test support: stores of the tests, each of its own, closed by `await using`.
 *
 * @module
 */
import type { Job } from "../../src/domain/job/job.ts";
import { JobStatus } from "../../src/domain/job/reason.ts";
import { fillStore } from "../../src/store/database/build_store.ts";
import type { JobRecords, JobStore, RecordedJob } from "../../src/store/job_store.ts";
import { KvJobStore } from "../../src/store/kv_job_store.ts";
import { type OpenedStore, openStore } from "../../src/store/database/open_store.ts";
import type { Clock } from "../../src/system/clock.ts";
import { silentLog } from "../../src/system/log.ts";

/** 2026-01-01: a fixed time makes whole objects comparable. */
export const NOW = 1_767_225_600_000;

export const fixedClock: Clock = { now: () => NOW, steady: () => 0 };

export async function* jobsOf(jobs: readonly Job[]): AsyncGenerator<RecordedJob> {
  for (const job of jobs) yield { job, replies: [] };
}

/** Directories that hold these records. */
export function recordsOf(jobs: readonly Job[]): JobRecords {
  return {
    ids: () => jobs.map(({ id }) => id),
    changedSince: () => [],
    read: (id) => {
      const job = jobs.find((job) => job.id === id);
      return job === undefined ? null : { job, replies: [] };
    },
  };
}

export function openAt(path: string, jobs: readonly Job[] = []): Promise<OpenedStore> {
  return openStore({ path, clock: fixedClock, log: silentLog, records: recordsOf(jobs) });
}

/** One that lives as long as its scope. */
export async function memoryStore(): Promise<JobStore> {
  const kv = await Deno.openKv(":memory:");
  await fillStore(kv, { jobs: jobsOf([]), clock: fixedClock, log: silentLog });
  return new KvJobStore({ kv, clock: fixedClock });
}

/** How many jobs of each status the store's counters tell. */
export async function countsOf(store: JobStore): Promise<Record<JobStatus, number>> {
  const counts: Record<JobStatus, number> = { pending: 0, running: 0, done: 0, error: 0, cancelled: 0 };
  for (const status of JobStatus.options) counts[status] = (await store.list({ limit: 1, status })).total;
  return counts;
}

/** A directory of its own, gone at the end of the scope. */
export function temporaryDirectory(): { path: string } & Disposable {
  const path = Deno.makeTempDirSync({ prefix: "agent-async-store-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

export async function gathered<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
