/**
 * Test support: stores of the tests, each of its own, closed by `await using`.
 *
 * @module
 */
import type { Job } from "../../src/domain/job.ts";
import type { JobStore, RecordedJob } from "../../src/store/job_store.ts";
import { MEMORY_PATH, type OpenedStore, openStore } from "../../src/store/open_store.ts";
import type { Clock } from "../../src/system/clock.ts";
import { silentLog } from "../../src/system/log.ts";

/** 2026-01-01: a fixed time makes whole objects comparable. */
export const NOW = 1_767_225_600_000;

export const fixedClock: Clock = { now: () => NOW, steady: () => 0 };

export async function* jobsOf(jobs: readonly Job[]): AsyncGenerator<RecordedJob> {
  for (const job of jobs) yield { job, replies: [] };
}

export function openAt(path: string, jobs: readonly Job[] = []): Promise<OpenedStore> {
  return openStore({ path, clock: fixedClock, log: silentLog, rebuild: () => jobsOf(jobs) });
}

export async function memoryStore(): Promise<JobStore> {
  return (await openAt(MEMORY_PATH)).store;
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
