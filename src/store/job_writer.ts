/**
 * Room `store`: creating and changing jobs. A commit holds the record, its indexes, the counters, the feed and the request
 * key of a job, and of as many jobs as were asked for at once. The state before a write is taken from memory when it is
 * there; the commit is checked either way. Rule of this file: only one call at a time.
 *
 * @module
 */
import { AgentAsyncError } from "../domain/errors.ts";
import type { JobId } from "../domain/job/ids.ts";
import type { Job } from "../domain/job/job.ts";
import type { Clock } from "../system/clock.ts";
import { count, countOf, parsed } from "./records/codec.ts";
import { type FeedNews, writeChange } from "./records/commit.ts";
import {
  changedJob,
  type Draft,
  type JobWrite,
  keyOr,
  lastOf,
  namesOf,
  newJob,
  NOTHING_THERE,
  type Place,
  type Present,
  type Written,
} from "./draft.ts";
import { KeyedTurn, type NewJob } from "./job_store.ts";
import { FEED_HEAD_KEY, jobKey, LAST_NUMBER_KEY } from "./records/keys.ts";
import type { Ledger } from "./mending/ledger.ts";
import { readJob } from "./listing.ts";
import type { Known, Recent } from "./recent.ts";
import { parseJob } from "./records/record.ts";
import { settleAfter } from "./mending/unsettled_commit.ts";

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

  /** Makes one write in a commit of its own. */
  async write(asked: JobWrite): Promise<Written> {
    for (;;) {
      const written = await (asked.kind === "create" ? this.#tryCreate(asked) : this.#tryUpdate(asked));
      if (written !== null) return written;
    }
  }

  /**
   * Makes writes in one commit: from the first on, as many as can be made from memory and concern different jobs.
   *
   * @returns how each of them ended; those that are not made are missing at the end, and none is when the first one needs
   * a look into the database or another process has written
   */
  async writeTogether(asked: readonly JobWrite[]): Promise<PromiseSettledResult<Written>[]> {
    const { head } = this.#recent;
    let number = this.#recent.lastNumber;
    const touched = new Set<string>();
    const drafts: Draft[] = [];
    const ends: PromiseSettledResult<Written>[] = [];
    for (const write of asked) {
      const names = namesOf(write);
      const from = names.some((name) => touched.has(name)) ? null : this.#fromMemory(write, number);
      if (head === null || from === null) break;
      for (const name of names) touched.add(name);
      try {
        const draft = from();
        if (draft !== null) drafts.push(draft);
        if (number !== null && draft?.before === null) number = { ...number, value: number.value + 1 };
        ends.push({ status: "fulfilled", value: resultOf(draft, write, this.#recent) });
      } catch (reason) {
        ends.push({ status: "rejected", reason });
      }
    }
    if (head === null || drafts.length === 0) return ends;
    try {
      return await this.#commit(drafts, head) ? ends : [];
    } catch (reason) {
      return ends.map((end) => end.status === "rejected" ? end : { status: "rejected", reason });
    }
  }

  /** How the draft of a write is made from what memory holds; `null` when that is not enough. */
  #fromMemory(write: JobWrite, number: Known<number> | null): (() => Draft | null) | null {
    if (write.kind === "create") {
      return number === null
        ? null
        : () => newJob(write, { taken: NOTHING_THERE, number, keyed: NOTHING_THERE });
    }
    const record = write.key === null ? this.#recent.job(write.id) : null;
    return record === null ? null : () => changedJob(write, { record, keyed: NOTHING_THERE });
  }

  /** `null` when another write came first: the caller tries again. */
  async #tryCreate(asked: JobWrite & { kind: "create" }): Promise<Written | null> {
    const { head, ...place } = this.#nextPlace() ?? await this.#readPlace(asked.job);
    if (place.keyed.value !== null) {
      const earlier = await readJob(this.#kv, parsed(KeyedTurn, place.keyed.value).jobId);
      if (earlier !== null) return { job: earlier, isNew: false };
    }
    const draft = newJob(asked, place);
    return await this.#commit([draft], head) ? { job: lastOf(draft), isNew: true } : null;
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
      keyOr(key),
    ]);
    return { taken, number: counted(number), head: counted(head), keyed };
  }

  /** `null` when another write came first: the caller tries again. */
  async #tryUpdate(asked: JobWrite & { kind: "update" }): Promise<Written | null> {
    const { id, key } = asked;
    const { head, ...present } = key === null
      ? this.#inMemory(id) ?? await this.#read(id, key)
      : await this.#read(id, key);
    const draft = changedJob(asked, present);
    if (draft === null) return { job: present.record.value, isNew: false };
    return await this.#commit([draft], head) ? { job: lastOf(draft), isNew: true } : null;
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
      keyOr(key),
    ]);
    if (record.value === null) throw new AgentAsyncError("not_found", `There is no job ${id}`);
    const value = parseJob(record.value, id);
    return { record: { value, versionstamp: record.versionstamp }, head: counted(head), keyed };
  }

  /** @returns whether the drafts were committed, all of them; `false`, and none, when another write came first */
  async #commit(drafts: readonly Draft[], head: Known<number>): Promise<boolean> {
    const commit = this.#kv.atomic().check({ key: FEED_HEAD_KEY, versionstamp: head.versionstamp });
    const at = this.#clock.now();
    const told: { draft: Draft; news: readonly FeedNews[] }[] = [];
    let feedHead = head.value;
    for (const draft of drafts) {
      commit.check(...draft.checks);
      const news = writeChange(commit, { ...draft, feedHead, at });
      if (draft.before === null) commit.set(LAST_NUMBER_KEY, count(draft.steps[0].number));
      this.#recent.writing(lastOf(draft).id);
      told.push({ draft, news });
      feedHead += news.length;
    }
    let result: Deno.KvCommitResult | Deno.KvCommitError;
    try {
      result = await commit.commit();
    } catch (error) {
      // A commit that throws may or may not have been kept, so nothing in memory can be trusted.
      this.#recent.clear();
      await settleAfter(error, this.#kv);
      for (const draft of drafts) {
        if (!isSame(await readJob(this.#kv, lastOf(draft).id), lastOf(draft))) throw error;
      }
      for (const draft of drafts) this.#ledger?.changed(lastOf(draft), draft.requests);
      return true;
    }
    if (!result.ok) {
      this.#recent.clear();
      return false;
    }
    const { versionstamp } = result;
    let newest = head;
    for (const { draft, news } of told) {
      const job = lastOf(draft);
      this.#ledger?.changed(job, draft.requests);
      if (news.length > 0) newest = { value: newest.value + news.length, versionstamp };
      const lastNumber = draft.before === null ? { lastNumber: { value: job.number, versionstamp } } : {};
      this.#recent.committed({ job, versionstamp, head: newest, news, ...lastNumber });
    }
    return true;
  }
}

function resultOf(draft: Draft | null, write: JobWrite, recent: Recent): Written {
  if (draft !== null) return { job: lastOf(draft), isNew: true };
  const known = write.kind === "update" ? recent.job(write.id) : null;
  if (known === null) throw new Error("Only a change of a job in memory can change nothing");
  return { job: known.value, isNew: false };
}

function isSame(kept: Job | null, wanted: Job): boolean {
  return JSON.stringify(kept) === JSON.stringify(wanted);
}

function counted(entry: Deno.KvEntryMaybe<Deno.KvU64>): Known<number> {
  return { value: countOf(entry), versionstamp: entry.versionstamp };
}
