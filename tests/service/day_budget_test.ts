/** What all jobs may use on a day: through the real service, with an agent that tells what its prompt says. */
import assert from "node:assert/strict";
import { localMidnight } from "../../src/system/local_day.ts";
import { eventually } from "../support/eventually.ts";
import { exists } from "../support/exists.ts";
import { LocalHarness } from "../support/local_harness.ts";

const DAY_MS = 86_400_000;

/** `usd N` in a prompt is what it tells; with `hang` it then goes on for ever, until there is a file `go`. */
const SPENDER = {
  command: "/bin/sh",
  args: [
    "-c",
    `prompt=$(cat); echo '{"type":"begin","id":"s1"}'
usd=$(printf %s "$prompt" | sed -n 's/.*usd \\([^ ]*\\).*/\\1/p')
[ -z "$usd" ] || echo "{\\"type\\":\\"use\\",\\"in\\":100,\\"out\\":20,\\"usd\\":$usd}"
case $prompt in *hang*) until [ -f go ]; do sleep 0.05; done;; esac
later=$(printf %s "$prompt" | sed -n 's/.*later \\([^ ]*\\).*/\\1/p')
[ -z "$later" ] || echo "{\\"type\\":\\"use\\",\\"in\\":100,\\"out\\":20,\\"usd\\":$later}"
echo '{"type":"end"}'`,
    "sh",
    ["--session", "{session_id}"],
  ],
  output: "jsonl",
  version_args: ["-c", "echo 1.0"],
  events: [
    { type: "session", when: { type: "begin" }, text: "id" },
    {
      type: "usage",
      when: { type: "use" },
      input_tokens: "in",
      output_tokens: "out",
      cost_usd: "usd",
      keep: "last",
    },
    { type: "result", when: { type: "end" } },
  ],
};

const config = (dayUsd: number | null) => ({
  agents: { spender: SPENDER, codex: { live: false } },
  budgets: { day_usd: dayUsd },
});

async function withDay(dayUsd: number | null) {
  const harness = await LocalHarness.start(config(dayUsd));
  // Noon, so that the test does not run into midnight.
  harness.clockAhead = localMidnight(Date.now()) + DAY_MS / 2 - Date.now();
  await harness.restart();
  let nth = 0;
  // Each in a directory of its own, so that none waits for another.
  const spend = (prompt: string) => {
    const cwd = harness.state.workspace(`spent-${++nth}`);
    return harness.run(prompt, { agent: "spender", approval_policy: "full-auto", cwd });
  };
  return {
    harness,
    spend,
    ended: async (prompt: string) => await harness.ended((await spend(prompt)).job_id),
    status: async (job_id: string) => (await harness.service.poll({ job_id })).status,
    setDay: (usd: number | null) =>
      Deno.writeTextFileSync(`${harness.state.home}/config.json`, JSON.stringify(config(usd))),
    [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose](),
  };
}

Deno.test("day budget: when it is used up jobs wait, say for what and until when, and go on the next day", async () => {
  await using day = await withDay(1);
  const { harness, spend } = day;
  assert.equal((await day.ended("usd 0.4")).status, "done");
  assert.equal((await day.ended("usd 0.7")).status, "done");
  const { job_id, status, waiting_for = "", message } = await spend("usd 0.1");
  assert.equal(status, "pending");
  const midnight = localMidnight(Date.now() + harness.clockAhead, 1);
  assert.equal(
    waiting_for,
    `the next day, from local midnight (${
      new Date(midnight).toISOString()
    }), or a larger budgets.day_usd in ` +
      "config.json: $1.1000 of $1",
  );
  assert.ok(message.includes(waiting_for), message);
  await harness.restart();
  assert.deepEqual([await day.status(job_id), await day.status((await spend("usd 0.1")).job_id)], [
    "pending",
    "pending",
  ]);
  harness.clockAhead += DAY_MS;
  // The clock was set: a round notices within a minute, or with the next start.
  assert.equal((await day.ended("usd 0.2")).status, "done");
  assert.equal((await harness.ended(job_id)).status, "done");
});

Deno.test("day budget: what is pruned still counts, and so does what ended before there was a budget", async () => {
  await using day = await withDay(null);
  const { harness, spend } = day;
  assert.equal((await day.ended("usd 3")).status, "done");
  day.setDay(2);
  // Jobs that cost nothing: how many start before the file is read again is up to the machine.
  const first = await eventually(async () => {
    const { job_id } = await spend("usd 0");
    const { waiting_for } = await harness.service.poll({ job_id });
    return waiting_for?.includes("$3.0000 of $2") && job_id;
  }, { what: "the budget is heeded" });
  await harness.service.prune({ older_than_days: 0 });
  await harness.restart();
  assert.match((await harness.service.poll({ job_id: first })).waiting_for ?? "", /\$3\.0000 of \$2/);
  // Without its file the day is counted from what is left of its jobs.
  await harness.restart(() => Deno.removeSync(`${harness.state.home}/day_budget.json`));
  await harness.ended(first);
});

Deno.test("day budget: a turn that runs is ended, and its reply goes on when the budget is raised", async () => {
  await using day = await withDay(0.5);
  const { harness } = day;
  const job = await day.ended("usd 0.6 hang");
  assert.deepEqual([job.status, job.reason], ["error", "budget_exceeded"]);
  assert.equal(job.error, "The budget of the day is used up: $0.6000 of $0.5");
  assert.match(job.hint ?? "", /waits until local midnight \(.*\), or until budgets\.day_usd is raised/);
  const { status } = await harness.reply(job.job_id, "usd 0.1");
  assert.equal(status, "pending");
  day.setDay(2);
  const next = await harness.ended(job.job_id);
  assert.deepEqual([next.status, next.turn], ["done", 2]);
});

Deno.test("day budget: a turn that runs over midnight counts on each day what it used on it", async () => {
  await using day = await withDay(1);
  const { harness, spend } = day;
  const { job_id } = await spend("usd 0.9 hang later 1.2");
  const { cwd } = await harness.service.poll({ job_id });
  await eventually(async () => (await harness.service.poll({ job_id })).usage.cost_usd === 0.9, {
    what: "what it has used",
  });
  harness.clockAhead += DAY_MS;
  // Of the day before 0.9 are left: today has room for this one.
  assert.equal((await day.ended("usd 0.5")).status, "done");
  await harness.restart();
  Deno.writeTextFileSync(`${cwd}/go`, "");
  assert.equal((await harness.ended(job_id)).status, "done");
  // Today 0.5 and 0.3 of the long one.
  assert.equal((await day.ended("usd 0.1")).status, "done");
  harness.clockAhead -= DAY_MS;
  assert.equal((await day.ended("usd 0.2")).status, "done");
  assert.match((await spend("usd 0.1")).waiting_for ?? "", /: \$1\.1000 of \$1$/);
  harness.clockAhead += DAY_MS;
  assert.equal((await day.ended("usd 0.01")).status, "done");
});

Deno.test("day budget: what nobody can tell is said, and a damaged file is counted anew", async () => {
  await using day = await withDay(1);
  const { harness, spend } = day;
  await day.ended("say nothing of money");
  const unpriced = await harness.run("say x", { model: "no-such-model-9" });
  assert.match(
    unpriced.message,
    /Nobody can tell what codex costs here, so budgets\.day_usd does not count it/,
  );
  await harness.ended(unpriced.job_id);
  assert.equal((await day.ended("usd 1.5")).status, "done");
  const { waiting_for = "", job_id } = await spend("usd 0.1");
  assert.match(waiting_for, /\$1\.5000 of \$1; nobody can tell what 2 further turns cost$/);
  const file = `${harness.state.home}/day_budget.json`;
  for (const damage of ["", "{", '{"2026-01-01":7}', "null"]) {
    await harness.restart(() => Deno.writeTextFileSync(file, damage));
    assert.match(
      (await harness.service.poll({ job_id })).waiting_for ?? "",
      /\$1\.5000 of \$1; nobody can tell what 2 further turns cost$/,
    );
  }
  assert.ok(exists(file));
});

Deno.test("day budget: tokens are priced, with the table's version and date", async () => {
  await using day = await withDay(0.0001);
  const { harness } = day;
  const { job_id, message } = await harness.run("say x", { model: "gpt-4o" });
  assert.ok(!message.includes("Nobody"), message);
  await harness.ended(job_id);
  const { limits } = await harness.service.queue({ origin: harness.origin });
  assert.deepEqual([limits.day_usd, (limits.day_spent_usd ?? 0) > 0.0001], [0.0001, true]);
  const { waiting_for } = await harness.run("say y", { model: "gpt-4o" });
  assert.match(
    waiting_for ?? "",
    /: \$0\.000\d of \$0\.0001 by the prices of @pydantic\/genai-prices \d+\.\d+\.\d+ of \d{4}-\d\d-\d\d$/,
  );
});
