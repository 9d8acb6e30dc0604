/**
 * Room `store`: creating and changing a job, each in one commit of the record, its indexes, the counters, the feed and
 * the request key. The state before a write is taken from memory when it is there; the commit is checked either way.
 * Rule of this file: only one call at a time.
 *
 * @module
 */
import { AgentAsyncError } from "../domain/errors.ts";
import type { JobId } from "../domain/job/ids.ts";
import { Job } from "../domain/job/job.ts";
import type { Clock } from "../system/clock.ts";
import { count, countOf, parsed } from "./records/codec.ts";
import { type JobChange, writeChange } from "./records/commit.ts";
import { KeyedTurn, type NewJob } from "./job_store.ts";
import { FEED_HEAD_KEY, jobKey, LAST_NUMBER_KEY, requestKey } from "./records/keys.ts";
import type { Ledger } from "./mending/ledger.ts";
import { readJob } from "./listing.ts";
import type { Known, Recent } from "./recent.ts";
import { fitted, parseJob } from "./records/record.ts";
import { settleAfter } from "./mending/unsettled_commit.ts";

/** The key of an empty entry, read and checked in place of a request key when there is none. */
const NO_KEY: Deno.KvKey = ["none"];

const NOTHING_THERE: Known<null> = { value: null, versionstamp: null };

/**
 * The state that the commit of a new job is checked against: its id, the last number, the feed's head, its request key.
 */
interface Place {
  taken: Known<unknown>;
  number: Known<number>;
  head: Known<number>;
  keyed: Known<unknown>;
}

/** The state that a change of a job starts from, and is checked against. */
interface Present {
  record: Known<Job>;
  head: Known<number>;
  keyed: Known<unknown>;
}

export class JobWriter {
  readonly #kv: Deno.Kv;
  readonly #clock: Clock;
  readonly #recent: Recent;
  readonly #ledger: Ledger | null;

  constructor(options: { kv: Deno.Kv; clock: Clock; recent: Recent; ledger: Ledger | null }) {
    this.#kv = options.kv;
    this.#clock = options.clock;
    this.#recent = options.recent;
    this.#ledger = options.ledger;
  }

  async create(job: NewJob): Promise<{ job: Job; created: boolean }> {
    for (;;) {
      const result = await this.#tryCreate(job);
      if (result !== null) return result;
    }
  }

  async update(
    id: JobId,
    change: (job: Job) => Job | readonly Job[],
    requestKey: string | null,
  ): Promise<{ job: Job; changed: boolean }> {
    for (;;) {
      const result = await this.#tryUpdate(id, change, requestKey);
      if (result !== null) return result;
    }
  }

  /** `null` when another write came first: the caller tries again. */
  async #tryCreate(job: NewJob): Promise<{ job: Job; created: boolean } | null> {
    const key = job.request_key;
    const { taken, number, head, keyed } = this.#nextPlace() ?? await this.#readPlace(job);
    if (keyed.value !== null) {
      const earlier = await readJob(this.#kv, parsed(KeyedTurn, keyed.value).jobId);
      if (earlier !== null) return { job: earlier, created: false };
    }
    if (taken.value !== null) {
      throw new AgentAsyncError("conflict", `Cannot create job ${job.id}: the id is taken`);
    }
    const created = fitted({ ...job, number: number.value + 1 }, Job);
    const isNew = await this.#commit({
      checks: [
        { key: jobKey(job.id), ...taken },
        { key: LAST_NUMBER_KEY, ...number },
        { key: key === null ? NO_KEY : requestKey(key), ...keyed },
      ],
      head,
      before: null,
      steps: [created],
      requests: key === null ? [] : [{ key, turn: created.last_turn }],
    });
    return isNew ? { job: created, created: true } : null;
  }

  /**
   * The assumed state for a new job, from memory: its id and request key are unused. If that is wrong the commit fails,
   * and the next try reads the database.
   */
  #nextPlace(): Place | null {
    const { lastNumber: number, head } = this.#recent;
    if (number === null || head === null) return null;
    return { taken: NOTHING_THERE, number, head, keyed: NOTHING_THERE };
  }

  async #readPlace({ id, request_key: key }: NewJob): Promise<Place> {
    const [taken, number, head, keyed] = await this.#kv.getMany<[unknown, Deno.KvU64, Deno.KvU64, unknown]>([
      jobKey(id),
      LAST_NUMBER_KEY,
      FEED_HEAD_KEY,
      key === null ? NO_KEY : requestKey(key),
    ]);
    return { taken, number: counted(number), head: counted(head), keyed };
  }

  /** `null` when another write came first: the caller tries again. */
  async #tryUpdate(
    id: JobId,
    change: (job: Job) => Job | readonly Job[],
    key: string | null,
  ): Promise<{ job: Job; changed: boolean } | null> {
    const { record, head, keyed } = key === null
      ? this.#inMemory(id) ?? await this.#read(id, key)
      : await this.#read(id, key);
    const before = record.value;
    if (keyed.value !== null) return { job: before, changed: false };
    const wanted = [change(before)].flat();
    const [first, ...rest] = wanted.map((job) => job === before ? before : fitted(sameJob(before, job)));
    if (first === undefined || wanted.every((job) => job === before)) return { job: before, changed: false };
    const after = rest.at(-1) ?? first;
    const isWritten = await this.#commit({
      checks: [
        { key: jobKey(id), ...record },
        { key: key === null ? NO_KEY : requestKey(key), ...keyed },
      ],
      head,
      before,
      steps: [first, ...rest],
      requests: key === null ? [] : [{ key, turn: after.last_turn }],
    });
    return isWritten ? { job: after, changed: true } : null;
  }

  #inMemory(id: JobId): Present | null {
    const record = this.#recent.job(id);
    const { head } = this.#recent;
    return record === null || head === null ? null : { record, head, keyed: NOTHING_THERE };
  }

  async #read(id: JobId, key: string | null): Promise<Present> {
    const [record, head, keyed] = await this.#kv.getMany<[unknown, Deno.KvU64, unknown]>([
      jobKey(id),
      FEED_HEAD_KEY,
      key === null ? NO_KEY : requestKey(key),
    ]);
    if (record.value === null) throw new AgentAsyncError("not_found", `There is no job ${id}`);
    const value = parseJob(record.value, id);
    return { record: { value, versionstamp: record.versionstamp }, head: counted(head), keyed };
  }

  /** @returns whether the change was committed; `false` when another write came first */
  async #commit(
    { checks, head, ...change }:
      & { checks: Deno.AtomicCheck[]; head: Known<number> }
      & Omit<JobChange, "feedHead" | "at">,
  ): Promise<boolean> {
    const commit = this.#kv.atomic().check(...checks, {
      key: FEED_HEAD_KEY,
      versionstamp: head.versionstamp,
    });
    const [created] = change.steps;
    if (change.before === null) commit.set(LAST_NUMBER_KEY, count(created.number));
    const news = writeChange(commit, { ...change, feedHead: head.value, at: this.#clock.now() });
    this.#recent.writing(created.id);
    const after = change.steps.at(-1) ?? created;
    let result: Deno.KvCommitResult | Deno.KvCommitError;
    try {
      result = await commit.commit();
    } catch (error) {
      // A commit that throws may or may not have been kept, so nothing in memory can be trusted.
      this.#recent.clear();
      await settleAfter(error, this.#kv);
      if (!isSame(await readJob(this.#kv, after.id), after)) throw error;
      this.#ledger?.changed(after, change.requests);
      return true;
    }
    if (!result.ok) {
      this.#recent.clear();
      return false;
    }
    const { versionstamp } = result;
    this.#ledger?.changed(after, change.requests);
    this.#recent.committed({
      job: after,
      versionstamp,
      head: news.length === 0 ? head : { value: head.value + news.length, versionstamp },
      news,
      ...(change.before === null ? { lastNumber: { value: created.number, versionstamp } } : {}),
    });
    return true;
  }
}

function isSame(kept: Job | null, wanted: Job): boolean {
  return JSON.stringify(kept) === JSON.stringify(wanted);
}

/** Checks that a change leaves alone the fields that indexes are built on. To alter one is a bug. */
function sameJob(before: Job, after: Job): Job {
  for (const field of ["id", "number", "cwd", "parent", "request_key"] as const) {
    if (before[field] !== after[field]) throw new Error(`A change of job ${before.id} altered its ${field}`);
  }
  return after;
}

function counted(entry: Deno.KvEntryMaybe<Deno.KvU64>): Known<number> {
  return { value: countOf(entry), versionstamp: entry.versionstamp };
}
