/**
 * A store whose file was replaced under it, by an old copy or otherwise.
 *
 * @module
 */
import assert from "node:assert/strict";
import { isAgentAsyncError } from "../../src/domain/errors.ts";
import { openStore } from "../../src/store/database/open_store.ts";
import { silentLog } from "../../src/system/log.ts";
import { jobId, newJob } from "../support/new_job.ts";
import { fixedClock, recordsOf, temporaryDirectory } from "./test_store.ts";

async function opened(path: string) {
  const told = { replaced: 0 };
  const { store } = await openStore({
    path,
    clock: fixedClock,
    log: silentLog,
    onReplaced: () => told.replaced++,
    records: recordsOf([]),
  });
  return { store, told };
}

const isHandover = (error: unknown) => isAgentAsyncError(error, "handover");

Deno.test("a store whose file was replaced takes no job that nobody would ever read", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/queue.db`;
  const { store, told } = await opened(path);
  await store.create(newJob({ id: jobId(1) }));
  assert.equal(await store.isReplaced(), false);
  Deno.renameSync(path, `${path}.old`);
  Deno.copyFileSync(`${path}.old`, path);
  await assert.rejects(store.create(newJob({ id: jobId(2) })), isHandover);
  await assert.rejects(store.update(jobId(1), (job) => ({ ...job, summary: "said" })), isHandover);
  assert.equal(await store.isReplaced(), true);
  assert.equal(told.replaced, 1, "told once");
  await store[Symbol.asyncDispose]();
  assert.throws(() => Deno.statSync(`${path}.clean`), Deno.errors.NotFound, "not called closed well");
});

Deno.test("a store that was removed takes no job, and neither does its daemon stay", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/queue.db`;
  const { store, told } = await opened(path);
  Deno.removeSync(path);
  assert.equal(await store.isReplaced(), true);
  assert.equal(told.replaced, 1);
  await store[Symbol.asyncDispose]();
});

Deno.test("older content in the very same file is noticed by its feed, which has become shorter", async () => {
  using directory = temporaryDirectory();
  const path = `${directory.path}/queue.db`;
  const { store, told } = await opened(path);
  await store.create(newJob({ id: jobId(1) }));
  const files = ["", "-wal", "-shm"].map((suffix) => path + suffix);
  const old = files.map((file) => Deno.readFileSync(file));
  await store.create(newJob({ id: jobId(2) }));
  await store.create(newJob({ id: jobId(3) }));
  assert.equal(await store.isReplaced(), false);
  for (const [n, file] of files.entries()) Deno.writeFileSync(file, old[n] ?? new Uint8Array());
  // What SQLite still has in its memory may be read, until it looks again; or the file is found to be damaged.
  const isNoticed = await store.isReplaced().catch(() => true);
  assert.equal(isNoticed, true);
  assert.ok(told.replaced <= 1);
  await store[Symbol.asyncDispose]().catch(() => {});
});
