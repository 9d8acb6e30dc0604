/**
 * A damaged database: noticed in every way that was seen, moved aside whole, rebuilt; what is no damage is left alone.
 *
 * @module
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { isAgentAsyncError } from "../../src/domain/errors.ts";
import { inspectDatabase } from "../../src/store/database/database_file.ts";
import { storeFailure } from "../../src/store/database/failure.ts";
import { jobId, newJob } from "../support/new_job.ts";
import { assertRebuilt, makeDatabase, MOVED, names, RECORDS } from "./rebuilt_store.ts";
import { gathered, openAt, temporaryDirectory } from "./test_store.ts";

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
  assert.deepEqual(names(directory.path).filter((name) => !/\.(clean|recovered)$/.test(name)), [
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
    "disk_fault",
    "disk_fault",
    "internal",
    "disk_fault",
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
  // A kernel's clock for files steps by some ms: a change within one of them has the time of the one before.
  const later = new Date(time.getTime() + 10);
  Deno.utimeSync(path, later, later);
  assert.equal(inspectDatabase(path, largeFrom).kind, "damaged", "touched since it was closed");
  Deno.utimeSync(path, time, time);
  assert.equal(inspectDatabase(path, largeFrom).kind, "sound", "as it was closed: trusted");
  assert.equal(inspectDatabase(path).kind, "damaged", "small: always checked");
});

Deno.test("damage that shows only when a record is read is told, and repaired at the next start", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/queue.db`;
  await makeDatabase(path);
  const time = Deno.statSync(path).mtime ?? new Date();
  {
    using database = new DatabaseSync(path);
    database.exec("update kv set v = x'7b226964' where length(v) > 300");
  }
  // As it was closed, so that nobody looks before the first read.
  Deno.utimeSync(path, time, time);
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
  {
    await using store = second.store;
    assert.deepEqual(second.recovered, { movedTo: `${directory.path}/${MOVED}`, jobs: 3 });
    await assertRebuilt(store);
  }
  const third = await openAt(path, RECORDS);
  await using _store = third.store;
  assert.equal(third.recovered, null);
});

Deno.test("unreadable records that are found after an unclean end are repaired at once", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/queue.db`;
  await makeDatabase(path);
  {
    using database = new DatabaseSync(path);
    database.exec("update kv set v = x'7b226964' where length(v) > 300");
  }
  const { store, recovered } = await openAt(path, RECORDS);
  await using closing = store;
  assert.deepEqual(recovered, { movedTo: `${directory.path}/${MOVED}`, jobs: 3 });
  await assertRebuilt(closing);
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
