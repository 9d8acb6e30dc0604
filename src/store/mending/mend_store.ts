/**
 * Room `store`: gives a sound store back what it has forgotten. Each job goes through the same commit as every change, so
 * that indexes, counters and feed are right again with it. Killed in between, it is done again by the next daemon.
 *
 * @module
 */
import { finishedAt, type Job } from "../../domain/job/job.ts";
import type { Clock } from "../../system/clock.ts";
import { count, countOf } from "../records/codec.ts";
import { writeChange } from "../records/commit.ts";
import type { Lost } from "./find_lost.ts";
import { FEED_HEAD_KEY, LAST_NUMBER_KEY, listedKey, viewOf } from "../records/keys.ts";
import { readJob } from "../listing.ts";
import { fitted } from "../records/record.ts";
import { readFeedHead } from "../feed.ts";
import { removeSome } from "../removal.ts";

/**
 * @returns the jobs as the store has them now. The feed goes on from the present time in milliseconds, above all that the
 * lost commits can have given out: a reader is told of a job twice rather than never.
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
    feedHead += writeChange(commit, { before, steps: [after], feedHead, at: endOf(job), requests }).length;
    commit.set(FEED_HEAD_KEY, count(feedHead)).set(LAST_NUMBER_KEY, count(lastNumber));
    await commit.commit();
    mended.push(after);
  }
  return mended;
}

/** The number that the job had, unless it had none or another one has it now. */
async function freeNumber(kv: Deno.Kv, number: number, last: number): Promise<number> {
  if (number > 0 && (await kv.get(listedKey(viewOf({}), number))).value === null) return number;
  return last + 1;
}
