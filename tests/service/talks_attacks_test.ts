/** Talks under attack: crowds of questions, answers from all sides at once, an agent that dies as it is answered. */
import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { signalIfAlive } from "../support/signals.ts";
import { TalkingJobs } from "../support/talking_jobs.ts";

Deno.test("four open questions stop no queue, however full it is", async () => {
  await using jobs = await TalkingJobs.start({ limits: { total: 4 } });
  const place = (name: string) => ({ cwd: jobs.harness.state.workspace(name) });
  const asking: string[] = [];
  for (const name of ["a", "b", "c", "d"]) {
    asking.push(await jobs.run(`ask q1 May I?; say ${name}`, place(name)));
  }
  for (const id of asking) await jobs.asked(id);
  const others = await Promise.all(
    Array.from({ length: 12 }, (_, nth) => jobs.run(`say other ${nth}`, place(`other-${nth}`))),
  );
  for (const id of others) assert.equal((await jobs.ended(id)).status, "done");
  for (const id of asking) assert.equal((await jobs.asked(id)).length, 1);
  await Promise.all(asking.map((id) => jobs.answer(id, "yes")));
  for (const id of asking) assert.equal((await jobs.ended(id)).status, "done");
});

Deno.test("of answers from many sides at once one is taken, and the agent hears one", async () => {
  await using jobs = await TalkingJobs.start();
  for (let round = 0; round < 5; round++) {
    const id = await jobs.run("ask q1 May I?; say on");
    await jobs.asked(id);
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, (_, nth) => {
        const [option, as] = nth % 2 === 0 ? ["yes", "person"] as const : ["no", "assistant"] as const;
        return jobs.service.answer({ job_id: id, option, as, by: `side ${nth}` });
      }),
    );
    assert.equal(answers.filter(({ status }) => status === "fulfilled").length, 1);
    for (const answer of answers) {
      if (answer.status === "rejected") assert.match(String(answer.reason), /answered by|asks nothing/);
    }
    assert.equal((await jobs.ended(id)).status, "done");
    const told = await jobs.told(id);
    assert.equal(told.filter((line) => line.startsWith("! 1-q1 answered")).length, 1);
    assert.equal(told.filter((line) => line.startsWith("q1 was")).length, 1, told.join("\n"));
  }
});

Deno.test("an answer to an agent that dies is refused, or told as one that did not reach it", async () => {
  await using jobs = await TalkingJobs.start();
  for (const first of ["death", "answer", "both"]) {
    const id = await jobs.run("ask q1 May I?; say on; await");
    await jobs.asked(id);
    const pid = await eventually(async () => (await jobs.service.poll({ job_id: id })).pid, {
      what: "the agent",
    });
    if (first === "death") signalIfAlive(pid, "SIGKILL");
    const answer = jobs.answer(id, "yes").then(() => "taken", (error) => String(error));
    if (first === "answer") await answer;
    signalIfAlive(pid, "SIGKILL");
    const { status, reason } = await jobs.ended(id);
    assert.deepEqual([status, reason], ["error", "exit_code"]);
    const said = await answer;
    const told = await jobs.told(id);
    if (said === "taken") {
      const heard = told.some((line) => line.startsWith("q1 was"));
      const warned = told.some((line) =>
        line.includes("The answer to question 1-q1 did not reach the agent")
      );
      assert.ok(heard !== warned, told.join("\n"));
    } else {
      assert.match(said, /asks nothing|before anybody answered/);
    }
    assert.equal(told.filter((line) => line.startsWith("! 1-q1")).length, 1, told.join("\n"));
  }
});

Deno.test("a question under an id of any length and characters is asked, answered and kept", async () => {
  await using jobs = await TalkingJobs.start();
  for (const name of ["q".repeat(100_000), "\u001b[2Jq", "../../q", "<q>&\"'"]) {
    const id = await jobs.run(`ask ${name} May I?; say on`);
    const [question] = await jobs.asked(id);
    assert.ok(question !== undefined && question.question_id.length < 300);
    assert.match(question.question_id, /^[\x21-\x7e]+$/);
    await jobs.answer(id, "yes", question.question_id);
    const { status, error } = await jobs.ended(id);
    assert.equal(status, "done", error ?? undefined);
  }
});

Deno.test("many questions with titles of the longest kind fit into the job's record", async () => {
  await using jobs = await TalkingJobs.start();
  const title = "👍".repeat(100);
  const steps = Array.from({ length: 25 }, (_, nth) => `q${nth}`).join(" ");
  const id = await jobs.run(`asks ${steps} ${title}; await`);
  assert.equal((await jobs.asked(id, 20)).length, 20);
  await jobs.service.cancel({ job_id: id });
});

Deno.test("a session under an id of any length does not keep a job from ending", async () => {
  await using jobs = await TalkingJobs.start();
  const id = await jobs.run("session " + "s".repeat(100_000) + "; say on");
  const { status, result } = await jobs.ended(id);
  assert.deepEqual([status, result], ["done", "on"]);
});

Deno.test("a failure told in any number of words ends its job, and the whole is in the events", async () => {
  await using jobs = await TalkingJobs.start();
  const id = await jobs.run("fail " + "w".repeat(100_000));
  const { status, reason, error } = await jobs.ended(id);
  assert.deepEqual([status, reason], ["error", "agent_error"]);
  assert.ok(error != null && error.length < 10_000 && error.startsWith("www"));
});
