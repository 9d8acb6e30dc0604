/** Agents that tell odd things of what they have used: a budget holds by what can be meant, and no job is lost. */
import assert from "node:assert/strict";
import { LocalHarness } from "../support/local_harness.ts";

/** Prints the lines of its prompt as they are, and then its last word. */
const ECHO = {
  command: "/bin/sh",
  args: ["-c", `echo '{"type":"begin","id":"s1"}'; cat; echo; echo '{"type":"end"}'`, "sh", [
    "--session",
    "{session_id}",
  ]],
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
    { type: "message", when: { type: "say" }, text: "text" },
    { type: "result", when: { type: "end" } },
  ],
};

async function used(harness: LocalHarness, ...uses: string[]) {
  const lines = uses.map((use) => `{"type":"use",${use}}`);
  const prompt = ['{"type":"say","text":"told"}', ...lines].join("\n");
  const { job_id } = await harness.run(prompt, {
    agent: "echo",
    approval_policy: "full-auto",
    max_tokens: 1_000,
    max_cost_usd: 1,
  });
  return await harness.ended(job_id);
}

Deno.test("odd usage: what is no number, negative or beyond all bounds is unknown, and the job ends as it did", async () => {
  await using harness = await LocalHarness.start({ agents: { echo: ECHO } });
  for (
    const [odd, tokens, cost] of [
      ['"in":-5,"out":-7,"usd":-1', null, undefined],
      ['"in":"NaN","out":"many","usd":"Infinity"', null, undefined],
      ['"in":null,"out":{},"usd":[]', null, undefined],
      ['"in":1e300,"out":1,"usd":1e308', null, 1e308],
      ['"in":9007199254740993,"out":1', null, undefined],
      ['"in":1.4,"out":0.2,"usd":0', 1, 0],
    ] as const
  ) {
    const job = await used(harness, odd);
    assert.ok(job.status === "done" || job.reason === "budget_exceeded", `${odd}: ${JSON.stringify(job)}`);
    assert.deepEqual([job.usage.total_tokens, job.usage.cost_usd], [tokens, cost], odd);
    // Without its outcome on disk nothing would be known of the job.
    assert.equal(job.result, "told", odd);
    await harness.service.events({ job_id: job.job_id });
    assert.equal((await harness.service.poll({ job_id: job.job_id })).status, job.status);
  }
  const { total } = await harness.service.stats({ days: 1 });
  assert.equal(total.jobs, 6);
  await harness.restart();
  assert.equal((await harness.service.list({})).total, 6);
});

Deno.test("odd usage: a count that goes backwards is the last word, and the sum of the turns is never below 0", async () => {
  await using harness = await LocalHarness.start({ agents: { echo: ECHO } });
  const job = await used(harness, '"in":100,"out":10,"usd":0.5', '"in":50,"out":5,"usd":0.25');
  assert.deepEqual([job.status, job.usage.total_tokens, job.usage.cost_usd], ["done", 55, 0.25]);
  await harness.reply(job.job_id, '{"type":"use","in":10,"out":1,"usd":0.1}');
  const next = await harness.ended(job.job_id);
  assert.deepEqual([next.status, next.usage.total_tokens, next.usage.cost_usd], ["done", 66, 0.35]);
});
