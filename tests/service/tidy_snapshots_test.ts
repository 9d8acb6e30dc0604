/** Snapshots that no job needs go; what a job on disk needs stays, and nobody who uses the stores is in the way. */
import assert from "node:assert/strict";
import { JobDirectories } from "../../src/kernel/job_directories.ts";
import { placesHome } from "../../src/places/places_home.ts";
import { bytesOf } from "../../src/places/snapshots/tidy_stores.ts";
import { StoreGate } from "../../src/places/store_gate.ts";
import { tidySnapshots } from "../../src/scheduler/upkeep/tidy_snapshots.ts";
import { harnessInRepository } from "../support/repository.ts";

const DAY_MS = 86_400_000;

Deno.test("tidying: what kept jobs changed stays whole, the rest goes; a record that cannot be read keeps everything", async () => {
  await using harness = await harnessInRepository();
  const { home, env, cwd } = harness.state;
  const places = placesHome(home, { env });
  const directories = new JobDirectories(home);
  const tidy = (days: number) =>
    tidySnapshots({
      places,
      directories,
      now: Date.now() + days * DAY_MS,
      signal: new AbortController().signal,
    });
  assert.equal(await tidy(0), false, "no store yet");
  const run = async (prompt: string) => {
    const { job_id } = await harness.run(prompt);
    await harness.ended(job_id);
    return job_id;
  };
  const gone = await run("run head -c 300000 /dev/urandom >noise\nsay done");
  const kept = await run(
    "run echo three >>kept.txt && head -c 1000 /dev/urandom >small && rm noise\nsay done",
  );
  const expected = await harness.service.diff({ job_id: kept });
  const store = () => bytesOf(places.snapshots);
  const before = await store();
  assert.equal(await tidy(0), true);
  assert.equal(await store() >= before, true, "all is young");
  assert.equal(await tidy(0.5), false, "once a day");

  const record = `${home}/jobs/${kept}/turns/1/change.json`;
  const text = Deno.readTextFileSync(record);
  Deno.writeTextFileSync(record, "{");
  await assert.rejects(tidy(7), /Cannot read .*change\.json/);
  Deno.writeTextFileSync(record, text);

  // The job that is kept has deleted the noise: that side stays as well.
  assert.equal(await tidy(7), true);
  assert.deepEqual(await harness.service.diff({ job_id: kept }), expected);
  assert.equal((await harness.service.diff({ job_id: gone })).files.length, 1);
  await harness.service.apply({ job_id: kept, action: "undo" });
  assert.equal(Deno.statSync(`${cwd}/noise`).size, 300_000);

  Deno.removeSync(`${home}/jobs/${kept}`, { recursive: true });
  Deno.removeSync(`${home}/jobs/${gone}`, { recursive: true });
  assert.equal(await tidy(14), true);
  assert.ok(await store() < 10_000, `${await store()} bytes are left`);
});

Deno.test("tidying: not while the stores are used, and broken off for whoever wants to use them", async () => {
  const gate = new StoreGate();
  const using = Promise.withResolvers<void>();
  const user = gate.use(() => using.promise);
  assert.equal(await gate.alone(() => Promise.reject(new Error("was not to be called"))), false);
  using.resolve();
  await user;
  const order: string[] = [];
  const tidying = gate.alone(async (signal) => {
    order.push("tidies");
    const { promise, resolve } = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => resolve(), { once: true });
    if (!signal.aborted) await promise;
    order.push("breaks off");
  });
  assert.equal(await gate.alone(() => Promise.resolve()), false);
  assert.equal(
    await gate.use(() => {
      order.push("uses");
      return Promise.resolve(7);
    }),
    7,
  );
  assert.equal(await tidying, true);
  assert.deepEqual(order, ["tidies", "breaks off", "uses"]);
});
