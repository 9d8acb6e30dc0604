/**
 * Opening a store: sound, absent, newer, and out of reach.
 *
 * @module
 */
import assert from "node:assert/strict";
import { isAgentAsyncError } from "../../src/domain/errors.ts";
import { inspectDatabase } from "../../src/store/database/database_file.ts";
import { openStore } from "../../src/store/database/open_store.ts";
import { silentLog } from "../../src/system/log.ts";
import { CANNOT_HEED_MODES, UNDER_MODES } from "../support/file_modes.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { jobId, newJob } from "../support/new_job.ts";
import { NOT_LINUX, testUnless } from "../support/skippable.ts";
import { assertRebuilt, makeDatabase, names, RECORDS } from "./rebuilt_store.ts";
import { fixedClock, gathered, NOW, openAt, recordsOf, temporaryDirectory } from "./test_store.ts";

const OPENER = fromFileUrl(new URL("../fixtures/store_opener.ts", import.meta.url));

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
  using directory = temporaryDirectory();
  const { store } = await openAt(`${directory.path}/queue.db`, [...records, {
    ...records[0]!,
    agent: "twice",
  }]);
  await using closing = store;
  const { jobs, total } = await closing.list({ limit: 10 });
  assert.deepEqual(jobs.map((job) => [job.id, job.number]), [[jobId(3), 3], [jobId(2), 2], [jobId(1), 1]]);
  assert.equal(total, 3);
});

Deno.test("a record that is no job is passed over and told, the others are kept", async () => {
  const told: unknown[] = [];
  using directory = temporaryDirectory();
  const { store } = await openStore({
    path: `${directory.path}/queue.db`,
    clock: fixedClock,
    log: { ...silentLog, error: (message, fields) => told.push([message, fields?.job]) },
    records: recordsOf([...RECORDS, { ...RECORDS[0]!, id: jobId(7), turn: 0 }]),
  });
  await using closing = store;
  assert.equal((await closing.list({ limit: 10 })).total, 3);
  assert.deepEqual(told.slice(0, -1), [["a job record cannot be used", jobId(7)]]);
});

Deno.test("a rebuild that fails is no store: the next open rebuilds", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/queue.db`;
  Deno.writeTextFileSync(path, "garbage");
  const failing = {
    ...recordsOf(RECORDS),
    read: () => {
      throw new Error("the directory cannot be read");
    },
  };
  await assert.rejects(
    openStore({ path, clock: fixedClock, log: silentLog, records: failing }),
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
    return isAgentAsyncError(error, "store_newer") && /version 99.*up to version \d+$/.test(error.message) &&
      error.hint !== undefined;
  });
  assert.deepEqual(Deno.readFileSync(path), before);
  assert.deepEqual(names(directory.path).filter((name) => name.includes("damaged")), []);
});

// /proc refuses new files to everybody, the superuser included.
testUnless(NOT_LINUX, "a path that cannot be written is told, and nothing is moved", async () => {
  for (const path of ["/proc/queue.db", "/proc/agent-async/queue.db"]) {
    await assert.rejects(openAt(path), (error) => {
      return isAgentAsyncError(error, "disk_fault") &&
        error.message.startsWith(`Cannot open the store ${path}: `) &&
        error.hint === "Check the owner, the mode and the mount of the state directory.";
    });
  }
});

for (const suffix of ["", "-wal", "-shm"]) {
  for (const mode of [0o000, 0o400]) {
    const what = `queue.db${suffix} with mode ${mode.toString(8)}`;
    testUnless(CANNOT_HEED_MODES, `a store gets its modes back and is written: ${what}`, async () => {
      using directory = temporaryDirectory();
      const path = `${directory.path}/queue.db`;
      await makeDatabase(path);
      // What a daemon that was killed leaves beside it.
      for (const name of [`${path}-wal`, `${path}-shm`]) {
        if (name.endsWith(suffix)) Deno.writeTextFileSync(name, "");
      }
      Deno.chmodSync(path + suffix, mode);
      // In a process of its own: this one may be the superuser's, who may do everything.
      const [command = "", ...args] = [
        ...UNDER_MODES,
        Deno.execPath(),
        "run",
        "-A",
        "--no-check",
        OPENER,
        path,
      ];
      const { stdout } = await new Deno.Command(command, { args, stdin: "null", stderr: "inherit" }).output();
      assert.equal(new TextDecoder().decode(stdout), "opened and written\n");
      assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
      assert.deepEqual(names(directory.path).filter((name) => name.includes("damaged")), []);
    });
  }
}

Deno.test("a moment in which the database can only be read passes; one that stays is told at the opening", async () => {
  const { set } = Deno.Kv.prototype;
  for (const times of [1, 2, Infinity]) {
    using directory = temporaryDirectory();
    const path = `${directory.path}/queue.db`;
    await makeDatabase(path);
    let refused = 0;
    Deno.Kv.prototype.set = function (key, value) {
      if (refused >= times) return set.call(this, key, value);
      refused += 1;
      return Promise.reject(new TypeError("Can not write to a read-only database."));
    };
    try {
      if (times === Infinity) {
        await assert.rejects(openAt(path), {
          code: "disk_fault",
          message: /the file system .* read-only \(EROFS\)/,
        });
      } else {
        const { store } = await openAt(path);
        await store.create(newJob({ id: jobId(9_000) }));
        await store[Symbol.asyncDispose]();
      }
    } finally {
      Deno.Kv.prototype.set = set;
    }
    assert.equal(refused, Math.min(times, 3));
  }
});

Deno.test("a store that refuses writes although its file takes them is told to be opened again", async () => {
  using directory = temporaryDirectory();
  let stale = 0;
  const { store } = await openStore({
    path: `${directory.path}/queue.db`,
    clock: fixedClock,
    log: silentLog,
    records: recordsOf([]),
    onStale: () => stale++,
  });
  await using closing = store;
  const { commit } = Deno.AtomicOperation.prototype;
  Deno.AtomicOperation.prototype.commit = () =>
    Promise.reject(new TypeError("Can not write to a read-only database."));
  try {
    await assert.rejects(closing.create(newJob({ id: jobId(1) })), { code: "disk_fault" });
  } finally {
    Deno.AtomicOperation.prototype.commit = commit;
  }
  assert.equal(stale, 1);
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
