/** What jobs may use, with all that they start: through the real service, with agents that tell what they have used. */
import assert from "node:assert/strict";
import { JOB_VARIABLE } from "../../src/domain/job/job_variables.ts";
import { eventually } from "../support/eventually.ts";
import { LocalHarness } from "../support/local_harness.ts";

/** Tells what it has used while it works, and then goes on for ever. */
const SPENDER = {
  command: "/bin/sh",
  args: [
    "-c",
    `cat >/dev/null; echo '{"type":"begin","id":"s1"}'; echo '{"type":"use","in":900,"out":200,"usd":0.5}'; exec sleep 1000`,
    "sh",
    ["--session", "{session_id}"],
  ],
  output: "jsonl",
  version_args: ["-c", "echo 1.0"],
  events: [
    { type: "session", when: { type: "begin" }, text: "id" },
    { type: "usage", when: { type: "use" }, input_tokens: "in", output_tokens: "out", cost_usd: "usd" },
    { type: "result", when: { type: "end" } },
  ],
};

/** The scripted Codex is a one-way agent. */
const ONE_WAY = { codex: { live: false } };

Deno.test("budget: a turn that uses it up while it works is ended in order, and the reason is its own", async () => {
  await using harness = await LocalHarness.start({ agents: { spender: SPENDER } });
  const full = { agent: "spender", approval_policy: "full-auto" } as const;
  for (const budget of [{ max_tokens: 1_000 }, { max_cost_usd: 0.4 }]) {
    const { job_id } = await harness.run("spend", { ...full, ...budget });
    const job = await harness.ended(job_id);
    assert.deepEqual([job.status, job.reason, job.usage.total_tokens], ["error", "budget_exceeded", 1_100]);
    assert.match(job.hint ?? "", /larger max_cost_usd or max_tokens/);
  }
  const { job_id } = await harness.run("spend", { ...full, max_tokens: 2_000 });
  await harness.service.cancel({ job_id });
});

Deno.test("budget: of an agent that tells at the end it holds between turns, and a larger one goes on", async () => {
  await using harness = await LocalHarness.start({ agents: ONE_WAY });
  const { job_id, message } = await harness.run("say one", { max_tokens: 100 });
  assert.match(message, /budget holds between turns only/);
  const job = await harness.ended(job_id);
  assert.deepEqual([job.status, job.usage.total_tokens], ["done", 120]);
  await assert.rejects(() => harness.reply(job_id, "say two"), /budget is used up: 120 of 100 tokens/);
  await harness.restart();
  await assert.rejects(() => harness.reply(job_id, "say two"), /budget is used up: 120 of 100 tokens/);
  await harness.service.reply({ job_id, prompt: "say two", max_tokens: 1_000, origin: harness.origin });
  const next = await harness.ended(job_id);
  assert.deepEqual([next.status, next.turn, next.result], ["done", 2, "two"]);
});

Deno.test("budget: what a job starts counts, while it runs and afterwards, and a used one starts nothing more", async () => {
  await using harness = await LocalHarness.start({ agents: ONE_WAY });
  const parent = await harness.run("wait never", { max_tokens: 200 });
  const origin = { ...harness.origin, env: { ...harness.state.env, [JOB_VARIABLE]: parent.job_id } };
  const child = () => harness.run("say x", { origin, cwd: harness.state.workspace("child") });
  assert.equal((await harness.ended((await child()).job_id)).status, "done");
  await harness.restart();
  assert.equal((await harness.service.poll({ job_id: parent.job_id })).status, "running");
  assert.equal((await harness.ended((await child()).job_id)).status, "done");
  const job = await harness.ended(parent.job_id);
  assert.deepEqual([job.status, job.reason], ["error", "budget_exceeded"]);
  await assert.rejects(() => harness.reply(parent.job_id, "say x"), /240 of 200 tokens/);
});

Deno.test("budget: money is accepted only where somebody can tell it", async () => {
  await using harness = await LocalHarness.start({ agents: ONE_WAY });
  await assert.rejects(
    () => harness.run("say x", { max_cost_usd: 1 }),
    /max_cost_usd: .*does not tell what it costs, and no model is named/,
  );
  await assert.rejects(
    () => harness.run("say x", { max_cost_usd: 1, model: "no-such-model-9" }),
    /no price of the model no-such-model-9 is known \(@pydantic\/genai-prices \d/,
  );
  const { job_id } = await harness.run("say x", { max_cost_usd: 1, model: "gpt-4o" });
  assert.equal((await harness.ended(job_id)).status, "done");
});

Deno.test("budget: money by price holds after a restart, and the table of prices is named", async () => {
  await using harness = await LocalHarness.start({ agents: ONE_WAY });
  const { job_id } = await harness.run("say x", { max_cost_usd: 0.0001, model: "gpt-4o" });
  assert.equal((await harness.ended(job_id)).status, "done");
  const used =
    /budget is used up: \$0\.000\d of \$0\.0001 by the prices of @pydantic\/genai-prices [\d.]+ of [\d-]+$/;
  await assert.rejects(() => harness.reply(job_id, "say y"), used);
  await harness.restart();
  await assert.rejects(() => harness.reply(job_id, "say y"), used);
});

Deno.test("budget: what waits for its slot when the budget around it is used up is not begun", async () => {
  await using harness = await LocalHarness.start({ agents: { ...ONE_WAY, spender: SPENDER } });
  const parent = await harness.run("spend", {
    agent: "spender",
    approval_policy: "full-auto",
    max_tokens: 1_200,
  });
  const origin = { ...harness.origin, env: { ...harness.state.env, [JOB_VARIABLE]: parent.job_id } };
  const child = (prompt: string, after: string[] = []) =>
    harness.run(prompt, { origin, cwd: harness.state.workspace("child"), after });
  await eventually(
    async () => (await harness.service.events({ job_id: parent.job_id, types: ["usage"] })).events.length > 0,
    { what: "the parent to tell what it has used" },
  );
  // Of 1,200 tokens 1,100 are used, and each child uses 120.
  const first = await child("say x");
  const second = await child("say y", [first.job_id]);
  const last = await harness.ended(second.job_id);
  const ended = await harness.ended(first.job_id);
  assert.deepEqual([ended.status, last.status, last.reason, last.started_at], [
    "done",
    "error",
    "budget_exceeded",
    null,
  ]);
  assert.match(last.error ?? "", /budget of job .*, which started it, is used up: 1220 of 1200 tokens/);
  assert.match(last.hint ?? "", /job_reply and a larger max_cost_usd or max_tokens/);
});

Deno.test("budget: each turn is counted by the price of its own model", async () => {
  await using harness = await LocalHarness.start({ agents: ONE_WAY });
  const { job_id } = await harness.run("say x", {
    agent: "codex",
    model: "gpt-4o",
    max_cost_usd: 0.0006,
    approval_policy: "full-auto",
  });
  assert.equal((await harness.ended(job_id)).status, "done");
  await harness.service.reply({
    job_id,
    prompt: "say y",
    model: "o1-pro",
    max_cost_usd: 0.0007,
    origin: harness.origin,
  });
  assert.equal((await harness.ended(job_id)).turn, 2);
  // 100 tokens in and 20 out: $0.00045 by the first model, $0.027 by the second.
  await assert.rejects(() => harness.reply(job_id, "say z"), /\$0\.0274 of \$0\.0007 by the prices of/);
});

Deno.test("budget: children at once are all ended when they have used it up together, and no more is started", async () => {
  await using harness = await LocalHarness.start({
    limits: { total: 8 },
    agents: { ...ONE_WAY, spender: SPENDER },
  });
  const parent = await harness.run("wait never", { max_tokens: 3_000 });
  const origin = { ...harness.origin, env: { ...harness.state.env, [JOB_VARIABLE]: parent.job_id } };
  const child = (name: string) =>
    harness.run("spend", { agent: "spender", origin, cwd: harness.state.workspace(name) });
  // Each uses 1,100 at once: the third is what was under way when 2,200 were used.
  const children = await Promise.all(["a", "b", "c"].map(child));
  const jobs = await Promise.all(children.map(({ job_id }) => harness.ended(job_id)));
  assert.deepEqual(jobs.map(({ reason, usage }) => [reason, usage.total_tokens]), [
    ["budget_exceeded", 1_100],
    ["budget_exceeded", 1_100],
    ["budget_exceeded", 1_100],
  ]);
  assert.match(
    jobs[0]?.error ?? "",
    /^The budget of job \w+, which started it, is used up: 3300 of 3000 tokens$/,
  );
  const job = await harness.ended(parent.job_id);
  assert.equal(job.reason, "budget_exceeded");
  await assert.rejects(() => harness.reply(parent.job_id, "say x"), /3300 of 3000 tokens/);
});
