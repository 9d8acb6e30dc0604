/**
 * Room `store`: removes finished jobs with their indexes, counters, request keys and feed entries.
 *
 * @module
 */
import type { JobId } from "../domain/job/ids.ts";
import { isFinished } from "../domain/job/reason.ts";
import { countOf } from "./records/codec.ts";
import { eraseJob } from "./records/commit.ts";
import {
  countKey,
  countPrefix,
  ENDED_PREFIX,
  jobKey,
  keyOwnedBy,
  ownedPrefix,
  viewOf,
} from "./records/keys.ts";
import { readableJob } from "./records/record.ts";

/** Jobs removed in one commit. Each takes a check, of which Deno.Kv allows 100, and about 30 mutations. */
const JOBS_PER_COMMIT = 10;

/**
 * Keys of jobs (feed entries, request keys and the like) deleted in one commit, with two mutations each. Deno.Kv allows
 * 1,000 mutations and 80 KiB of keys.
 */
const OWNED_PER_COMMIT = 250;

/**
 * Removes the first few of `ids`, as many as fit into one commit. Unfinished and unknown jobs are skipped.
 *
 * @returns the ids removed, and those still to be done: all of `ids` when a concurrent write made the commit fail
 */
export async function removeSome(
  kv: Deno.Kv,
  ids: readonly JobId[],
): Promise<{ removed: JobId[]; left: readonly JobId[] }> {
  const removed: JobId[] = [];
  const removedFrom = new Map<string, number>();
  const commit = kv.atomic();
  let taken = 0;
  let owned = 0;
  for (const id of ids.slice(0, JOBS_PER_COMMIT)) {
    const record = await kv.get(jobKey(id));
    const job = record.value === null ? null : readableJob(record.value, id);
    if (job === null || !isFinished(job.state.status)) {
      taken += 1;
      continue;
    }
    const keys = await ownedKeys(kv, id);
    if (owned + keys.length > OWNED_PER_COMMIT) {
      // A job with too many keys for one commit is removed piecemeal, its record last. After a crash the job is still
      // there and can be removed again.
      if (removed.length === 0) await forget(kv, keys.slice(0, OWNED_PER_COMMIT));
      break;
    }
    commit.check(record);
    for (const key of keys) commit.delete(key).delete(keyOwnedBy(key));
    eraseJob(commit, job);
    removed.push(id);
    removedFrom.set(job.cwd, (removedFrom.get(job.cwd) ?? 0) + 1);
    taken += 1;
    owned += keys.length;
  }
  for (const [cwd, jobs] of removedFrom) await dropEmptyCounters(kv, commit, { cwd, jobs });
  if (removed.length > 0 && !(await commit.commit()).ok) return { removed: [], left: ids };
  return { removed, left: ids.slice(taken) };
}

/**
 * Deletes the counters of a directory together with its last jobs. Otherwise they would pile up, since directories come
 * and go without end.
 */
async function dropEmptyCounters(
  kv: Deno.Kv,
  commit: Deno.AtomicOperation,
  leaving: { cwd: string; jobs: number },
): Promise<void> {
  const count = await kv.get<Deno.KvU64>(countKey(viewOf({ cwd: leaving.cwd })));
  if (countOf(count) !== leaving.jobs) return;
  commit.check(count);
  for await (const entry of kv.list({ prefix: countPrefix(leaving.cwd) })) commit.delete(entry.key);
}

/**
 * All keys recorded under `["owned", id]`, with the `ended` entries last. A job whose removal was cut short by a crash
 * is found again through these entries.
 */
async function ownedKeys(kv: Deno.Kv, id: JobId): Promise<Deno.KvKey[]> {
  const keys: Deno.KvKey[] = [];
  const ends: Deno.KvKey[] = [];
  for await (const { key } of kv.list({ prefix: ownedPrefix(id) })) {
    (keyOwnedBy(key)[0] === ENDED_PREFIX[0] ? ends : keys).push(key);
  }
  return [...keys, ...ends];
}

async function forget(kv: Deno.Kv, owned: readonly Deno.KvKey[]): Promise<void> {
  const commit = kv.atomic();
  for (const key of owned) commit.delete(key).delete(keyOwnedBy(key));
  await commit.commit();
}
