/**
 * What is said to an agent and sent again under its key, as after a broken connection: it is answered as it was at
 * first and said once, whatever the job asks or does by then, by the next daemon too, and by every door.
 */
import assert from "node:assert/strict";
import { isAgentAsyncError } from "../../src/domain/errors.ts";
import { commandLine } from "../cli/command_line.ts";
import { eventually } from "../support/eventually.ts";
import { MemoryHost } from "../support/memory_host.ts";
import { TalkingJobs } from "../support/talking_jobs.ts";

type Answer = Parameters<TalkingJobs["service"]["answer"]>[0];

const FIRST_ANSWER = "! 1-q1 answered yes by an assistant (the test)";

/** A job that has asked twice. @returns its id, and the answers that it got */
async function askedTwice(jobs: TalkingJobs): Promise<{ id: string; first: Answer; second: Answer }> {
  const id = await jobs.run("ask q1 May I?; ask q2 And this?; say end");
  await jobs.asked(id);
  // It names no question: the one that is open is meant.
  const first = { job_id: id, option: "yes", by: "the test", request_key: "k1" };
  assert.equal((await jobs.service.answer(first)).question_id, "1-q1");
  await eventually(async () => (await jobs.asked(id))[0]?.question_id === "1-q2", {
    what: "the next question",
  });
  return { id, first, second: { job_id: id, question_id: "1-q2", option: "no", request_key: "k2" } };
}

Deno.test("an answer sent again answers no question that was asked since", async () => {
  await using jobs = await TalkingJobs.start();
  const { id, first, second } = await askedTwice(jobs);
  assert.equal((await jobs.service.answer(first)).question_id, "1-q1");
  assert.deepEqual((await jobs.asked(id)).map(({ question_id }) => question_id), ["1-q2"]);
  await jobs.harness.restart();
  await jobs.asked(id);
  assert.equal((await jobs.service.answer(first)).question_id, "1-q1");
  assert.deepEqual((await jobs.asked(id)).map(({ question_id }) => question_id), ["1-q2"]);
  await jobs.service.answer(second);
  assert.equal((await jobs.ended(id)).status, "done");
  assert.deepEqual((await jobs.told(id)).filter((text) => text.startsWith("!")), [
    FIRST_ANSWER,
    "! 1-q2 answered no by an assistant",
  ]);
});

Deno.test("an answer sent again after its turn, a daemon and a later turn is the answer that it was", async () => {
  await using jobs = await TalkingJobs.start();
  const { id, first, second } = await askedTwice(jobs);
  await jobs.service.answer(second);
  await jobs.ended(id);
  const again = async () => {
    for (const given of [first, { ...first, question_id: "1-q1" }, { ...first, option: "no" }]) {
      const { question_id, answered } = await jobs.service.answer(given);
      assert.deepEqual([question_id, answered], ["1-q1", true]);
    }
    assert.equal((await jobs.service.answer(second)).question_id, "1-q2");
    // What came too late is told so, with whose answer counts.
    for (const request_key of ["k2", "k3", undefined]) {
      await assert.rejects(
        jobs.service.answer({ job_id: id, question_id: "1-q1", option: "no", request_key }),
        (error) =>
          isAgentAsyncError(error, "conflict") && /by an assistant \(the test\): yes$/.test(error.message),
      );
    }
  };
  await again();
  await jobs.harness.restart();
  await again();
  await jobs.harness.reply(id, "say more; ask q1 Once more?; say end");
  await jobs.asked(id);
  await again();
  assert.deepEqual((await jobs.asked(id)).map(({ question_id }) => question_id), ["2-q1"]);
  await jobs.answer(id, "no");
  await jobs.ended(id);
  await again();
});

Deno.test("an answer sent again by the tool and by the command line is the answer that it was", async () => {
  await using jobs = await TalkingJobs.start();
  const { service } = jobs;
  await using host = new MemoryHost({ service });
  await host.initialize();
  const byTool = async (id: string) => {
    const args = { job_id: id, option: "yes", request_key: "k" };
    return Object((await host.call("job_answer", args)).result?.structuredContent);
  };
  const byLine = async (id: string) => {
    const answer = ["answer", id, "yes", "--question", "1-q1", "--request-key", "k", "--json"];
    return JSON.parse((await commandLine(answer, { service })).stdout);
  };
  for (const send of [byTool, byLine]) {
    const id = await jobs.run("ask q1 May I?; say end");
    await jobs.asked(id);
    const first = await send(id);
    assert.deepEqual([first.question_id, first.answered], ["1-q1", true]);
    const { status } = await jobs.ended(id);
    assert.deepEqual(await send(id), { ...first, status });
  }
});

Deno.test("a key under which nothing was said answers nothing, and one question cannot be answered for another", async () => {
  await using jobs = await TalkingJobs.start();
  const id = await jobs.run("asks q1 q2; await; say end");
  await jobs.asked(id, 2);
  const given = { job_id: id, option: "yes", request_key: "k" };
  await assert.rejects(jobs.service.answer(given), /question_id: must be given/);
  await jobs.service.answer({ ...given, question_id: "1-q1" });
  // The same key for another question, by its name: another answer.
  await jobs.service.answer({ ...given, question_id: "1-q2" });
  await jobs.service.cancel({ job_id: id });
  const answers = (await jobs.told(id)).filter((text) => text.startsWith("!"));
  assert.deepEqual(answers.map((text) => text.split(" ").slice(1, 4).join(" ")), [
    "1-q1 answered yes",
    "1-q2 answered yes",
  ]);
});
