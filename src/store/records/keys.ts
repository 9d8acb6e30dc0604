/**
 * Room `store`: the shape of every key. Rule of this file: keys are built only here, so that this page is the
 * whole layout of the store (schema version 2).
 *
 * ```text
 * ["schema"]                               KvU64    version of this layout
 * ["last_number"]                          KvU64    the newest job's number
 * ["job", id]                              Job      the record, as JSON (see codec.ts)
 * ["listed", cwd, agent, status, number]   id       one for each view of a job (see View), in order of creation
 * ["count", cwd, agent, status]            KvU64    entries of that view
 * ["child", parent, number]                id       of a job that the job `parent` started
 * ["feed_head"]                            KvU64    the newest cursor
 * ["feed", cursor]                         FeedEntry
 * ["ended", cursor]                        FeedEntry, a copy of each one by which a job ended
 * ["request", sha256]                      { jobId, turn }
 * ["owned", id, ...key]                    nothing  keys to be deleted with the job: child, feed, ended, request
 * ```
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { JobId } from "../../domain/job/ids.ts";
import type { Job } from "../../domain/job/job.ts";
import type { JobStatus } from "../../domain/job/reason.ts";
import type { UNREADABLE } from "../../domain/job/unreadable_job.ts";

/** Stands for "any" in a view. No status, agent or digest is the empty string. */
const ANY = "";

/**
 * A combination of filters: all jobs of this directory, agent and status, where {@link ANY} matches all. Each job is in
 * 8 views, so that every combination of filters has its own order and its own exact count. The directory is kept as its
 * SHA-256 digest.
 */
export type View = readonly [cwd: string | Uint8Array, agent: string, status: string];

export interface ViewFilter {
  status?: JobStatus | typeof UNREADABLE | undefined;
  agent?: string | undefined;
  cwd?: string | undefined;
}

export const SCHEMA_KEY: Deno.KvKey = ["schema"];
export const LAST_NUMBER_KEY: Deno.KvKey = ["last_number"];
export const FEED_HEAD_KEY: Deno.KvKey = ["feed_head"];
export const JOB_PREFIX: Deno.KvKey = ["job"];
export const FEED_PREFIX: Deno.KvKey = ["feed"];
export const ENDED_PREFIX: Deno.KvKey = ["ended"];

export function jobKey(id: JobId): Deno.KvKey {
  return [...JOB_PREFIX, id];
}

export function viewOf(filter: ViewFilter): View {
  return [
    filter.cwd === undefined ? ANY : sha256(filter.cwd),
    filter.agent ?? ANY,
    filter.status ?? ANY,
  ];
}

/** The 8 views that a job is in, always in the same order. */
export function viewsOf(job: Pick<Job, "agent" | "cwd" | "state">): View[] {
  const views: View[] = [];
  for (const cwd of [ANY, sha256(job.cwd)]) {
    for (const agent of [ANY, job.agent]) {
      for (const status of [ANY, job.state.status]) views.push([cwd, agent, status]);
    }
  }
  return views;
}

export function listedPrefix(view: View): Deno.KvKey {
  return ["listed", ...view];
}

export function listedKey(view: View, number: number): Deno.KvKey {
  return ["listed", ...view, number];
}

export function countKey(view: View): Deno.KvKey {
  return ["count", ...view];
}

/** The prefix of all counters of one directory. */
export function countPrefix(cwd: string): Deno.KvKey {
  return ["count", sha256(cwd)];
}

export function childPrefix(parent: JobId): Deno.KvKey {
  return ["child", parent];
}

export function childKey(parent: JobId, number: number): Deno.KvKey {
  return ["child", parent, number];
}

export function feedKey(cursor: number): Deno.KvKey {
  return [...FEED_PREFIX, cursor];
}

export function endedKey(cursor: number): Deno.KvKey {
  return [...ENDED_PREFIX, cursor];
}

/**
 * The store's key for a request key. It is hashed, since a request key may be of any length and Deno.Kv limits a key to
 * 2,048 bytes.
 */
export function requestKey(key: string): Deno.KvKey {
  return ["request", sha256(key)];
}

export function ownedPrefix(id: JobId): Deno.KvKey {
  return ["owned", id];
}

/** The entry which records that `key` must be deleted together with the job. */
export function ownedKey(id: JobId, key: Deno.KvKey): Deno.KvKey {
  return ["owned", id, ...key];
}

/** The key that is recorded by an {@link ownedKey}. */
export function keyOwnedBy(owned: Deno.KvKey): Deno.KvKey {
  return owned.slice(2);
}

function sha256(text: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(text).digest());
}
