/**
 * From one version of the layout to the next: in order, again after a crash, never backwards.
 *
 * @module
 */
import assert from "node:assert/strict";
import { isAgentAsyncError } from "../../src/domain/errors.ts";
import {
  migrate,
  type Migration,
  MIGRATIONS,
  readSchemaVersion,
  SCHEMA_VERSION,
  writeSchemaVersion,
} from "../../src/store/database/migrations.ts";
import { silentLog } from "../../src/system/log.ts";

async function memoryKv(version: number): Promise<Deno.Kv & Disposable> {
  const kv = await Deno.openKv(":memory:");
  await writeSchemaVersion(kv, version);
  return kv;
}

/** A step that notes that it ran. */
function noting(to: number, ran: number[]): Migration {
  return { to, run: (kv) => kv.set(["ran", to], ran.push(to)).then(() => undefined) };
}

Deno.test("the list of migrations has no gap and ends at the present version", () => {
  assert.deepEqual(MIGRATIONS.map((migration) => migration.to), MIGRATIONS.map((_, index) => index + 2));
  assert.equal(SCHEMA_VERSION, MIGRATIONS.length + 1);
});

Deno.test("an older store takes every step that it has not had, in order", async () => {
  using kv = await memoryKv(2);
  const ran: number[] = [];
  const migrations = [2, 3, 4].map((to) => noting(to, ran));
  await migrate(kv, silentLog, migrations);
  assert.deepEqual(ran, [3, 4]);
  assert.equal(await readSchemaVersion(kv), 4);
  await migrate(kv, silentLog, migrations);
  assert.deepEqual(ran, [3, 4], "nothing is left to do");
});

Deno.test("a step that fails is taken again from its start, and those before it are not", async () => {
  using kv = await memoryKv(1);
  const ran: number[] = [];
  const broken: Migration = { to: 3, run: () => Promise.reject(new Error("the power failed")) };
  await assert.rejects(migrate(kv, silentLog, [noting(2, ran), broken]), /the power failed/);
  assert.equal(await readSchemaVersion(kv), 2);
  await migrate(kv, silentLog, [noting(2, ran), noting(3, ran)]);
  assert.deepEqual(ran, [2, 3]);
  assert.equal(await readSchemaVersion(kv), 3);
});

Deno.test("a newer store is refused before a step is taken", async () => {
  using kv = await memoryKv(5);
  const ran: number[] = [];
  await assert.rejects(
    migrate(kv, silentLog, [noting(2, ran)]),
    (error) => isAgentAsyncError(error, "store_newer"),
  );
  assert.deepEqual(ran, []);
  assert.equal(await readSchemaVersion(kv), 5);
});
