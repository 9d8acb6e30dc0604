/**
 * Many callers at once: nothing is lost, doubled or counted wrong.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { FeedEntry } from "../../src/domain/feed.ts";
import type { JobStore } from "../../src/store/job_store.ts";
import { KvJobStore } from "../../src/store/kv_job_store.ts";
import { eventually } from "../support/eventually.ts";
import { jobId, newJob } from "../support/new_job.ts";
import { assertConsistent } from "./assert_consistent.ts";
import { cancel, end, launch } from "./job_steps.ts";
import { countsOf, fixedClock, memoryStore, openAt, temporaryDirectory } from "./test_store.ts";

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

Deno.test("200 creates and 400 updates at once keep every counter right to the unit", async () => {
  await using store = await memoryStore();
  await Promise.all(
    numbers(200).map(async (n) => {
      await store.create(newJob({ id: jobId(n), agent: n % 2 === 0 ? "codex" : "gemini" }));
      await store.update(jobId(n), launch);
      await store.update(jobId(n), n % 4 === 0 ? cancel : end);
    }),
  );
  const jobs = await assertConsistent(store);
  assert.deepEqual(jobs.map((job) => job.number), numbers(200));
  assert.deepEqual(await countsOf(store), { pending: 0, running: 0, done: 150, error: 0, cancelled: 50 });
  assert.equal(await store.feedHead(), 600);
});

Deno.test("200 changes of one job at once are all applied, each to the one before", async () => {
  await using store = await memoryStore();
  await store.create(newJob({ id: jobId(1) }));
  await Promise.all(
    numbers(200).map(() =>
      store.update(jobId(1), (job) => ({ ...job, priority: job.priority + 1, summary: `${job.priority}` }))
    ),
  );
  assert.equal((await store.get(jobId(1)))?.priority, 200);
  assert.equal(await store.feedHead(), 201);
});

Deno.test("50 creates with one request key make one job", async () => {
  await using store = await memoryStore();
  const answers = await Promise.all(
    numbers(50).map((n) => store.create(newJob({ id: jobId(n), request_key: "one" }))),
  );
  assert.equal(answers.filter((answer) => answer.created).length, 1);
  assert.equal(new Set(answers.map((answer) => answer.job.id)).size, 1);
  assert.equal((await assertConsistent(store)).length, 1);
});

Deno.test("50 replies with one request key add one turn", async () => {
  await using store = await memoryStore();
  await store.create(newJob({ id: jobId(1) }));
  const answers = await Promise.all(
    numbers(50).map(() =>
      store.update(jobId(1), (job) => ({ ...job, last_turn: job.last_turn + 1 }), { requestKey: "one" })
    ),
  );
  assert.equal(answers.filter((answer) => answer.changed).length, 1);
  assert.equal((await store.get(jobId(1)))?.last_turn, 2);
});

Deno.test("a second writer of the same file is noticed by versionstamp and nothing that is written is wrong", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/queue.db`;
  const { store } = await openAt(path);
  await using ours = store;
  await using other = new KvJobStore({ kv: await Deno.openKv(path), clock: fixedClock });
  await ours.create(newJob({ id: jobId(999) }));
  await Promise.all([ours, other].flatMap((store, which) =>
    numbers(25).map(async (n) => {
      await untilUnlocked(() => store.create(newJob({ id: jobId(which * 100 + n) })));
      await untilUnlocked(() =>
        store.update(
          jobId(999),
          (job) => ({ ...job, priority: job.priority + 1, summary: `${job.priority}` }),
        )
      );
    })
  ));
  // What the two remember may be late; the file is right.
  await using whole = new KvJobStore({ kv: await Deno.openKv(path), clock: fixedClock });
  assert.deepEqual((await assertConsistent(whole)).map((job) => job.number), numbers(51));
  assert.equal((await whole.get(jobId(999)))?.priority, 50);
});

/** SQLite refuses rather than waits when two connections write at once; the caller of a store would call again. */
async function untilUnlocked(call: () => Promise<unknown>): Promise<void> {
  await eventually(async () => {
    await call();
    return true;
  }, { what: "the other writer to leave the database" });
}

Deno.test("several feed readers get every entry exactly once under concurrent writes", async () => {
  await using store = await memoryStore();
  const jobs = 60;
  const stop = new AbortController();
  const all = [1, 7, 100].map((limit) => follow(store, { limit, until: jobs * 3, stop }));
  const ended = [1, 5].map((limit) => follow(store, { limit, finishedOnly: true, until: jobs, stop }));
  await Promise.all(
    numbers(jobs).map(async (n) => {
      await store.create(newJob({ id: jobId(n) }));
      await store.update(jobId(n), launch);
      await store.update(jobId(n), end);
    }),
  );
  for (const entries of await Promise.all(all)) {
    assert.deepEqual(entries.map((entry) => entry.cursor), numbers(jobs * 3));
  }
  for (const entries of await Promise.all(ended)) {
    assert.deepEqual(entries.map((entry) => entry.job_id).sort(), numbers(jobs).map(jobId));
  }
});

/** A reader as the service is one: reads after its cursor, and waits for the head to move when there is nothing. */
async function follow(
  store: JobStore,
  options: { limit: number; finishedOnly?: boolean; until: number; stop: AbortController },
): Promise<FeedEntry[]> {
  const seen: FeedEntry[] = [];
  let cursor = 0;
  for await (const head of store.watchFeed(options.stop.signal)) {
    while (cursor < head) {
      const page = await store.feed(cursor, options);
      seen.push(...page.entries);
      cursor = page.cursor;
    }
    if (seen.length >= options.until) break;
  }
  return seen;
}
