/** The line: what one job waits for, and its place, are what going through all of them tells. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { JobId } from "../../src/domain/job/ids.ts";
import type { Job, JobOf } from "../../src/domain/job/job.ts";
import { PendingJobs } from "../../src/scheduler/queue/pending_jobs.ts";
import { pick } from "../../src/scheduler/queue/pick.ts";
import { byPrecedence } from "../../src/scheduler/queue/precedence.ts";
import { jobId, newJob } from "../support/new_job.ts";
import { type RandomQueue, randomQueues } from "./random_queues.ts";

const RUNS = { seed: 20_261_129, numRuns: 500 };

function pickFrom({ pending, ...rest }: RandomQueue, total: number) {
  return pick({ ...rest, pending: new PendingJobs(pending) }, { total });
}

/** Goes through the queue one by one, with each job that starts among the running ones of the next. */
function oneByOne(snapshot: RandomQueue, total: number) {
  // A job that waits for a time is no hindrance by itself; it holds others of its agent back, before it and behind.
  const limited = snapshot.pending.filter((job) => job.state.not_before !== null);
  const running: Job[] = [...snapshot.running];
  const [start, fail]: [JobId[], JobId[]] = [[], []];
  const waiting = new Map<JobId, string | undefined>();
  for (const job of snapshot.pending.toSorted(byPrecedence)) {
    const others = limited.filter(({ id, state }) => id !== job.id && (state.not_before ?? 0) > snapshot.now);
    const picked = pickFrom({ ...snapshot, pending: [job, ...others], running }, total);
    if (picked.fail.some(({ id }) => id === job.id)) fail.push(job.id);
    else if (picked.start.includes(job.id)) (start.push(job.id), running.push(job));
    else waiting.set(job.id, picked.line.reason(job));
  }
  return { start, fail, waiting };
}

Deno.test("line: a job waits for the same, asked for alone, as when all are gone through one by one", () => {
  const seen = { start: 0, fail: 0, reasons: new Set<string>() };
  fc.assert(
    fc.property(randomQueues, fc.integer({ min: 0, max: 5 }), (snapshot, total) => {
      const whole = oneByOne(snapshot, total);
      const { start, fail, line } = pickFrom(snapshot, total);
      assert.deepEqual(start, whole.start);
      assert.deepEqual(fail.map(({ id }) => id), whole.fail);
      for (const job of snapshot.pending) {
        assert.equal(line.reason(job), whole.waiting.get(job.id), job.id);
        const place = [...whole.waiting.keys()].indexOf(job.id);
        assert.equal(line.position(job), place < 0 ? null : place + 1, job.id);
      }
      seen.start += start.length;
      seen.fail += fail.length;
      for (const reason of whole.waiting.values()) {
        seen.reasons.add(reason?.split(" ", 2).join(" ") ?? "none");
      }
    }),
    RUNS,
  );
  assert.ok(seen.start > 200 && seen.fail > 100, JSON.stringify(seen));
  const kinds = ["a larger", "a slot:", "an answer", "config.json to", "the person", "the usage"];
  assert.deepEqual(kinds.filter((kind) => !seen.reasons.has(kind)), []);
  assert.ok(!seen.reasons.has("none"), "each that waits waits for something");
});

Deno.test("line: jobs are sorted by when they start, those that it does not know behind them", () => {
  fc.assert(
    fc.property(randomQueues, fc.integer({ min: 0, max: 5 }), (snapshot, total) => {
      const { line } = pickFrom({ ...snapshot, pending: snapshot.pending.slice(1) }, total);
      const sorted = line.sorted(snapshot.pending);
      const places = sorted.map((job) => line.position(job));
      const known = places.filter((place) => place !== null);
      assert.deepEqual(places.slice(0, known.length), known.map((_, index) => index + 1));
      const rest = snapshot.pending.filter((job) => line.position(job) === null);
      assert.deepEqual(sorted.slice(known.length), rest);
    }),
    RUNS,
  );
});

Deno.test("line: a job that shares its number with another is told from it", () => {
  const job = (n: number, over: Partial<Job>): JobOf<"pending"> => ({
    ...newJob({ id: jobId(n), ...over }),
    number: 7,
    state: { status: "pending", since: 0, not_before: null },
  });
  const pending = [job(1, {}), job(2, { approval_policy: "suggest" }), job(3, {})];
  const { line } = pickFrom({ pending, running: [], dependencies: new Map(), now: 0 }, 1);
  assert.deepEqual(pending.map((one) => line.position(one)), [null, 1, 2]);
  assert.deepEqual(pending.map((one) => line.reason(one)), [
    undefined,
    "a slot: 1 of 1 are taken",
    `job ${jobId(1)}, which may write in /tmp/project`,
  ]);
});
