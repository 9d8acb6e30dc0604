/** What nobody knows of a job is `null`, never 0 or an empty list; sums say of how many jobs they are. */
import assert from "node:assert/strict";
import { PLAIN_LIMITS } from "../../src/places/snapshots/take_snapshot.ts";
import { eventually } from "../support/eventually.ts";
import { LocalHarness } from "../support/local_harness.ts";
import { harnessInRepository } from "../support/repository.ts";

const UNKNOWN = { input_tokens: null, cached_input_tokens: null, output_tokens: null, total_tokens: null };

const QUIET = { command: "sh", args: ["-c", "cat >/dev/null; echo said"] };

/** A line of Codex's own record of a thread, whose newest count this is. */
function tokenCount(timestamp: string, input: number, output: number): string {
  const total_token_usage = {
    input_tokens: input,
    cached_input_tokens: 40,
    output_tokens: output,
    reasoning_output_tokens: 5,
    total_tokens: input + output,
  };
  return JSON.stringify({
    timestamp,
    type: "event_msg",
    payload: { type: "token_count", info: { total_token_usage, model_context_window: 1 } },
  });
}

/** As a line of a scripted Codex's prompt. The thread's id, which is of version 7, says on which day it began. */
function recording(line: string): string {
  const directory = "$HOME/.codex/sessions/2026/11/20";
  const file = `"${directory}/rollout-2026-11-20T11-30-20-$thread.jsonl"`;
  return `run mkdir -p "${directory}"; printf '%s\\n' '${line}' >>${file}`;
}

Deno.test("the usage of a turn that failed without telling it is unknown", async () => {
  await using harness = await LocalHarness.start();
  const failed = await harness.ended((await harness.run("run true\nfail Something broke")).job_id);
  assert.deepEqual(
    [failed.status, failed.usage, failed.commands_run, failed.files_changed],
    ["error", UNKNOWN, 1, []],
  );
  await harness.ended((await harness.run("say fine")).job_id);
  const { total } = await harness.service.stats({ days: 1 });
  assert.deepEqual([total.jobs, total.usage_known, total.usage.total_tokens], [2, 1, 120]);
});

Deno.test("sums of nothing but unknown figures are unknown", async () => {
  await using harness = await LocalHarness.start({ agents: { quiet: QUIET } });
  await harness.ended((await harness.run("anything", { agent: "quiet" })).job_id);
  const { total } = await harness.service.stats({ days: 1 });
  assert.deepEqual([total.usage, total.usage_known, total.commands_run], [UNKNOWN, 0, null]);
});

/** An agent of one's own that prints `line`, which is its usage. */
function telling(line: object, usage: Record<string, string>) {
  return {
    command: "sh",
    args: ["-c", `cat >/dev/null; echo '${JSON.stringify({ type: "used", ...line })}'; echo '{"say":"x"}'`],
    output: "jsonl",
    events: [
      { type: "message", when: { say: "*" }, text: "say" },
      { type: "usage", when: { type: "used" }, ...usage },
    ],
  };
}

Deno.test("an agent that tells no cached tokens, or nothing but money, has null for the rest", async () => {
  const tokens = { input_tokens: "in", output_tokens: "out" };
  await using harness = await LocalHarness.start({
    agents: {
      counts: telling({ in: 7, out: 3 }, tokens),
      reads: telling({ in: 7 }, tokens),
      pays: telling({ usd: 0.5 }, { cost_usd: "usd" }),
    },
  });
  const usageOf = async (agent: string) =>
    (await harness.ended((await harness.run("anything", { agent })).job_id)).usage;
  const cached_input_tokens = null;
  const output_tokens = 3;
  assert.deepEqual(await usageOf("counts"), {
    input_tokens: 7,
    cached_input_tokens,
    output_tokens,
    total_tokens: 10,
  });
  assert.deepEqual(await usageOf("reads"), { ...UNKNOWN, input_tokens: 7 });
  assert.deepEqual(await usageOf("pays"), { ...UNKNOWN, cost_usd: 0.5 });
  const { total, rows } = await harness.service.stats({ days: 1 });
  assert.deepEqual([total.usage, total.usage_known], [{
    input_tokens: 14,
    cached_input_tokens,
    output_tokens,
    total_tokens: 17,
    cost_usd: 0.5,
  }, 1]);
  const pays = rows.find(({ key }) => key === "pays");
  assert.deepEqual([pays?.usage, pays?.usage_known], [{ ...UNKNOWN, cost_usd: 0.5 }, 0]);
});

Deno.test("the sum over a job's turns says of how many of them the tokens are known", async () => {
  await using harness = await LocalHarness.start();
  const { job_id } = await harness.run("say fine");
  const first = await harness.ended(job_id);
  assert.deepEqual([first.usage.total_tokens, first.usage_known], [120, undefined]);
  await harness.reply(job_id, "run true\nfail Something broke");
  const second = await harness.ended(job_id);
  assert.deepEqual([second.usage.total_tokens, second.usage_known], [120, 1]);
  await harness.reply(job_id, "say fine again");
  const third = await harness.ended(job_id);
  assert.deepEqual([third.turn, third.usage_known], [3, 2]);
});

Deno.test("an agent that prints text tells neither files, nor commands, nor usage; files are seen on disk", async () => {
  await using harness = await LocalHarness.start({ agents: { quiet: QUIET } });
  const job = await harness.ended((await harness.run("anything", { agent: "quiet" })).job_id);
  assert.deepEqual(
    [job.status, job.files_changed, job.commands_run, job.usage],
    ["done", [], null, UNKNOWN],
  );
  // Outside of what snapshots cover nobody knows.
  for (let file = 0; file <= PLAIN_LIMITS.files; file++) {
    Deno.writeTextFileSync(`${harness.state.cwd}/${file}`, "");
  }
  const unseen = await harness.ended((await harness.run("anything", { agent: "quiet" })).job_id);
  assert.deepEqual([unseen.status, unseen.files_changed], ["done", null]);
});

Deno.test("a job that never ran has used and changed nothing, which is known", async () => {
  await using harness = await LocalHarness.start({ limits: { total: 1 } });
  await harness.run("wait never");
  const { job_id } = await harness.run("say late");
  await harness.service.cancel({ job_id });
  const job = await harness.service.poll({ job_id });
  assert.deepEqual([job.files_changed, job.commands_run, job.usage.total_tokens], [[], 0, 0]);
});

Deno.test("of a job that has begun nothing is known before its agent is heard of", async () => {
  await using harness = await harnessInRepository();
  const { cwd } = harness.state;
  await harness.restart(() =>
    Deno.writeTextFileSync(
      `${harness.state.home}/config.json`,
      JSON.stringify({ projects: { [cwd]: { setup: "exec sleep 600" } } }),
    )
  );
  const { job_id } = await harness.run("say late", { isolation: "worktree" });
  const isRunning = async () => (await harness.service.poll({ job_id })).status === "running";
  await eventually(isRunning, { what: "the job to begin" });
  const job = await harness.service.poll({ job_id });
  assert.deepEqual([job.files_changed, job.commands_run, job.usage], [null, null, UNKNOWN]);
});

Deno.test("what a failed Codex turn has used is read from Codex's own record", async () => {
  await using harness = await LocalHarness.start();
  const lines = [
    recording(tokenCount("2999-01-01T00:00:00.000Z", 100, 10)),
    recording(tokenCount("2999-01-01T00:00:01.000Z", 250, 30)),
  ];
  const { job_id } = await harness.run([...lines, "fail Something broke"].join("\n"));
  const job = await harness.ended(job_id);
  assert.deepEqual([job.status, job.usage], ["error", {
    input_tokens: 250,
    cached_input_tokens: 40,
    output_tokens: 30,
    reasoning_tokens: 5,
    total_tokens: 280,
  }]);
  const { events } = await harness.service.events({ job_id, types: ["usage"] });
  assert.equal(events.length, 1);

  // A further turn is told by subtraction; a count from before it says nothing of it.
  await harness.reply(job_id, `${recording(tokenCount("2999-01-01T00:00:02.000Z", 300, 40))}\nfail Again`);
  assert.equal((await harness.ended(job_id)).usage.total_tokens, 280 + 60);
});

Deno.test("a count in Codex's record that is older than the turn says nothing of it", async () => {
  await using harness = await LocalHarness.start();
  const line = recording(tokenCount("2026-11-20T11:30:30.000Z", 100, 10));
  const job = await harness.ended((await harness.run(`${line}\nfail Something broke`)).job_id);
  assert.deepEqual([job.status, job.usage], ["error", UNKNOWN]);
});

Deno.test("what a cancelled Codex turn has used is read from Codex's own record", async () => {
  await using harness = await LocalHarness.start();
  const line = recording(tokenCount("2999-01-01T00:00:00.000Z", 100, 10));
  const { job_id } = await harness.run(`${line}\nsay begun\nwait never`);
  for (let cursor = 0, begun = false; !begun;) {
    const page = await harness.service.events({ job_id, cursor, wait_seconds: 20 });
    begun = page.events.some(({ type }) => type === "message");
    cursor = page.cursor;
  }
  await harness.service.cancel({ job_id });
  const job = await harness.service.poll({ job_id });
  assert.deepEqual([job.status, job.usage.total_tokens], ["cancelled", 110]);
});
