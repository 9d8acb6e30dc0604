/** Statistics of real jobs: turns, replies, jobs that never ran, and what was pruned. */
import assert from "node:assert/strict";
import { LocalHarness } from "../support/local_harness.ts";

Deno.test("stats: a reply is a turn of its own, with what it used by itself", async () => {
  await using harness = await LocalHarness.start();
  const { job_id } = await harness.run("run echo hi\nsay one");
  await harness.ended(job_id);
  const before = await harness.service.stats({ days: 1 });
  assert.deepEqual([before.total.jobs, before.total.turns, before.total.usage.total_tokens], [1, 1, 120]);
  await harness.reply(job_id, "say two");
  await harness.ended(job_id);
  const { rows: [row], total } = await harness.service.stats({ by: "directory", days: 1 });
  assert.deepEqual(
    [row?.key, row?.jobs, row?.turns, row?.commands_run, row?.usage.total_tokens],
    [harness.state.cwd, 1, 2, 1, 240],
  );
  assert.ok(total.total_seconds > 0 && (total.longest_seconds ?? 0) < 30);
});

Deno.test("stats: by model as it was asked for where the agent does not tell, by project as the work tree", async () => {
  await using harness = await LocalHarness.start();
  const { cwd } = harness.state;
  Deno.mkdirSync(`${cwd}/.git`);
  Deno.writeTextFileSync(`${cwd}/.git/HEAD`, "ref: refs/heads/main\n");
  for (const name of ["objects", "refs"]) Deno.mkdirSync(`${cwd}/.git/${name}`);
  for (const name of ["a", "b"]) Deno.mkdirSync(`${cwd}/${name}`);
  await harness.ended((await harness.run("say one", { cwd: `${cwd}/a`, model: "m-1" })).job_id);
  await harness.ended((await harness.run("say two", { cwd: `${cwd}/b` })).job_id);
  const keys = async (by: "model" | "project") =>
    (await harness.service.stats({ by, days: 1 })).rows.map(({ key, jobs, turns }) => [key, jobs, turns]);
  assert.deepEqual(await keys("model"), [["m-1", 1, 1], ["not known", 1, 1]]);
  assert.deepEqual(await keys("project"), [[cwd, 2, 2]]);
});

Deno.test("stats: a job cancelled before it ran has no turn; one that still runs is not counted", async () => {
  await using harness = await LocalHarness.start({ limits: { total: 1 } });
  await harness.run("wait never");
  const { job_id } = await harness.run("say late");
  await harness.service.cancel({ job_id });
  const { total, reasons } = await harness.service.stats({ days: 1 });
  assert.deepEqual([total.jobs, total.cancelled, total.turns, reasons], [1, 1, 0, { cancelled: 1 }]);
});

Deno.test("stats: days look back from today, and what is pruned is forgotten", async () => {
  await using harness = await LocalHarness.start();
  await harness.ended((await harness.run("say old")).job_id);
  const jobs = async (days: number) => (await harness.service.stats({ by: "day", days })).total.jobs;
  assert.equal(await jobs(1), 1);
  harness.clockAhead = 8 * 86_400_000;
  assert.deepEqual([await jobs(2), await jobs(30)], [0, 1]);
  await harness.service.prune({ older_than_days: 7 });
  assert.equal(await jobs(30), 0);
});

Deno.test("stats: money by price with the table's name, and how checks went, by agent and model", async () => {
  await using harness = await LocalHarness.start();
  const full = { approval_policy: "full-auto" } as const;
  const priced = { ...full, model: "gpt-4o" };
  await harness.ended((await harness.run("say x", { ...priced, check: "true" })).job_id);
  const mended = "test -f fixed.txt || { echo change fixed.txt; echo say repaired; exit 3; }";
  await harness.ended((await harness.run("say x", { ...priced, check: mended })).job_id);
  await harness.ended((await harness.run("say x", { ...full, check: "exit 1", check_attempts: 1 })).job_id);
  const by = async (key: "agent" | "model" | "project" | "day") =>
    await harness.service.stats({ by: key, days: 1 });
  const { total, rows } = await by("model");
  assert.deepEqual(rows.map(({ key, checks }) => [key, checks]), [
    ["gpt-4o", { first: 1, repaired: 1, never: 0 }],
    ["not known", { first: 0, repaired: 0, never: 1 }],
  ]);
  // Five turns of 100 tokens in and 20 out; three of the model with a price.
  const [gpt, unknown] = rows.map(({ money }) => money);
  assert.match(gpt?.prices ?? "", /^@pydantic\/genai-prices \S+ of \d{4}-\d\d-\d\d$/);
  assert.ok(Math.abs((gpt?.usd ?? 0) - 3 * (100 * 2.5e-6 + 20 * 1e-5)) < 1e-4, JSON.stringify(gpt));
  assert.deepEqual([gpt?.usd, unknown], [gpt?.priced_usd, { usd: null, priced_usd: 0, unknown_turns: 2 }]);
  for (const key of ["agent", "project", "day"] as const) {
    const { rows: [row] } = await by(key);
    assert.deepEqual([row?.money, row?.checks], [total.money, { first: 1, repaired: 1, never: 1 }]);
  }
});
