/** Jobs whose agents are talked with: questions, answers, steering and ends, through the real service. */
import assert from "node:assert/strict";
import { isAgentAsyncError } from "../../src/domain/errors.ts";
import { eventually } from "../support/eventually.ts";
import { exists } from "../support/exists.ts";
import { TalkingJobs } from "../support/talking_jobs.ts";
import { pidIn, sendSignal } from "../support/signals.ts";

Deno.test("a question is told with all its detail, and its answer goes on with the work", async () => {
  await using jobs = await TalkingJobs.start();
  const id = await jobs.run("say hello; ask q1 May I?; say bye");
  const [question] = await jobs.asked(id);
  assert.ok(question !== undefined);
  const { asked_at, ...rest } = question;
  assert.ok(Math.abs(Date.parse(asked_at) - Date.now()) < 60_000);
  assert.deepEqual(rest, {
    question_id: "1-q1",
    kind: "approval",
    title: "May I?",
    detail: "all about q1",
    options: [{ id: "yes", label: "Yes", kind: "allow" }, { id: "no", label: "No", kind: "reject" }],
  });
  await jobs.answer(id, "yes");
  const result = await jobs.ended(id);
  assert.deepEqual([result.status, result.result, result.exit_code], ["done", "bye", 0]);
  assert.deepEqual(await jobs.told(id), [
    "hello",
    "? 1-q1 May I?",
    "! 1-q1 answered yes by an assistant (the test)",
    "q1 was answered yes",
    "bye",
  ]);
  for (const name of ["in.jsonl", "feed", "feeder", "in.end", "cut"]) {
    await eventually(() => !exists(jobs.file(id, name)), { what: `the end of ${name}` });
  }
});

Deno.test("the first answer wins, and a later, double or wrong one is told so", async () => {
  await using jobs = await TalkingJobs.start();
  const id = await jobs.run("asks q1 q2; await");
  await jobs.asked(id, 2);
  const refused = async (request: Parameters<typeof jobs.service.answer>[0], message: RegExp) => {
    await assert.rejects(
      jobs.service.answer(request),
      (error) => isAgentAsyncError(error) && message.test(error.message),
    );
  };
  await refused({ job_id: id, option: "yes" }, /^question_id: must be given/);
  await refused({ job_id: id, option: "yes", question_id: "1-q9" }, /^question_id: there is no question/);
  await refused({ job_id: id, option: "maybe", question_id: "1-q1" }, /^option: there is no "maybe"/);
  const one = { job_id: id, option: "yes", question_id: "1-q1", by: "one", request_key: "k1" };
  const both = [one, { ...one, by: "other", request_key: "k2", option: "no" }];
  // At once: which of them is the first is up to the machine.
  const ends = await Promise.allSettled(both.map((each) => jobs.service.answer(each)));
  const [given, ...others] = both.filter((_, index) => ends[index]?.status === "fulfilled");
  assert.ok(given !== undefined && others.length === 0, JSON.stringify(ends));
  // Sent again, as after a broken connection.
  assert.equal((await jobs.service.answer(given)).answered, true);
  await refused(
    { job_id: id, option: "no", question_id: "1-q1" },
    new RegExp(`answered by an assistant \\(${given.by}\\): ${given.option}$`),
  );
  assert.equal((await jobs.asked(id)).length, 1);
  await jobs.service.cancel({ job_id: id });
  await refused({ job_id: id, option: "no", question_id: "1-q2" }, /the turn ended before anybody answered$/);
  await refused({ job_id: id, option: "no" }, /it asks nothing, it is cancelled$/);
});

Deno.test("a talk goes on with the next daemon, wherever it was", async () => {
  await using jobs = await TalkingJobs.start();
  const id = await jobs.run("say one; ask q1 First?; say two; ask q2 Second?; say three");
  await jobs.asked(id);
  await jobs.harness.restart();
  const [first] = await jobs.asked(id);
  assert.equal(first?.detail, "all about q1");
  await jobs.answer(id, "yes");
  await jobs.harness.restart();
  await eventually(async () => (await jobs.asked(id))[0]?.question_id === "1-q2", {
    what: "the second question",
  });
  await jobs.harness.restart();
  await jobs.answer(id, "no");
  assert.deepEqual((await jobs.ended(id)).status, "done");
  assert.deepEqual(await jobs.told(id), [
    "one",
    "? 1-q1 First?",
    "! 1-q1 answered yes by an assistant (the test)",
    "q1 was answered yes",
    "two",
    "? 1-q2 Second?",
    "! 1-q2 answered no by an assistant (the test)",
    "q2 was answered no",
    "three",
  ]);
});

Deno.test("a job whose agent ended while no daemon ran is judged by its talk", async () => {
  await using jobs = await TalkingJobs.start();
  const gate = `${jobs.harness.state.home}/gate`;
  const id = await jobs.run(`say one; wait ${gate}; say two`);
  await jobs.hears(id, "one");
  await jobs.harness.restart(() => Deno.writeTextFileSync(gate, ""));
  const { status, result } = await jobs.ended(id);
  assert.deepEqual([status, result], ["done", "two"]);
});

Deno.test("a cancel asks the agent to stop before it is signalled, and closes what it asks", async () => {
  await using jobs = await TalkingJobs.start();
  const id = await jobs.run("ask q1 May I?");
  await jobs.asked(id);
  await jobs.service.cancel({ job_id: id });
  const { status, exit_code, questions } = await jobs.service.poll({ job_id: id });
  // It left in order: by a signal it would be more than 128.
  assert.deepEqual([status, exit_code, questions], ["cancelled", 0, undefined]);
  assert.deepEqual(await jobs.told(id), ["? 1-q1 May I?", "! 1-q1 closed  by agent-async"]);
});

Deno.test("a cancel ends an agent that hears nothing, too", async () => {
  await using jobs = await TalkingJobs.start();
  const id = await jobs.run("say deaf; deaf");
  await jobs.hears(id, "deaf");
  await jobs.service.cancel({ job_id: id });
  const { status, exit_code } = await jobs.service.poll({ job_id: id });
  assert.deepEqual([status, exit_code], ["cancelled", 137]);
});

Deno.test("a question that nobody answers in time is refused, and the agent goes on", async () => {
  await using jobs = await TalkingJobs.start({ questions: { timeout_seconds: 1 } });
  const id = await jobs.run("ask q1 May I?; say on");
  const { status, result } = await jobs.ended(id);
  assert.deepEqual([status, result], ["done", "on"]);
  assert.deepEqual(await jobs.told(id), [
    "? 1-q1 May I?",
    "! 1-q1 rejected nobody answered within 1 s by agent-async",
    "q1 was refused",
    "on",
  ]);
});

Deno.test("at most twenty questions are open, and the others are refused at once", async () => {
  await using jobs = await TalkingJobs.start();
  const ids = Array.from({ length: 22 }, (_, index) => `q${index + 1}`);
  const id = await jobs.run(`asks ${ids.join(" ")}; await`);
  const questions = await jobs.asked(id, 20);
  assert.deepEqual(
    questions.map(({ question_id }) => question_id),
    ids.slice(0, 20).map((each) => `1-${each}`),
  );
  await jobs.hears(id, "! 1-q22 rejected 20 questions are open already by agent-async");
  await jobs.service.cancel({ job_id: id });
});

Deno.test("an agent that asks no longer withdraws its question", async () => {
  await using jobs = await TalkingJobs.start();
  const id = await jobs.run("asks q1 q2; withdraw q1; await");
  const [question] = await jobs.asked(id);
  assert.equal(question?.question_id, "1-q2");
  assert.ok((await jobs.told(id)).includes("! 1-q1 withdrawn  by the agent"));
  await jobs.service.cancel({ job_id: id });
});

Deno.test("a working agent is steered, and a question that is open is superseded", async () => {
  await using jobs = await TalkingJobs.start();
  const id = await jobs.run("ask q1 May I?; await; say end");
  await jobs.asked(id);
  const { delivered } = await jobs.service.reply({
    job_id: id,
    prompt: "use rg",
    when: "now",
    origin: jobs.harness.origin,
  });
  assert.equal(delivered, "injected");
  const { status, turn } = await jobs.ended(id);
  assert.deepEqual([status, turn], ["done", 1]);
  assert.deepEqual(await jobs.told(id), [
    "? 1-q1 May I?",
    "! 1-q1 superseded  by a reply",
    // What was said comes first, so that the agent knows of it when it is refused.
    "steered: use rg",
    "q1 was refused",
    "end",
  ]);
});

Deno.test("a steer that the agent does not take becomes the next turn", async () => {
  await using jobs = await TalkingJobs.start();
  const id = await jobs.run("refuse; say ready; await; say first");
  await jobs.hears(id, "ready");
  const say = (prompt: string) =>
    jobs.service.reply({ job_id: id, prompt, when: "now", origin: jobs.harness.origin });
  assert.equal((await say("say second")).delivered, "queued");
  const { status, turn, result } = await jobs.ended(id);
  assert.deepEqual([status, turn, result], ["done", 2, "second"]);
});

Deno.test("what is said again under the same key is said once, after the turn and the daemon too", async () => {
  await using jobs = await TalkingJobs.start();
  const id = await jobs.run("say ready; await; say end");
  await jobs.hears(id, "ready");
  const say = async () => {
    const request = { job_id: id, prompt: "use rg", when: "now" as const, request_key: "k" };
    return (await jobs.service.reply({ ...request, origin: jobs.harness.origin })).delivered;
  };
  assert.deepEqual(await Promise.all([say(), say()]), ["injected", "injected"]);
  assert.equal((await jobs.ended(id)).status, "done");
  await jobs.harness.restart();
  assert.equal(await say(), "injected");
  assert.equal((await jobs.ended(id)).turn, 1);
  assert.deepEqual((await jobs.told(id)).filter((text) => text.startsWith("steered")), ["steered: use rg"]);
});

Deno.test("a turn is interrupted for what it cannot be told, and its session goes on with that", async () => {
  await using jobs = await TalkingJobs.start();
  const id = await jobs.run("say one; ask q1 May I?");
  await jobs.asked(id);
  const { delivered, status } = await jobs.service.reply({
    job_id: id,
    prompt: "say two",
    when: "now",
    model: "other",
    origin: jobs.harness.origin,
  });
  assert.equal(delivered, "interrupted");
  assert.ok(status === "pending" || status === "running");
  const result = await jobs.ended(id);
  assert.deepEqual([result.status, result.turn, result.result], ["done", 2, "two"]);
  assert.deepEqual(await jobs.told(id), [
    "one",
    "? 1-q1 May I?",
    "! 1-q1 superseded  by the next prompt",
    "q1 was refused",
    "two",
  ]);
});

Deno.test("an agent whose channel is cut is lost, whatever it says then", async () => {
  await using jobs = await TalkingJobs.start();
  // One leaves at once, one stays for longer than it takes to notice.
  for (const last of ["say fine", "say fine; stay"]) {
    const id = await jobs.run(`ask q1 May I?; ${last}`);
    await jobs.asked(id);
    const feeder = await eventually(() => pidIn(jobs.file(id, "feeder")), { what: "its feeder" });
    sendSignal(feeder, "SIGTERM");
    const { status, reason, error } = await jobs.ended(id);
    assert.deepEqual([status, reason], ["error", "lost"]);
    assert.match(error ?? "", /^The channel to the agent was cut/);
  }
});

Deno.test("an agent that ends by itself is judged by its exit code", async () => {
  await using jobs = await TalkingJobs.start();
  const ids = await Promise.all(
    Array.from(
      { length: 4 },
      (_, nth) => jobs.run(`say one; exit ${nth + 3}`, { cwd: jobs.harness.state.workspace(`work-${nth}`) }),
    ),
  );
  for (const [nth, id] of ids.entries()) {
    const { status, reason, exit_code } = await jobs.ended(id);
    assert.deepEqual([status, reason, exit_code], ["error", "exit_code", nth + 3]);
  }
});

Deno.test("an agent that stays after its input has ended gets its grace period, and the job is done", async () => {
  await using jobs = await TalkingJobs.start({ timeouts: { exit_grace_seconds: 1 } });
  const id = await jobs.run("say bye; stay");
  const { status, result } = await jobs.ended(id);
  assert.deepEqual([status, result], ["done", "bye"]);
});

Deno.test("a failure that the agent tells is the job's, and a later turn goes on in its session", async () => {
  await using jobs = await TalkingJobs.start();
  const id = await jobs.run("fail it broke");
  const failed = await jobs.ended(id);
  assert.deepEqual([failed.status, failed.reason, failed.error], ["error", "agent_error", "it broke"]);
  await jobs.harness.reply(id, "say again");
  const { status, result, session_id } = await jobs.ended(id);
  assert.deepEqual([status, result, session_id], ["done", "again", `talk-${id}`]);
});
