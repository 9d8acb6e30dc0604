/**
 * Room `store`: what one write of a job is to be, before it is committed: made from the state before it, by pure
 * functions.
 *
 * @module
 */
import { AgentAsyncError } from "../domain/errors.ts";
import type { JobId } from "../domain/job/ids.ts";
import { Job } from "../domain/job/job.ts";
import type { JobChange } from "./records/commit.ts";
import type { NewJob } from "./job_store.ts";
import { jobKey, LAST_NUMBER_KEY, requestKey } from "./records/keys.ts";
import type { Known } from "./recent.ts";
import { fitted } from "./records/record.ts";

/** The key of an empty entry, read and checked in place of a request key when there is none. */
const NO_KEY: Deno.KvKey = ["none"];

export const NOTHING_THERE: Known<null> = { value: null, versionstamp: null };

/**
 * The state that the commit of a new job is checked against: its id, the last number, the feed's head, its request key.
 */
export interface Place {
  taken: Known<unknown>;
  number: Known<number>;
  head: Known<number>;
  keyed: Known<unknown>;
}

/** The state that a change of a job starts from, and is checked against. */
export interface Present {
  record: Known<Job>;
  head: Known<number>;
  keyed: Known<unknown>;
}

/** What the commit of one job's change is checked against, and what it holds but for the feed's place. */
export interface Draft extends Omit<JobChange, "feedHead" | "at"> {
  checks: Deno.AtomicCheck[];
}

/** A write that was asked for. */
export type JobWrite =
  | { readonly kind: "create"; readonly job: NewJob; readonly begin: ((job: Job) => Job) | null }
  | {
    readonly kind: "update";
    readonly id: JobId;
    readonly change: (job: Job) => Job | readonly Job[];
    readonly key: string | null;
  };

export interface Written {
  readonly job: Job;
  /** Whether this write created or changed the job. */
  readonly isNew: boolean;
}

/** @throws {AgentAsyncError} `conflict` when the id is taken, `invalid_argument` when the record is too long */
export function newJob(
  { job, begin }: JobWrite & { kind: "create" },
  { taken, number, keyed }: Omit<Place, "head">,
): Draft {
  const key = job.request_key;
  if (taken.value !== null) {
    throw new AgentAsyncError("conflict", `Cannot create job ${job.id}: the id is taken`);
  }
  const created = fitted({ ...job, number: number.value + 1 }, Job);
  return {
    checks: [
      { key: jobKey(job.id), ...taken },
      { key: LAST_NUMBER_KEY, ...number },
      { key: keyOr(key), ...keyed },
    ],
    before: null,
    steps: begin === null ? [created] : [created, fitted(sameJob(created, begin(created)))],
    requests: key === null ? [] : [{ key, turn: created.last_turn }],
  };
}

/** `null` when nothing changes. Throws what the change throws. */
export function changedJob(
  { id, change, key }: JobWrite & { kind: "update" },
  { record, keyed }: Omit<Present, "head">,
): Draft | null {
  const before = record.value;
  if (keyed.value !== null) return null;
  const wanted = [change(before)].flat();
  const [first, ...rest] = wanted.map((job) => job === before ? before : fitted(sameJob(before, job)));
  if (first === undefined || wanted.every((job) => job === before)) return null;
  const after = rest.at(-1) ?? first;
  return {
    checks: [{ key: jobKey(id), ...record }, { key: keyOr(key), ...keyed }],
    before,
    steps: [first, ...rest],
    requests: key === null ? [] : [{ key, turn: after.last_turn }],
  };
}

/** What two writes of one commit must not have in common. */
export function namesOf(write: JobWrite): string[] {
  if (write.kind === "update") return [write.id];
  const { id, request_key: key } = write.job;
  return key === null ? [id] : [id, `key ${key}`];
}

export function lastOf({ steps }: Pick<Draft, "steps">): Job {
  return steps.at(-1) ?? steps[0];
}

export function keyOr(key: string | null): Deno.KvKey {
  return key === null ? NO_KEY : requestKey(key);
}

/** Checks that a change leaves alone the fields that indexes are built on. To alter one is a bug. */
function sameJob(before: Job, after: Job): Job {
  for (const field of ["id", "number", "cwd", "parent", "request_key"] as const) {
    if (before[field] !== after[field]) throw new Error(`A change of job ${before.id} altered its ${field}`);
  }
  return after;
}
