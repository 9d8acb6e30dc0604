/**
 * `JobStore` on Deno.Kv: what its interface promises, one caller at a time.
 *
 * @module
 */
import assert from "node:assert/strict";
import { isAgentAsyncError } from "../../src/domain/errors.ts";
import { transition } from "../../src/domain/job/transition.ts";
import { cut } from "../../src/store/records/record.ts";
import { jobId, newJob } from "../support/new_job.ts";
import { end, launch, reply } from "./job_steps.ts";
import { countsOf, gathered, memoryStore, NOW, openAt, temporaryDirectory } from "./test_store.ts";

Deno.test("create gives numbers in order and keeps the whole record", async () => {
  await using store = await memoryStore();
  const first = await store.create(newJob({ id: jobId(1) }));
  const second = await store.create(newJob({ id: jobId(2), parent: jobId(1), depth: 2 }));
  assert.deepEqual(first, { job: { ...newJob({ id: jobId(1) }), number: 1 }, created: true });
  assert.equal(second.job.number, 2);
  assert.deepEqual(await store.get(jobId(2)), second.job);
  assert.equal(await store.get(jobId(3)), null);
  assert.deepEqual(await store.childrenOf(jobId(1)), [second.job]);
  assert.deepEqual(await store.childrenOf(jobId(2)), []);
});

Deno.test("create refuses an id that is taken and changes nothing", async () => {
  await using store = await memoryStore();
  const { job } = await store.create(newJob({ id: jobId(1) }));
  await assert.rejects(
    store.create(newJob({ id: jobId(1), agent: "gemini" })),
    (error) => isAgentAsyncError(error, "conflict"),
  );
  assert.deepEqual(await store.list({ limit: 10 }), { jobs: [job], total: 1 });
  assert.equal(await store.feedHead(), 1);
});

Deno.test("a request key gives the same job again, whatever its length", async () => {
  await using store = await memoryStore();
  const request_key = "k".repeat(5_000);
  const { job } = await store.create(newJob({ id: jobId(1), request_key }));
  assert.deepEqual(await store.create(newJob({ id: jobId(2), request_key })), { job, created: false });
  assert.deepEqual(await store.keyed(request_key), { jobId: jobId(1), turn: 1 });
  assert.equal(await store.keyed("other"), null);
  assert.equal((await store.list({ limit: 10 })).total, 1);
});

Deno.test("update commits the record, its indexes, the counters and the feed together", async () => {
  await using store = await memoryStore();
  await store.create(newJob({ id: jobId(1) }));
  const running = await store.update(jobId(1), launch);
  assert.equal(running.changed, true);
  assert.deepEqual(await store.get(jobId(1)), running.job);
  assert.deepEqual(await countsOf(store), { pending: 0, running: 1, done: 0, error: 0, cancelled: 0 });
  assert.deepEqual(await gathered(store.inStatus("running")), [running.job]);
  assert.deepEqual(await gathered(store.inStatus("pending")), []);
  assert.deepEqual(await store.feed(0, { limit: 10 }), {
    entries: [
      { cursor: 1, job_id: jobId(1), turn: 1, status: "pending", at: NOW },
      { cursor: 2, job_id: jobId(1), turn: 1, status: "running", at: NOW },
    ],
    cursor: 2,
  });
});

Deno.test("update writes nothing for the same reference, and no feed entry without news", async () => {
  await using store = await memoryStore();
  const { job } = await store.create(newJob({ id: jobId(1) }));
  assert.deepEqual(await store.update(jobId(1), (same) => same), { job, changed: false });
  assert.deepEqual(await store.update(jobId(1), (same) => [same, same]), { job, changed: false });
  assert.deepEqual(await store.update(jobId(1), () => []), { job, changed: false });
  const renamed = await store.update(jobId(1), (old) => ({ ...old, session_id: "s" }));
  assert.deepEqual(renamed, { job: { ...job, session_id: "s" }, changed: true });
  assert.equal(await store.feedHead(), 1);
});

Deno.test("update keeps a feed entry of each job that one change passes through", async () => {
  await using store = await memoryStore();
  await store.create(newJob({ id: jobId(1) }));
  await store.update(jobId(1), launch);
  await store.update(jobId(1), reply);
  const { job } = await store.update(jobId(1), (running) => {
    const ended = end(running);
    return [ended, transition(ended, { type: "next", policy: "suggest", at: NOW })];
  });
  assert.equal(job.turn, 2);
  assert.equal(job.state.status, "pending");
  assert.deepEqual(await countsOf(store), { pending: 1, running: 0, done: 0, error: 0, cancelled: 0 });
  assert.deepEqual((await store.feed(2, { limit: 10 })).entries, [
    { cursor: 3, job_id: jobId(1), turn: 1, status: "done", reason: "completed", at: NOW },
    { cursor: 4, job_id: jobId(1), turn: 2, status: "pending", at: NOW },
  ]);
  // Who waits for the job is not told of an end that another turn follows at once.
  assert.deepEqual(await store.feed(0, { limit: 10, finishedOnly: true }), { entries: [], cursor: 4 });
});

Deno.test("a request key of an update is applied once and remembers the turn it made", async () => {
  await using store = await memoryStore();
  await store.create(newJob({ id: jobId(1) }));
  const first = await store.update(jobId(1), reply, { requestKey: "again" });
  const second = await store.update(jobId(1), reply, { requestKey: "again" });
  assert.deepEqual(second, { job: first.job, changed: false });
  assert.deepEqual(first.job.queue, [2]);
  assert.deepEqual(await store.keyed("again"), { jobId: jobId(1), turn: 2 });
});

Deno.test("update hands on what the change throws, and says when there is no such job", async () => {
  await using store = await memoryStore();
  const { job } = await store.create(newJob({ id: jobId(1) }));
  await assert.rejects(store.update(jobId(1), end), (error) => isAgentAsyncError(error, "conflict"));
  await assert.rejects(store.update(jobId(2), end), (error) => isAgentAsyncError(error, "not_found"));
  const fixed = { id: jobId(2), number: 2, cwd: "/other", parent: jobId(2), request_key: "other" };
  for (const [field, value] of Object.entries(fixed)) {
    const altering = store.update(jobId(1), (old) => ({ ...old, [field]: value }));
    await assert.rejects(altering, new RegExp(`altered its ${field}`));
  }
  assert.deepEqual(await store.get(jobId(1)), job);
});

Deno.test("a summary of a finished job is news, but no second end", async () => {
  await using store = await memoryStore();
  await store.create(newJob({ id: jobId(1) }));
  await store.update(jobId(1), (job) => end(launch(job)));
  await store.update(jobId(1), (job) => transition(job, { type: "summarize", summary: "Fixed." }));
  const all = await store.feed(1, { limit: 10 });
  assert.deepEqual(all.entries.map((entry) => [entry.cursor, entry.status, entry.summary]), [
    [2, "done", undefined],
    [3, "done", "Fixed."],
  ]);
  assert.deepEqual(
    (await store.feed(0, { limit: 10, finishedOnly: true })).entries.map((entry) => entry.cursor),
    [2],
  );
});

Deno.test("a cursor that another store has given out is told of everything", async () => {
  await using store = await memoryStore();
  await store.create(newJob({ id: jobId(1) }));
  await store.create(newJob({ id: jobId(2) }));
  const page = await store.feed(1_767_225_600_000, { limit: 10 });
  assert.deepEqual([page.entries.map((entry) => entry.cursor), page.cursor], [[1, 2], 2]);
});

Deno.test("texts for people are cut between characters", () => {
  for (const text of ["😀".repeat(5_000), `x${"😀".repeat(5_000)}`]) {
    assert.ok(cut(text).isWellFormed());
    assert.ok(cut(text).length >= 3_999 && cut(text).length <= 4_000);
  }
});

Deno.test("texts for people are cut in the record, and say so", async () => {
  await using store = await memoryStore();
  await store.create(newJob({ id: jobId(1) }));
  const long = "é".repeat(50_000);
  const { job } = await store.update(jobId(1), (old) => {
    const verdict = {
      status: "error",
      reason: "agent_error",
      error: long,
      hint: long,
      retry_at: null,
    } as const;
    return { ...transition(old, { type: "drop", verdict, at: NOW }), summary: long };
  });
  assert.deepEqual(await store.get(jobId(1)), job);
  for (
    const text of [job.summary, ...(job.state.status === "error" ? [job.state.error, job.state.hint] : [])]
  ) {
    assert.equal(text?.length, 4_000);
    assert.match(text ?? "", /é \.\.\. \(cut, 50000 characters\)$/);
  }
});

Deno.test("a record that is too long is refused by the name of its longest field, and nothing is written", async () => {
  await using store = await memoryStore();
  const cwd = `/${"d".repeat(70_000)}`;
  await assert.rejects(store.create(newJob({ id: jobId(1), cwd })), (error) => {
    return isAgentAsyncError(error, "invalid_argument") && /^cwd: .*65536/.test(error.message);
  });
  const fits = newJob({ id: jobId(2), cwd: `/${"d".repeat(60_000)}` });
  assert.deepEqual(await store.get((await store.create(fits)).job.id), { ...fits, number: 1 });
  await assert.rejects(
    store.update(jobId(2), (job) => ({ ...job, session_id: "s".repeat(60_000) })),
    (error) => isAgentAsyncError(error, "invalid_argument"),
  );
  assert.equal(await store.feedHead(), 1);
});

Deno.test("remove takes indexes, counters, keys and feed entries along, and leaves unfinished jobs alone", async () => {
  await using store = await memoryStore();
  await store.create(newJob({ id: jobId(1), request_key: "one" }));
  await store.create(newJob({ id: jobId(2), parent: jobId(1) }));
  const { job: kept } = await store.create(newJob({ id: jobId(3) }));
  await store.update(jobId(1), reply, { requestKey: "two" });
  for (const id of [jobId(1), jobId(2)]) await store.update(id, (job) => end(launch(job)));
  assert.deepEqual(await store.remove([jobId(1), jobId(2), jobId(3), jobId(4), jobId(1)]), [
    jobId(1),
    jobId(2),
  ]);
  assert.deepEqual(await store.list({ limit: 10 }), { jobs: [kept], total: 1 });
  assert.deepEqual(await store.list({ limit: 10, status: "done" }), { jobs: [], total: 0 });
  assert.deepEqual(await store.childrenOf(jobId(1)), []);
  assert.deepEqual([await store.keyed("one"), await store.keyed("two")], [null, null]);
  assert.deepEqual(await store.feed(0, { limit: 10 }), {
    entries: [{ cursor: 3, job_id: jobId(3), turn: 1, status: "pending", at: NOW }],
    cursor: 5,
  });
  assert.deepEqual(await store.feed(0, { limit: 10, finishedOnly: true }), { entries: [], cursor: 5 });
  assert.equal((await store.create(newJob({ id: jobId(1), request_key: "one" }))).job.number, 4);
});

Deno.test("a job with a history of thousands of feed entries is removed whole", async () => {
  await using store = await memoryStore();
  await store.create(newJob({ id: jobId(1) }));
  for (let round = 0; round < 10; round += 1) {
    await store.update(jobId(1), (job) => {
      return Array.from({ length: 100 }, (_, step) => ({ ...job, summary: `${round} ${step}` }));
    });
  }
  await store.update(jobId(1), (job) => end(launch(job)));
  assert.equal(await store.feedHead(), 1_002);
  assert.deepEqual(await store.remove([jobId(1)]), [jobId(1)]);
  assert.deepEqual(await store.feed(0, { limit: 10 }), { entries: [], cursor: 1_002 });
  assert.deepEqual(await store.list({ limit: 1 }), { jobs: [], total: 0 });
});

Deno.test("nothing of removed jobs is left in the file but counters of statuses and agents", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/queue.db`;
  {
    await using store = (await openAt(path)).store;
    const ids = Array.from({ length: 25 }, (_, index) => jobId(index + 1));
    for (const [index, id] of ids.entries()) {
      await store.create(newJob({ id, cwd: `/tmp/${index % 3}`, request_key: id, parent: ids[0] ?? null }));
      await store.update(id, reply, { requestKey: `again ${id}` });
      await store.update(id, (job) => [launch(job), end(launch(job))]);
    }
    await store.remove(ids.slice(0, 5));
    assert.equal((await store.list({ limit: 5, cwd: "/tmp/1" })).total, 6);
    assert.equal((await store.remove(ids)).length, 20);
  }
  using kv = await Deno.openKv(path);
  const left = (await gathered(kv.list({ prefix: [] }))).map((entry) => entry.key);
  assert.deepEqual(left.filter((key) => key[0] !== "count"), [["feed_head"], ["last_number"], ["schema"]]);
  const counters = left.filter((key) => key[0] === "count");
  assert.ok(counters.every((key) => key[1] === ""), "none of a directory");
  assert.equal(counters.length, 6);
});

Deno.test("questions that open and are settled are in the feed, but not those that end with their turn", async () => {
  await using store = await memoryStore();
  await store.create(newJob({ id: jobId(1) }));
  await store.update(jobId(1), launch);
  const ask = (...ids: string[]) =>
    store.update(jobId(1), (job) =>
      transition(job, {
        type: "ask",
        questions: ids.map((id) => ({ question_id: id, kind: "text", title: "Which?", asked_at: NOW })),
        at: NOW,
      }));
  await ask("1-a", "1-b");
  await ask("1-a", "1-b");
  await ask("1-b", "1-c");
  await store.update(jobId(1), end);
  const { entries } = await store.feed(2, { limit: 10 });
  assert.deepEqual(entries.map(({ status, asked, settled }) => ({ status, asked, settled })), [
    { status: "running", asked: ["1-a", "1-b"], settled: undefined },
    { status: "running", asked: ["1-c"], settled: ["1-a"] },
    { status: "done", asked: undefined, settled: undefined },
  ]);
});
