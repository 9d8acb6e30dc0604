/** Finished jobs are removed by age and by size; nothing else is. */
import assert from "node:assert/strict";
import { measuredNow } from "../../src/scheduler/upkeep/retention.ts";
import { LocalHarness } from "../support/local_harness.ts";

const DAY_MS = 86_400_000;

Deno.test("prune removes what has ended longer ago, and nothing that is active or needed", async () => {
  await using harness = await LocalHarness.start({ limits: { total: 2 } });
  const place = (name: string) => ({ cwd: harness.state.workspace(name) });
  const old = await harness.run("say old", place("a"));
  const needed = await harness.run("say needed", place("b"));
  await harness.ended(old.job_id);
  await harness.ended(needed.job_id);
  const running = await harness.run("wait go", place("c"));
  const waits = await harness.run("say after", { ...place("d"), after: [needed.job_id, running.job_id] });
  harness.clockAhead = 8 * DAY_MS;
  const dry = await harness.service.prune({ older_than_days: 7, dry_run: true });
  assert.deepEqual({ jobs: dry.jobs, dry_run: dry.dry_run }, { jobs: [old.job_id], dry_run: true });
  assert.ok(dry.bytes > 0);
  assert.equal((await harness.service.list({})).total, 4);

  assert.deepEqual((await harness.service.prune({ older_than_days: 7 })).jobs, [old.job_id]);
  await assert.rejects(harness.service.poll({ job_id: old.job_id }), { code: "not_found" });
  assert.throws(() => Deno.statSync(`${harness.state.home}/jobs/${old.job_id}`), Deno.errors.NotFound);
  Deno.writeTextFileSync(`${harness.state.workspace("c")}/go`, "");
  assert.equal((await harness.ended(waits.job_id)).status, "done");
});

Deno.test("retention that nobody asked for believes no clock that was set ahead while the daemon lives", () => {
  const clock = {
    ahead: 0,
    passed: 0,
    now: () => Date.now() + clock.ahead + clock.passed,
    steady: () => clock.passed,
  };
  const now = measuredNow(clock);
  clock.ahead = 400 * DAY_MS;
  assert.ok(now() <= Date.now(), "set ahead");
  clock.ahead = -3 * DAY_MS;
  assert.ok(now() < Date.now() - 2 * DAY_MS, "set back: kept for longer");
  clock.ahead = 0;
  clock.passed = 5 * DAY_MS;
  assert.ok(now() > Date.now() + 4 * DAY_MS, "days that have passed count");
});

Deno.test("prune without an age keeps to the configured size, the oldest going first", async () => {
  await using harness = await LocalHarness.start({ retention: { bytes: 1_048_576 } });
  const ids: string[] = [];
  for (let n = 0; n < 3; n++) {
    const { job_id } = await harness.run("flood 120000\nsay done");
    await harness.ended(job_id);
    ids.push(job_id);
  }
  assert.deepEqual((await harness.service.prune({})).jobs, ids.slice(0, 1));
  assert.equal((await harness.ended(ids[2] ?? "")).status, "done");
});

Deno.test("a job is as old as its last end, whichever daemon has seen it", async () => {
  await using harness = await LocalHarness.start();
  const prune = async () => (await harness.service.prune({ older_than_days: 7 })).jobs;
  const early = await harness.run("say early");
  await harness.ended(early.job_id);
  const twice = await harness.run("say once");
  await harness.ended(twice.job_id);
  harness.clockAhead = 8 * DAY_MS;
  await harness.reply(twice.job_id, "say again\nwait go");
  assert.deepEqual(await prune(), [early.job_id]);
  Deno.writeTextFileSync(`${harness.state.cwd}/go`, "");
  await harness.ended(twice.job_id);
  assert.deepEqual(await prune(), []);
  await harness.restart(() => harness.clockAhead = 16 * DAY_MS);
  assert.deepEqual(await prune(), [twice.job_id]);
  assert.deepEqual(await prune(), []);
  assert.deepEqual([...Deno.readDirSync(`${harness.state.home}/jobs`)], []);
});

Deno.test("rounds at once remove a job once, and say so once", async () => {
  await using harness = await LocalHarness.start();
  const ids: string[] = [];
  for (let n = 0; n < 12; n++) {
    const { job_id } = await harness.run("say x");
    await harness.ended(job_id);
    ids.push(job_id);
  }
  harness.clockAhead = DAY_MS;
  const rounds = await Promise.all([1, 2, 3].map(() => harness.service.prune({ older_than_days: 0.5 })));
  assert.deepEqual(rounds.flatMap(({ jobs }) => jobs), ids);
});
