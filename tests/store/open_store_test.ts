/**
 * Opening a store: sound, absent, damaged in every way that was seen, newer, and out of reach.
 *
 * @module
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { isAgentAsyncError } from "../../src/domain/errors.ts";
import type { Job } from "../../src/domain/job.ts";
import { inspectDatabase } from "../../src/store/database_file.ts";
import { storeFailure } from "../../src/store/failure.ts";
import type { JobStore } from "../../src/store/job_store.ts";
import { openStore } from "../../src/store/open_store.ts";
import { silentLog } from "../../src/system/log.ts";
import { jobId, newJob } from "../support/new_job.ts";
import { fixedClock, gathered, jobsOf, NOW, openAt, temporaryDirectory } from "./test_store.ts";

const MOVED = "queue.db.damaged-2026-01-01T00-00-00.000Z";

/** What a job directory could tell: several states, one request key, one child. */
const RECORDS: readonly Job[] = [
  { ...newJob({ id: jobId(1), request_key: "one" }), number: 1, state: finished("done", NOW + 3) },
  {
    ...newJob({ id: jobId(2), parent: jobId(1), depth: 2 }),
    number: 2,
    state: finished("cancelled", NOW + 2),
  },
  { ...newJob({ id: jobId(4), cwd: "/tmp/other" }), number: 4 },
];

function finished(status: "done" | "cancelled", at: number): Job["state"] {
  return status === "done"
    ? { status, reason: "completed", finished_at: at, exit_code: 0 }
    : { status, reason: "cancelled", finished_at: at, exit_code: null };
}

/** Enough jobs for inner pages. */
async function makeDatabase(path: string): Promise<void> {
  const { store } = await openAt(path);
  for (let n = 1; n <= 300; n += 1) await store.create(newJob({ id: jobId(n) }));
  await store[Symbol.asyncDispose]();
}

async function assertRebuilt(store: JobStore): Promise<void> {
  const [first, second, fourth] = RECORDS;
  assert.deepEqual(await store.list({ limit: 10 }), { jobs: [fourth, second, first], total: 3 });
  assert.deepEqual(await store.list({ limit: 10, cwd: "/tmp/other" }), { jobs: [fourth], total: 1 });
  assert.deepEqual(await store.counts(), { pending: 1, running: 0, done: 1, error: 0, cancelled: 1 });
  assert.deepEqual(await store.childrenOf(jobId(1)), [second]);
  assert.deepEqual(await store.keyed("one"), { jobId: jobId(1), turn: 1 });
  assert.deepEqual(
    (await store.feed(4_711, { limit: 10, finishedOnly: true })).entries.map((entry) => entry.job_id),
    [jobId(2), jobId(1)],
    "a reader of the lost feed is told again, in order of the ends",
  );
  assert.equal((await store.create(newJob({ id: jobId(9) }))).job.number, 5);
}

function names(directory: string): string[] {
  return [...Deno.readDirSync(directory)].map((entry) => entry.name).sort();
}

Deno.test("a new store is empty, private, and whole after it was closed and opened again", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/state/queue.db`;
  const opened = await openAt(path);
  assert.equal(opened.recovered, null);
  const { job } = await opened.store.create(newJob({ id: jobId(1) }));
  for (const suffix of ["", "-wal", "-shm"]) {
    assert.equal((Deno.statSync(path + suffix).mode ?? 0) & 0o777, 0o600, suffix);
  }
  await opened.store[Symbol.asyncDispose]();
  await opened.store[Symbol.asyncDispose]();
  const again = await openAt(path, RECORDS);
  await using store = again.store;
  assert.equal(again.recovered, null);
  assert.deepEqual(await gathered(store.inStatus("pending")), [job]);
});

Deno.test("an absent store is rebuilt from the job directories", async () => {
  using directory = temporaryDirectory();
  const opened = await openAt(`${directory.path}/queue.db`, RECORDS);
  await using store = opened.store;
  assert.deepEqual(opened.recovered, { movedTo: null, jobs: 3 });
  await assertRebuilt(store);
});

Deno.test("records without numbers are numbered in order of their creation", async () => {
  const records = [3, 1, 2].map((n) => ({
    ...newJob({ id: jobId(n), created_at: NOW + n }),
    number: 0,
  }));
  const { store } = await openAt(":memory:", [...records, { ...records[0]!, agent: "twice" }]);
  await using closing = store;
  const { jobs, total } = await closing.list({ limit: 10 });
  assert.deepEqual(jobs.map((job) => [job.id, job.number]), [[jobId(3), 3], [jobId(2), 2], [jobId(1), 1]]);
  assert.equal(total, 3);
});

Deno.test("a record that is no job is passed over and told, the others are kept", async () => {
  const told: unknown[] = [];
  const { store } = await openStore({
    path: ":memory:",
    clock: fixedClock,
    log: { ...silentLog, error: (message, fields) => told.push([message, fields?.job]) },
    rebuild: () => jobsOf([...RECORDS, { ...RECORDS[0]!, id: jobId(7), turn: 0 }]),
  });
  await using closing = store;
  assert.equal((await closing.list({ limit: 10 })).total, 3);
  assert.deepEqual(told, [["a job record cannot be used", jobId(7)]]);
});

const DAMAGES: Record<string, (path: string) => void> = {
  "garbage": (path) => Deno.writeFileSync(path, new Uint8Array(50_000).fill(65)),
  "an empty file": (path) => Deno.truncateSync(path),
  "half of it": (path) => Deno.truncateSync(path, Deno.statSync(path).size / 2),
  "some of its first page": (path) => Deno.truncateSync(path, 60),
  "a zeroed page in the middle": (path) => zeroPage(path, Math.floor(Deno.statSync(path).size / 4096 / 2)),
  "a zeroed first page": (path) => zeroPage(path, 0),
  "zeroes": (path) => Deno.writeFileSync(path, new Uint8Array(65_536)),
  "a directory": (path) => {
    Deno.removeSync(path);
    Deno.mkdirSync(`${path}/inside`, { recursive: true });
  },
  "another program's database": (path) => {
    Deno.removeSync(path);
    using database = new DatabaseSync(path);
    database.exec("create table t (a); insert into t values (1)");
  },
};

function zeroPage(path: string, page: number): void {
  using file = Deno.openSync(path, { write: true });
  file.seekSync(page * 4096, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array(4096));
}

for (const [what, damage] of Object.entries(DAMAGES)) {
  Deno.test(`a damaged store is moved aside whole and rebuilt: ${what}`, async () => {
    using directory = temporaryDirectory();
    const path = `${directory.path}/queue.db`;
    await makeDatabase(path);
    damage(path);
    const before = Deno.statSync(path).isFile ? Deno.readFileSync(path) : null;
    const opened = await openAt(path, RECORDS);
    {
      await using store = opened.store;
      assert.deepEqual(opened.recovered, { movedTo: `${directory.path}/${MOVED}`, jobs: 3 });
      await assertRebuilt(store);
    }
    if (before !== null) assert.deepEqual(Deno.readFileSync(`${directory.path}/${MOVED}`), before);
    const again = await openAt(path);
    await using store = again.store;
    assert.equal(again.recovered, null);
    assert.equal((await store.list({ limit: 1 })).total, 4);
  });
}

Deno.test("a damaged store goes with its journal, and a second one does not take the name of the first", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/queue.db`;
  for (const text of ["first", "second"]) {
    for (const suffix of ["", "-wal", "-shm"]) Deno.writeTextFileSync(path + suffix, `${text}${suffix}`);
    const { store } = await openAt(path, RECORDS);
    await store[Symbol.asyncDispose]();
    Deno.removeSync(path);
  }
  assert.deepEqual(names(directory.path).filter((name) => !name.endsWith(".clean")), [
    MOVED,
    `${MOVED}-2`,
    `${MOVED}-2-shm`,
    `${MOVED}-2-wal`,
    `${MOVED}-shm`,
    `${MOVED}-wal`,
  ]);
  assert.equal(Deno.readTextFileSync(`${directory.path}/${MOVED}-2-wal`), "second-wal");
});

Deno.test("a journal without its database never gets into the new one", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/queue.db`;
  const { store } = await openAt(path);
  await store.create(newJob({ id: jobId(8) }));
  Deno.copyFileSync(`${path}-wal`, `${directory.path}/old-wal`);
  await store[Symbol.asyncDispose]();
  Deno.removeSync(path);
  Deno.renameSync(`${directory.path}/old-wal`, `${path}-wal`);
  const opened = await openAt(path, RECORDS);
  await using rebuilt = opened.store;
  assert.deepEqual(opened.recovered, { movedTo: `${directory.path}/${MOVED}`, jobs: 3 });
  await assertRebuilt(rebuilt);
});

Deno.test("a rebuild that fails is no store: the next open rebuilds", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/queue.db`;
  Deno.writeTextFileSync(path, "garbage");
  async function* failing(): AsyncGenerator<Job> {
    yield* jobsOf(RECORDS.slice(0, 1));
    throw new Error("the directory cannot be read");
  }
  await assert.rejects(
    openStore({ path, clock: fixedClock, log: silentLog, rebuild: failing }),
    /the directory cannot be read/,
  );
  assert.equal(inspectDatabase(path).kind, "absent");
  const opened = await openAt(path, RECORDS);
  await using store = opened.store;
  assert.deepEqual(opened.recovered, { movedTo: null, jobs: 3 });
  await assertRebuilt(store);
});

Deno.test("a newer store is refused and left byte for byte", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/queue.db`;
  await makeDatabase(path);
  const kv = await Deno.openKv(path);
  await kv.set(["schema"], new Deno.KvU64(99n));
  kv.close();
  const before = Deno.readFileSync(path);
  await assert.rejects(openAt(path, RECORDS), (error) => {
    return isAgentAsyncError(error, "store_newer") && /version 99.*up to version 1$/.test(error.message) &&
      error.hint !== undefined;
  });
  assert.deepEqual(Deno.readFileSync(path), before);
  assert.deepEqual(names(directory.path).filter((name) => name.includes("damaged")), []);
});

Deno.test("a path that cannot be written is told, and nothing is moved", {
  // /proc refuses new files to everybody, the superuser included.
  ignore: Deno.build.os !== "linux",
}, async () => {
  for (const path of ["/proc/queue.db", "/proc/agent-async/queue.db"]) {
    await assert.rejects(openAt(path), (error) => {
      return isAgentAsyncError(error, "internal") &&
        error.message.startsWith(`Cannot open the store ${path}: `) &&
        error.hint === "Check the owner, the mode and the mount of the state directory.";
    });
  }
});

Deno.test("a store that may not be read is told, and never moved aside", {
  ignore: Deno.build.os === "windows" || Deno.uid() === 0,
}, async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/queue.db`;
  await makeDatabase(path);
  Deno.chmodSync(path, 0o000);
  await assert.rejects(openAt(path, RECORDS), (error) => isAgentAsyncError(error, "internal"));
  assert.deepEqual(names(directory.path).filter((name) => name.includes("damaged")), []);
});

Deno.test("failures of the disk are told apart from damage", () => {
  const codes = [
    "database or disk is full",
    "No space left on device (os error 28)",
    "database disk image is malformed",
    "malformed database schema (?)",
    "attempt to write a readonly database",
    "Read-only file system (os error 30)",
    "database is locked",
    "disk I/O error",
  ].map((text) => {
    const failure = storeFailure(new TypeError(text), "change the job");
    return isAgentAsyncError(failure) && failure.message.startsWith("Cannot change the job: ")
      ? failure.code
      : null;
  });
  assert.deepEqual(codes, [
    "disk_full",
    "disk_full",
    "store_damaged",
    "store_damaged",
    "internal",
    "internal",
    "internal",
    "internal",
  ]);
  const bug = new TypeError("undefined is not a function");
  assert.equal(storeFailure(bug, "change the job"), bug);
});

Deno.test("a large database that was closed well is not read whole; one that was not is", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/queue.db`;
  const largeFrom = 4096;
  await makeDatabase(path);
  const page = Math.floor(Deno.statSync(path).size / 4096 / 2);
  const time = Deno.statSync(path).mtime ?? new Date();
  zeroPage(path, page);
  assert.equal(inspectDatabase(path, largeFrom).kind, "damaged", "touched since it was closed");
  Deno.utimeSync(path, time, time);
  assert.equal(inspectDatabase(path, largeFrom).kind, "sound", "as it was closed: trusted");
  assert.equal(inspectDatabase(path).kind, "damaged", "small: always checked");
});

Deno.test("damage that shows only when a record is read is told, and repaired at the next start", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/queue.db`;
  await makeDatabase(path);
  {
    using database = new DatabaseSync(path);
    database.exec("update kv set v = x'7b226964' where length(v) > 300");
  }
  const first = await openAt(path, RECORDS);
  {
    await using store = first.store;
    assert.equal(first.recovered, null);
    await assert.rejects(store.list({ limit: 1 }), (error) => isAgentAsyncError(error, "store_damaged"));
    await assert.rejects(
      gathered(store.inStatus("pending")),
      (error) => isAgentAsyncError(error, "store_damaged"),
    );
  }
  const second = await openAt(path, RECORDS);
  await using store = second.store;
  assert.deepEqual(second.recovered, { movedTo: `${directory.path}/${MOVED}`, jobs: 3 });
  await assertRebuilt(store);
});

Deno.test("no value is in V8's own serialisation, which an older runtime could not read", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/queue.db`;
  const { store } = await openAt(path, RECORDS);
  await store.create(newJob({ id: jobId(9), request_key: "nine" }));
  await store[Symbol.asyncDispose]();
  using kv = await Deno.openKv(path);
  const others = (await gathered(kv.list({ prefix: [] }))).filter(({ value }) => {
    return !(value instanceof Uint8Array || value instanceof Deno.KvU64);
  });
  assert.deepEqual(others, []);
});

Deno.test("the mark of a good end is gone while the store is open", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/queue.db`;
  await makeDatabase(path);
  assert.ok(names(directory.path).includes("queue.db.clean"));
  const { store } = await openAt(path);
  await using closing = store;
  assert.ok(!names(directory.path).includes("queue.db.clean"));
  await closing.feedHead();
});
