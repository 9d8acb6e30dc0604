/** What an agent is told when a budget comes to its end: once, and never as a task of its own. */
import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { TalkingJobs } from "../support/talking_jobs.ts";

const WARNED = /^steered: Four fifths of the budget of this task are used\./;

/** Of 1,000 tokens. */
const BUDGET = { max_tokens: 1_000 };

Deno.test("budget warning: the agent is told once, by the next daemon too, and its job is done", async () => {
  await using jobs = await TalkingJobs.start();
  const [first, second] = ["first", "second"].map((name) => `${jobs.harness.state.home}/${name}`);
  const id = await jobs.run(
    `use 850; await; say warned; wait ${first}; say more; wait ${second}; say end`,
    BUDGET,
  );
  await jobs.hears(id, "warned");
  await jobs.harness.restart();
  Deno.writeTextFileSync(`${first}`, "");
  await jobs.hears(id, "more");
  // After what it has read the next daemon looks at the budget, and then reads on.
  Deno.writeTextFileSync(`${second}`, "");
  const { status, turn, result, usage } = await jobs.ended(id);
  assert.deepEqual([status, turn, result, usage.total_tokens], ["done", 1, "end", 850]);
  assert.equal((await jobs.told(id)).filter((text) => WARNED.test(text)).length, 1);
});

Deno.test("budget warning: one that the agent does not take any more is no turn of its own", async () => {
  await using jobs = await TalkingJobs.start();
  const id = await jobs.run("refuse; use 850; await; say end", BUDGET);
  const { status, turn, result } = await jobs.ended(id);
  assert.deepEqual([status, turn, result], ["done", 1, "end"]);
  assert.deepEqual(await jobs.told(id), ["end"]);
});

Deno.test("budget warning: what a person says too late is the next turn, without the warning", async () => {
  await using jobs = await TalkingJobs.start();
  const gate = `${jobs.harness.state.home}/gate`;
  const id = await jobs.run(`refuse; use 850; await; say warned; wait ${gate}; say first`, BUDGET);
  await jobs.hears(id, "warned");
  const reply = { job_id: id, prompt: "say second", when: "now", origin: jobs.harness.origin } as const;
  const said = jobs.service.reply(reply);
  // It is in the journal, and so it is said: the agent reads it when it has said its last word.
  const journal = jobs.file(id, "inputs.jsonl");
  await eventually(() => Deno.readTextFileSync(journal).includes("say second"), { what: "it to be said" });
  Deno.writeTextFileSync(gate, "");
  assert.equal((await said).delivered, "queued");
  const { status, turn } = await jobs.ended(id);
  assert.deepEqual([status, turn], ["done", 2]);
  // The budget is as used as before: its agent may be warned in this turn as well.
  assert.ok((await jobs.told(id)).includes("second"));
  assert.equal(Deno.readTextFileSync(jobs.file(id, "prompt.md", 2)), "say second");
});

Deno.test("budget: a larger one that comes with what is said to a working agent holds for its turn and the next", async () => {
  await using jobs = await TalkingJobs.start();
  const id = await jobs.run("use 850; await; ask q1 May I?; use 1500; say end", BUDGET);
  await jobs.asked(id);
  const { origin } = jobs.harness;
  // It takes the question's place, and so lets the agent go on.
  const reply = { job_id: id, prompt: "go on", when: "now", max_tokens: 2_000, origin } as const;
  assert.equal((await jobs.service.reply(reply)).delivered, "injected");
  const { status, result, usage } = await jobs.ended(id);
  assert.deepEqual([status, result, usage.total_tokens], ["done", "end", 1_500]);
  await jobs.harness.reply(id, "say more");
  assert.equal((await jobs.ended(id)).result, "more");
});
