/**
 * Room `store`: all mutations of one change of a job. Rule of this file: the record, its indexes, the counters, the
 * feed entries and the request keys go into one atomic commit, and only this file knows all of them.
 *
 * @module
 */
import type { FeedEntry } from "../../domain/feed.ts";
import type { EpochMs } from "../../domain/job/ids.ts";
import { type Job, openQuestions, reasonOf } from "../../domain/job/job.ts";
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

/** Added to a counter, it subtracts one: counters wrap at 2^64. */
export const MINUS_ONE = 2n ** 64n - 1n;

/** Receives mutations: a `Deno.AtomicOperation`, or a collector of them. */
export interface Mutations {
  set(key: Deno.KvKey, value: Uint8Array | Deno.KvU64): unknown;
  delete(key: Deno.KvKey): unknown;
  sum(key: Deno.KvKey, by: bigint): unknown;
}

export interface JobChange {
  /** The record before the change; `null` for a new job. */
  before: Job | null;
  /** The successive states of the job; the last one is stored. All must have gone through `fitted`. */
  steps: readonly [Job, ...Job[]];
  /** The newest feed cursor before this change. */
  feedHead: number;
  at: EpochMs;
  /** Request keys, each with the turn that it started. */
  requests: readonly { key: string; turn: number }[];
}

/** A new feed entry. */
export interface FeedNews {
  readonly entry: FeedEntry;
  /** Whether the entry reports the end of the job. */
  readonly isEnd: boolean;
}

/**
 * Adds all mutations of `change` to `to`.
 *
 * @returns the new feed entries, which move the feed's newest cursor up by their number
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

/**
 * Deletes the job's record and its entries in all indexes and counters. The keys under `["owned", id]` are left to the
 * caller.
 */
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
      // The directory of a job never changes, so comparing agent and status is enough.
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
    const questions = questionNews(before, job);
    if (before === null || isNews(before, job) || questions !== null) {
      const entry = { ...feedEntry(job, change.feedHead + news.length + 1, change.at), ...questions };
      // The end of a turn is not the end of the job when another turn follows in the same commit.
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

/**
 * The questions that this step has opened and settled; `null` for neither. Those that a turn's end closes are not told:
 * the end itself is the news.
 */
function questionNews(before: Job | null, after: Job): Pick<FeedEntry, "asked" | "settled"> | null {
  if (before === null || after.state.status !== "running") return null;
  const [old, now] = [before, after].map((job) => openQuestions(job).map(({ question_id }) => question_id));
  const asked = (now ?? []).filter((id) => !old?.includes(id));
  const settled = (old ?? []).filter((id) => !now?.includes(id));
  if (asked.length + settled.length === 0) return null;
  return { ...(asked.length === 0 ? {} : { asked }), ...(settled.length === 0 ? {} : { settled }) };
}

/** Whether the job was finished by this step. A changed summary of a finished job is news, but not an end. */
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
