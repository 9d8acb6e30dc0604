/**
 * Room `store`: reading jobs through their indexes. Nothing in this file writes.
 *
 * @module
 */
import { JobId } from "../domain/job/ids.ts";
import type { Job } from "../domain/job/job.ts";
import type { JobStatus } from "../domain/job/reason.ts";
import type { UNREADABLE } from "../domain/job/unreadable_job.ts";
import { countOf, parsed } from "./records/codec.ts";
import type { ListFilter } from "./job_store.ts";
import { childPrefix, countKey, jobKey, listedPrefix, viewOf } from "./records/keys.ts";
import { readableJob } from "./records/record.ts";

/** Deno.Kv's limit of keys in one `getMany`. */
const KEYS_PER_READ = 10;

/** A character that sorts after every character of a job id. */
const AFTER_ANY_ID = "~";

/** Index entries that {@link jobsInStatus} reads at a time. */
const SCAN_BATCH = 200;

export async function readJob(kv: Deno.Kv, id: JobId): Promise<Job | null> {
  const { value } = await kv.get(jobKey(id));
  return value === null ? null : readableJob(value, id);
}

/**
 * The newest `limit` jobs that match, newest first, and the count of all that match. The caller must prevent writes
 * meanwhile: otherwise jobs and total may disagree.
 */
export async function listJobs(kv: Deno.Kv, filter: ListFilter): Promise<{ jobs: Job[]; total: number }> {
  const view = viewOf(filter);
  const count = await kv.get<Deno.KvU64>(countKey(view));
  const ids = await idsOf(
    kv.list({ prefix: listedPrefix(view) }, { limit: filter.limit, reverse: true }),
  );
  return { jobs: await readJobs(kv, ids), total: countOf(count) };
}

/** At most `limit` jobs whose id starts with `beginning`, in the order of their ids. */
export async function jobsBeginningWith(kv: Deno.Kv, beginning: string, limit: number): Promise<Job[]> {
  const range = { start: jobKey(beginning), end: jobKey(`${beginning}${AFTER_ANY_ID}`) };
  const jobs: Job[] = [];
  for await (const { key, value } of kv.list(range, { limit })) {
    jobs.push(readableJob(value, String(key.at(-1))));
  }
  return jobs;
}

/**
 * All jobs of one status, oldest first, read in batches. A job that enters or leaves the status meanwhile may or may
 * not be yielded.
 */
export async function* jobsInStatus(kv: Deno.Kv, status: JobStatus): AsyncGenerator<Job> {
  const entries = kv.list({ prefix: listedPrefix(viewOf({ status })) }, { batchSize: SCAN_BATCH });
  let ids: JobId[] = [];
  for await (const entry of entries) {
    ids.push(parsed(JobId, entry.value));
    if (ids.length < SCAN_BATCH) continue;
    yield* (await readJobs(kv, ids)).filter((job) => job.state.status === status);
    ids = [];
  }
  yield* (await readJobs(kv, ids)).filter((job) => job.state.status === status);
}

/** As {@link jobsInStatus}, but only ids: reads the index and no records. */
export async function* idsInStatus(
  kv: Deno.Kv,
  status: JobStatus | typeof UNREADABLE,
): AsyncGenerator<JobId> {
  const entries = kv.list({ prefix: listedPrefix(viewOf({ status })) }, { batchSize: SCAN_BATCH });
  for await (const entry of entries) yield parsed(JobId, entry.value);
}

export async function jobsWithParent(kv: Deno.Kv, parent: JobId): Promise<Job[]> {
  return await readJobs(kv, await idsOf(kv.list({ prefix: childPrefix(parent) })));
}

async function idsOf(entries: Deno.KvListIterator<unknown>): Promise<JobId[]> {
  const ids: JobId[] = [];
  for await (const entry of entries) ids.push(parsed(JobId, entry.value));
  return ids;
}

/** The records of `ids`, in that order. Ids without a record are skipped. */
async function readJobs(kv: Deno.Kv, ids: readonly JobId[]): Promise<Job[]> {
  const reads: Promise<Job[]>[] = [];
  for (let from = 0; from < ids.length; from += KEYS_PER_READ) {
    reads.push(readSome(kv, ids.slice(from, from + KEYS_PER_READ)));
  }
  return (await Promise.all(reads)).flat();
}

async function readSome(kv: Deno.Kv, ids: readonly JobId[]): Promise<Job[]> {
  const entries = await kv.getMany<unknown[]>(ids.map(jobKey));
  const jobs: Job[] = [];
  entries.forEach((entry, index) => {
    if (entry.value !== null) jobs.push(readableJob(entry.value, ids[index] ?? ""));
  });
  return jobs;
}
