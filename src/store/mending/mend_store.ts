/**
 * Room `store`: writes lost changes back into a sound database. Each job goes through the same commit as any change, so
 * its indexes, counters and feed entries are right again too. If it is killed halfway, the next daemon does it again.
 *
 * @module
 */
import { finishedAt, type Job } from "../../domain/job/job.ts";
import { isUnreadable } from "../../domain/job/unreadable_job.ts";
import type { Clock } from "../../system/clock.ts";
import { count, countOf } from "../records/codec.ts";
import { eraseJob, writeChange } from "../records/commit.ts";
import type { Lost } from "./find_lost.ts";
import { FEED_HEAD_KEY, LAST_NUMBER_KEY, listedKey, viewOf } from "../records/keys.ts";
import { readJob } from "../listing.ts";
import { fitted } from "../records/record.ts";
import { readFeedHead } from "../feed.ts";
import { removeSome } from "../removal.ts";

/**
 * Writes lost records and repeats lost removals. Feed cursors continue at the present time in milliseconds, above any
 * that the lost commits can have given out. A reader may see a job twice, but never misses one.
 *
 * @returns the written jobs, as they are in the database now
 */
export async function mendStore(kv: Deno.Kv, lost: Lost, clock: Clock): Promise<Job[]> {
  for (let left: readonly string[] = lost.removed; left.length > 0;) ({ left } = await removeSome(kv, left));
  const now = clock.now();
  let feedHead = Math.max(await readFeedHead(kv), now);
  let lastNumber = countOf(await kv.get<Deno.KvU64>(LAST_NUMBER_KEY));
  const numbers = lost.jobs.map(({ job }) => job.number);
  const mended: Job[] = [];
  const endOf = (job: Job) => finishedAt(job) ?? now;
  for (const { job, replies } of [...lost.jobs].sort((a, b) => endOf(a.job) - endOf(b.job))) {
    const before = await readJob(kv, job.id);
    const number = before?.number ?? await freeNumber(kv, job.number, Math.max(lastNumber, ...numbers));
    lastNumber = Math.max(lastNumber, number);
    const key = job.request_key;
    const requests = [...key === null ? [] : [{ key, turn: 1 }], ...replies];
    const after = fitted({ ...job, number });
    const commit = kv.atomic();
    // A stand-in may have another directory and agent than the job, so it is in other indexes.
    const isStandIn = before !== null && isUnreadable(before);
    if (isStandIn) eraseJob(commit, before);
    feedHead += writeChange(commit, {
      before: isStandIn ? null : before,
      steps: [after],
      feedHead,
      at: endOf(job),
      requests,
    }).length;
    commit.set(FEED_HEAD_KEY, count(feedHead)).set(LAST_NUMBER_KEY, count(lastNumber));
    await commit.commit();
    mended.push(after);
  }
  return mended;
}

/** The job's own number. When it has none, or another job has that number now, `last + 1`. */
async function freeNumber(kv: Deno.Kv, number: number, last: number): Promise<number> {
  if (number > 0 && (await kv.get(listedKey(viewOf({}), number))).value === null) return number;
  return last + 1;
}
