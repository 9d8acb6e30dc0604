/** What a job that only waits for an answer holds, and how long: slot, tree, clocks and daemons that do not know it. */
import assert from "node:assert/strict";
import { Stillness } from "../../src/scheduler/talk/stillness.ts";
import { eventually } from "../support/eventually.ts";
import { exists } from "../support/exists.ts";
import { TalkingJobs } from "../support/talking_jobs.ts";

Deno.test("a job that only waits for an answer gives its slot up, and goes on at once when it is answered", async () => {
  await using jobs = await TalkingJobs.start({ limits: { total: 1 } });
  const gate = `${jobs.harness.state.home}/gate`;
  const asking = await jobs.run("ask q1 May I?; say on");
  await jobs.asked(asking);
  const other = await jobs.run(`say here; wait ${gate}`, { cwd: jobs.harness.state.workspace("other") });
  await jobs.hears(other, "here");
  const third = await jobs.run("say third", { cwd: jobs.harness.state.workspace("third") });
  await eventually(async () => {
    const { waiting_for } = await jobs.service.poll({ job_id: third });
    return waiting_for === "a slot: 1 of 1 are taken";
  }, { what: "the third to wait for a slot" });
  await jobs.answer(asking, "yes");
  assert.equal((await jobs.ended(asking)).status, "done");
  Deno.writeTextFileSync(gate, "");
  assert.equal((await jobs.ended(third)).status, "done");
});

Deno.test("a job that waits for an answer keeps its tree, and others say what they wait for", async () => {
  await using jobs = await TalkingJobs.start();
  const asking = await jobs.run("ask q1 May I?");
  await jobs.asked(asking);
  const other = await jobs.run("say mine");
  await eventually(async () => {
    const { waiting_for } = await jobs.service.poll({ job_id: other });
    return waiting_for === `an answer to job ${asking}`;
  }, { what: "the other to wait for an answer" });
  await jobs.answer(asking, "yes");
  assert.equal((await jobs.ended(other)).status, "done");
});

Deno.test("only so many jobs may wait for answers: with more the oldest question is rejected", async () => {
  await using jobs = await TalkingJobs.start({ limits: { asking: 1 } });
  const first = await jobs.run("ask q1 May I?; say on");
  await jobs.asked(first);
  const second = await jobs.run("ask q2 May I?; say on", { cwd: jobs.harness.state.workspace("other") });
  const { status } = await jobs.ended(first);
  assert.equal(status, "done");
  assert.ok(
    (await jobs.told(first)).includes(
      "! 1-q1 rejected more than 1 jobs wait for an answer by agent-async",
    ),
  );
  assert.equal((await jobs.asked(second)).length, 1);
  await jobs.answer(second, "yes");
  assert.equal((await jobs.ended(second)).status, "done");
});

Deno.test("the clock of a turn stands still while a question is open, for the next daemon too", async () => {
  await using jobs = await TalkingJobs.start();
  const id = await jobs.run("ask q1 May I?; say on; await", { timeout_seconds: 3 });
  await jobs.asked(id);
  const hasWaited = (seconds: number) =>
    eventually(async () => ((await jobs.service.poll({ job_id: id })).duration_seconds ?? 0) > seconds, {
      what: `${seconds} seconds to pass`,
    });
  await hasWaited(4);
  await jobs.harness.restart();
  await hasWaited(5);
  await jobs.answer(id, "yes");
  await jobs.hears(id, "on");
  const { status, reason } = await jobs.ended(id);
  assert.deepEqual([status, reason], ["error", "timed_out"]);
});

Deno.test("however much a turn asks, it ends at its limit and the time of one question", async () => {
  await using jobs = await TalkingJobs.start({ questions: { timeout_seconds: 1 } });
  const steps = Array.from({ length: 30 }, (_, nth) => `ask q${nth} May I?`).join("; ");
  const id = await jobs.run(steps, { timeout_seconds: 1 });
  const { status, reason, duration_seconds } = await jobs.ended(id);
  assert.deepEqual([status, reason], ["error", "timed_out"]);
  assert.ok((duration_seconds ?? 0) < 25, `${duration_seconds} s`);
});

Deno.test("Stillness: only time passes that no output has broken, and the sum is kept before it is lost", () => {
  const still = new Stillness(5);
  const look = (now: number, isAsking: boolean, hasPrinted = false) =>
    still.look(now, { isAsking, hasPrinted });
  look(1_000, false);
  look(2_000, true);
  assert.equal(still.ms, 5);
  look(3_000, true);
  look(4_500, true);
  assert.equal(still.ms, 2_505);
  look(5_000, true, true);
  look(5_100, true);
  assert.equal(still.ms, 2_605);
  look(6_000, false);
  look(60_000, false);
  assert.equal(still.ms, 3_505);
  still.add(20_000);
  assert.equal(still.isDue({ hasPrinted: false }), false);
  assert.equal(still.isDue({ hasPrinted: true }), true);
  still.kept();
  assert.equal(still.isDue({ hasPrinted: true }), false);
});

Deno.test("a daemon that does not know the agent watches its talk to the end, and loses nothing of it", async () => {
  await using jobs = await TalkingJobs.start();
  const gate = `${jobs.harness.state.home}/gate`;
  const id = await jobs.run(`say one; wait ${gate}; say two; exit 0`);
  await jobs.hears(id, "one");
  await jobs.harness.restart(() => jobs.harness.drivers = []);
  Deno.writeTextFileSync(gate, "");
  const { status, reason } = await jobs.ended(id);
  assert.deepEqual([status, reason], ["error", "no_result"]);
  assert.ok((await jobs.told(id)).some((text) => text.endsWith("message two")));
});

Deno.test("a two-way turn under a wrapper that is a process of ours goes on as any other", async () => {
  const { processWrapper } = await import("../support/wrappers.ts");
  await using jobs = await TalkingJobs.start({}, { wrapper: processWrapper });
  const id = await jobs.run("say one; ask q1 May I?; say two");
  await jobs.asked(id);
  await jobs.harness.restart();
  await jobs.answer(id, "yes");
  const { status, result, exit_code } = await jobs.ended(id);
  assert.deepEqual([status, result, exit_code], ["done", "two", 0]);
  await eventually(() => !exists(jobs.file(id, "in.jsonl")), { what: "the end of in.jsonl" });
});

Deno.test("an agent that cannot be talked with is interrupted for what is said now, before what waits", async () => {
  await using jobs = await TalkingJobs.start();
  const { job_id: id } = await jobs.harness.run("say one\nwait never");
  await jobs.hears(id, "one");
  await jobs.harness.reply(id, "say later");
  const { delivered } = await jobs.service.reply({
    job_id: id,
    prompt: "say now",
    when: "now",
    origin: jobs.harness.origin,
  });
  assert.equal(delivered, "interrupted");
  await eventually(async () => {
    const { status, turn } = await jobs.service.poll({ job_id: id });
    return turn === 2 && status === "done";
  }, { what: "the end of the last turn" });
  const said = (await jobs.told(id)).filter((text) => ["one", "now", "later"].includes(text));
  assert.deepEqual(said, ["one", "now", "later"]);
  const { status } = await jobs.ended(id);
  assert.equal(status, "done");
});
