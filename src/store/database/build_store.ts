/**
 * Room `store`: builds a new database, empty or from the records in the job directories. It is built under a temporary
 * name and renamed when it is complete, so that an incomplete database is never taken for a complete one.
 *
 * @module
 */
import { finishedAt, Job } from "../../domain/job/job.ts";
import { opened } from "../../domain/reading/opened.ts";
import type { Clock } from "../../system/clock.ts";
import { PRIVATE_FILE_MODE } from "../../system/files/files.ts";
import type { Log } from "../../system/log.ts";
import { type Mutations, writeChange } from "../records/commit.ts";
import { count } from "../records/codec.ts";
import { installDatabase, removeDatabase } from "./database_file.ts";
import { FEED_HEAD_KEY, LAST_NUMBER_KEY } from "../records/keys.ts";
import { SCHEMA_VERSION, writeSchemaVersion } from "./migrations.ts";
import type { RecordedJob } from "../job_store.ts";
import { fitted } from "../records/record.ts";

/**
 * Bytes of values after which a batch is committed. Deno.Kv allows 800 KiB in one commit; one more job adds at most a
 * record of 64 KiB and about 2 KiB of index entries.
 */
const BATCH_BYTES = 500_000;
/**
 * Mutations after which a batch is committed. Deno.Kv allows 1,000, and 80 KiB of keys, in one commit. One more job
 * adds about 20 mutations with keys of 60 bytes.
 */
const BATCH_MUTATIONS = 950;

export interface BuildOptions {
  jobs: AsyncIterable<RecordedJob>;
  clock: Clock;
  log: Log;
}

/**
 * Builds the database at `path`, where no file may exist yet.
 *
 * @returns the number of jobs in it
 */
export async function buildDatabase(path: string, options: BuildOptions): Promise<number> {
  const building = `${path}.building`;
  removeDatabase(building);
  // SQLite takes an empty file for a new database. Creating it here gives SQLite's files its private mode.
  Deno.openSync(building, { write: true, createNew: true, mode: PRIVATE_FILE_MODE }).close();
  const kv = await Deno.openKv(building);
  let jobs: number;
  try {
    jobs = await fillStore(kv, options);
  } finally {
    kv.close();
  }
  installDatabase(building, path);
  return jobs;
}

/**
 * Writes the jobs into an empty Kv, and the schema version last. The feed gets one entry for each job, in the order in
 * which the jobs ended. Feed cursors begin at the present time in milliseconds, far above any cursor that the lost
 * store can have given out. A reader that continues with an old cursor may therefore see a job twice, but never misses
 * one.
 *
 * @returns the number of jobs written
 */
export async function fillStore(kv: Deno.Kv, options: BuildOptions): Promise<number> {
  const recorded = await readAll(options);
  const jobs = numbered(recorded.map(({ job }) => job));
  const replies = new Map(recorded.map(({ job, replies }) => [job.id, replies]));
  const now = options.clock.now();
  const writer = new BatchWriter(kv);
  const lastAt = (job: Job) => finishedAt(job) ?? now;
  let feedHead = now;
  for (const job of [...jobs].sort((a, b) => lastAt(a) - lastAt(b) || a.number - b.number)) {
    const key = job.request_key;
    const at = lastAt(job);
    const requests = [...key === null ? [] : [{ key, turn: 1 }], ...replies.get(job.id) ?? []];
    feedHead += writeChange(writer, { before: null, steps: [job], feedHead, at, requests }).length;
    await writer.flushIfFull();
  }
  const newest = jobs.at(-1);
  if (newest !== undefined) {
    writer.set(LAST_NUMBER_KEY, count(newest.number));
    writer.set(FEED_HEAD_KEY, count(feedHead));
  }
  await writer.finish();
  await writeSchemaVersion(kv, SCHEMA_VERSION);
  return jobs.length;
}

async function readAll({ jobs, log }: BuildOptions): Promise<RecordedJob[]> {
  const found = new Map<string, RecordedJob>();
  for await (const { job, replies } of jobs) {
    const parsed = opened(Job).safeParse(job);
    if (!parsed.success) {
      log.error("a job record cannot be used", { job: job.id, fault: parsed.error.issues[0]?.message });
    } else if (!found.has(parsed.data.id)) {
      found.set(parsed.data.id, { job: fitted(parsed.data), replies });
    }
  }
  return [...found.values()];
}

/**
 * The jobs in order of creation. Recorded numbers are kept if every job has one of its own; otherwise all jobs are
 * numbered anew from 1.
 */
function numbered(jobs: Job[]): Job[] {
  const known = new Set(jobs.map((job) => job.number).filter((number) => number > 0));
  if (known.size === jobs.length) return jobs.sort((a, b) => a.number - b.number);
  const byAge = (a: Job, b: Job) => a.created_at - b.created_at || (a.id < b.id ? -1 : 1);
  return jobs.sort(byAge).map((job, index) => ({ ...job, number: index + 1 }));
}

/**
 * Collects the mutations of many jobs into large commits. Counters are summed in memory and written once, at the end.
 */
class BatchWriter implements Mutations {
  readonly #kv: Deno.Kv;
  readonly #sums = new Map<string, { key: Deno.KvKey; by: bigint }>();
  #commit: Deno.AtomicOperation;
  #bytes = 0;
  #mutations = 0;

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
    this.#commit = kv.atomic();
  }

  set(key: Deno.KvKey, value: Uint8Array | Deno.KvU64): void {
    this.#commit.set(key, value);
    this.#mutations += 1;
    this.#bytes += value instanceof Uint8Array ? value.byteLength : 8;
  }

  delete(key: Deno.KvKey): void {
    this.#commit.delete(key);
    this.#mutations += 1;
  }

  sum(key: Deno.KvKey, by: bigint): void {
    const name = key.map(String).join("\n");
    const before = this.#sums.get(name)?.by ?? 0n;
    this.#sums.set(name, { key, by: before + by });
  }

  async flushIfFull(): Promise<void> {
    if (this.#bytes > BATCH_BYTES || this.#mutations > BATCH_MUTATIONS) await this.#flush();
  }

  async finish(): Promise<void> {
    await this.#flush();
    for (const { key, by } of this.#sums.values()) {
      this.#commit.set(key, new Deno.KvU64(by));
      this.#mutations += 1;
      await this.flushIfFull();
    }
    await this.#flush();
  }

  async #flush(): Promise<void> {
    if (this.#mutations > 0) await this.#commit.commit();
    this.#commit = this.#kv.atomic();
    this.#bytes = 0;
    this.#mutations = 0;
  }
}
