/**
 * What the store remembers of its own writes says what the database says.
 *
 * @module
 */
import assert from "node:assert/strict";
import { KvJobStore } from "../../src/store/kv_job_store.ts";
import { Recent } from "../../src/store/recent.ts";
import { jobId, newJob } from "../support/new_job.ts";
import { ask, cancel, end, launch } from "./job_steps.ts";
import { eventually } from "../support/eventually.ts";
import { fixedClock, gathered, openAt, temporaryDirectory } from "./test_store.ts";

Deno.test("pages of the feed are the same out of memory and out of the database", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/queue.db`;
  const { store } = await openAt(path);
  await using writing = store;
  for (let n = 1; n <= 300; n++) {
    await writing.create(newJob({ id: jobId(n) }));
    await writing.update(jobId(n), launch);
    if (n % 5 === 0) await writing.update(jobId(n), ask);
    await writing.update(jobId(n), n % 3 === 0 ? cancel : end);
  }
  await writing.remove([jobId(299), jobId(300)]);
  await writing.create(newJob({ id: jobId(301) }));
  await using reading = new KvJobStore({ kv: await Deno.openKv(path), clock: fixedClock });
  const head = await reading.feedHead();
  assert.equal(await writing.feedHead(), head);
  for (
    const cursor of [0, 1, 400, head - 513, head - 512, head - 500, 890, 897, 899, head - 1, head, head + 5]
  ) {
    for (const limit of [1, 7, 500]) {
      for (const finishedOnly of [false, true]) {
        for (const withQuestions of [false, true]) {
          const options = { limit, finishedOnly, withQuestions };
          assert.deepEqual(
            await writing.feed(cursor, options),
            await reading.feed(cursor, options),
            `after ${cursor}, ${JSON.stringify(options)}`,
          );
        }
      }
    }
  }
  for (const n of [1, 44, 45, 299, 300, 301]) {
    assert.deepEqual(await writing.get(jobId(n)), await reading.get(jobId(n)));
  }
});

Deno.test("memory keeps the jobs that were written last, and not all there are", () => {
  const recent = new Recent();
  const head = { value: 0, versionstamp: "1" };
  for (let n = 1; n <= 1_000; n++) {
    const job = { ...newJob({ id: jobId(n) }), number: n };
    recent.committed({ job, versionstamp: "1", head, news: [] });
  }
  assert.deepEqual([1, 500, 999, 1_000].map((n) => recent.job(jobId(n))?.value.number), [
    undefined,
    undefined,
    999,
    1_000,
  ]);
});

Deno.test("a commit that another writer forestalled is made again on what is there", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/queue.db`;
  const { store } = await openAt(path);
  await using ours = store;
  await using other = new KvJobStore({ kv: await Deno.openKv(path), clock: fixedClock });
  await ours.create(newJob({ id: jobId(1), request_key: "one" }));
  await other.update(jobId(1), (job) => ({ ...job, priority: 7 }));
  await other.create(newJob({ id: jobId(2), request_key: "two" }));
  const { job } = await ours.update(jobId(1), (job) => ({ ...job, priority: job.priority + 1 }));
  assert.equal(job.priority, 8);
  assert.equal((await ours.create(newJob({ id: jobId(3), request_key: "two" }))).job.id, jobId(2));
  await assert.rejects(ours.create(newJob({ id: jobId(2) })), { code: "conflict" });
  assert.equal((await ours.create(newJob({ id: jobId(4) }))).job.number, 3);
});

Deno.test("who hears of a commit before it returns reads what it has written", async () => {
  using directory = temporaryDirectory();
  await using slow = await SlowStore.open(directory.path);
  const { store } = slow;
  await store.create(newJob({ id: jobId(1) }));
  const launched = slow.during(() => store.update(jobId(1), launch));
  await eventually(async () => (await gathered(store.inStatus("running"))).length === 1, {
    what: "the commit",
  });
  const statusHeard = (await store.get(jobId(1)))?.state.status;
  const feedHeard = (await store.feed(0, { limit: 10 })).entries.map(({ status }) => status);
  const headHeard = await store.feedHead();
  await launched.end();
  assert.equal(statusHeard, "running");
  assert.deepEqual([feedHeard, headHeard], [["pending", "running"], 2]);
});

Deno.test("whoever is told a head finds what it stands for, though its commit has not returned", async () => {
  using directory = temporaryDirectory();
  await using slow = await SlowStore.open(directory.path);
  const { store, kv } = slow;
  // What is told first is read, not watched.
  kv.watch = () => new ReadableStream();
  await store.create(newJob({ id: jobId(1) }));
  const cursor = await store.feedHead();
  const launched = slow.during(() => store.update(jobId(1), launch));
  await eventually(async () => (await gathered(store.inStatus("running"))).length === 1, {
    what: "the commit",
  });
  const heads = store.watchFeed(new AbortController().signal)[Symbol.asyncIterator]();
  const head: number = (await heads.next()).value;
  const page = await store.feed(cursor, { limit: 10 });
  await launched.end();
  await heads.return?.();
  assert.deepEqual([head, page.cursor, page.entries.length], [cursor + 1, cursor + 1, 1]);
});

Deno.test("whoever sees a job's new state finds it in the feed, though its commit has not returned", async () => {
  using directory = temporaryDirectory();
  await using slow = await SlowStore.open(directory.path);
  const { store, kv } = slow;
  kv.watch = () => new ReadableStream();
  await store.create(newJob({ id: jobId(1) }));
  const cursor = await store.feedHead();
  const launched = slow.during(() => store.update(jobId(1), launch));
  await eventually(async () => (await store.get(jobId(1)))?.state.status === "running", {
    what: "the commit",
  });
  const page = await store.feed(cursor, { limit: 10 });
  const head = await store.feedHead();
  await launched.end();
  assert.deepEqual([page.entries.map(({ status }) => status), head], [["running"], cursor + 1]);
});

/** A store whose commits land at once and return when they are let go. */
class SlowStore implements AsyncDisposable {
  #returns: Promise<void> = Promise.resolve();

  private constructor(readonly kv: Deno.Kv, readonly store: KvJobStore) {
    const atomic = kv.atomic.bind(kv);
    kv.atomic = () => {
      const operation = atomic();
      const commit = operation.commit.bind(operation);
      operation.commit = async () => {
        const result = await commit();
        await this.#returns;
        return result;
      };
      return operation;
    };
  }

  static async open(directory: string): Promise<SlowStore> {
    const path = `${directory}/queue.db`;
    await (await openAt(path)).store[Symbol.asyncDispose]();
    const kv = await Deno.openKv(path);
    return new SlowStore(kv, new KvJobStore({ kv, clock: fixedClock }));
  }

  /** Begins to write; `end` lets the commit return. */
  during(write: () => Promise<unknown>): { end: () => Promise<void> } {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#returns = promise;
    const written = write();
    return {
      end: async () => {
        resolve();
        await written;
      },
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.store[Symbol.asyncDispose]();
  }
}
