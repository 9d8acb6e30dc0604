/**
 * Room `store`: what one change of a job writes. Rule: the record, its indexes, the counters, the feed entries and the
 * request key are one atomic commit, and this is the only place that knows all of them.
 *
 * @module
 */
import type { FeedEntry } from "../../domain/feed.ts";
import type { EpochMs } from "../../domain/job/ids.ts";
import { type Job, reasonOf } from "../../domain/job/job.ts";
import { isFinished } from "../../domain/job/reason.ts";
import { count, NOTHING, toBytes } from "./codec.ts";
import type { KeyedTurn } from "../job_store.ts";
import {
  childKey,
  countKey,
  endedKey,
  FEED_HEAD_KEY,
  feedKey,
  jobKey,
  listedKey,
  ownedKey,
  requestKey,
  type View,
  viewsOf,
} from "./keys.ts";

/** Counters wrap at 2^64, so this sum takes one away. */
export const MINUS_ONE = 2n ** 64n - 1n;

/** Where mutations go: a Deno.AtomicOperation, or something that gathers them. */
export interface Mutations {
  set(key: Deno.KvKey, value: Uint8Array | Deno.KvU64): unknown;
  delete(key: Deno.KvKey): unknown;
  sum(key: Deno.KvKey, by: bigint): unknown;
}

export interface JobChange {
  /** The record so far; `null` for a new job. */
  before: Job | null;
  /** What the job becomes, one after the other; the last one is kept. All are `fitted` already. */
  steps: readonly [Job, ...Job[]];
  /** The newest feed cursor before this change. */
  feedHead: number;
  at: EpochMs;
  /** Request keys, and the turns that they have made. */
  requests: readonly { key: string; turn: number }[];
}

/** A feed entry that a change adds. */
export interface FeedNews {
  readonly entry: FeedEntry;
  /** Whether it tells of a job's end. */
  readonly isEnd: boolean;
}

/**
 * Puts all that `change` writes into `to`.
 * @returns what it adds to the feed, whose head it moves by as much.
 */
export function writeChange(to: Mutations, change: JobChange): FeedNews[] {
  const { before, steps } = change;
  const after = steps.at(-1) ?? steps[0];
  to.set(jobKey(after.id), toBytes(after));
  writeViews(to, before, after);
  if (before === null && after.parent !== null) {
    writeOwned(to, after, childKey(after.parent, after.number), toBytes(after.id));
  }
  for (const { key, turn } of change.requests) {
    const keyed: KeyedTurn = { jobId: after.id, turn };
    writeOwned(to, after, requestKey(key), toBytes(keyed));
  }
  return writeFeed(to, change);
}

/** Takes the job out of every index and counter, and its record with them. Owned keys are the caller's. */
export function eraseJob(to: Mutations, job: Job): void {
  to.delete(jobKey(job.id));
  for (const view of viewsOf(job)) leaveView(to, view, job.number);
}

function writeViews(to: Mutations, before: Job | null, after: Job): void {
  if (before !== null && before.state.status === after.state.status && before.agent === after.agent) return;
  const old = before === null ? [] : viewsOf(before);
  const id = toBytes(after.id);
  viewsOf(after).forEach((view, index) => {
    const left = old[index];
    if (left !== undefined) {
      // The directory never changes, so the other two tell.
      if (left[1] === view[1] && left[2] === view[2]) return;
      leaveView(to, left, after.number);
    }
    to.set(listedKey(view, after.number), id);
    to.sum(countKey(view), 1n);
  });
}

function leaveView(to: Mutations, view: View, number: number): void {
  to.delete(listedKey(view, number));
  to.sum(countKey(view), MINUS_ONE);
}

function writeFeed(to: Mutations, change: JobChange): FeedNews[] {
  const news: FeedNews[] = [];
  let before = change.before;
  for (const [index, job] of change.steps.entries()) {
    if (before === null || isNews(before, job)) {
      const entry = feedEntry(job, change.feedHead + news.length + 1, change.at);
      // An end that another turn follows in the same commit is none to those who wait for the job.
      const isLast = index === change.steps.length - 1;
      news.push({ entry, isEnd: isLast && isEnd(before, job) });
    }
    before = job;
  }
  for (const { entry, isEnd } of news) {
    const bytes = toBytes(entry);
    writeOwned(to, change.steps[0], feedKey(entry.cursor), bytes);
    if (isEnd) writeOwned(to, change.steps[0], endedKey(entry.cursor), bytes);
  }
  if (news.length > 0) to.set(FEED_HEAD_KEY, count(change.feedHead + news.length));
  return news;
}

function writeOwned(to: Mutations, owner: Job, key: Deno.KvKey, value: Uint8Array): void {
  to.set(key, value);
  to.set(ownedKey(owner.id, key), NOTHING);
}

function isNews(before: Job, after: Job): boolean {
  return before.state.status !== after.state.status || before.turn !== after.turn ||
    before.summary !== after.summary;
}

/** Whether a turn ended by this step; words added to a finished job are news, but no end. */
function isEnd(before: Job | null, after: Job): boolean {
  if (!isFinished(after.state.status)) return false;
  return before === null || !isFinished(before.state.status);
}

function feedEntry(job: Job, cursor: number, at: EpochMs): FeedEntry {
  const reason = reasonOf(job);
  return {
    cursor,
    job_id: job.id,
    turn: job.turn,
    status: job.state.status,
    ...(reason === undefined ? {} : { reason }),
    ...(job.summary === null ? {} : { summary: job.summary }),
    at,
  };
}
