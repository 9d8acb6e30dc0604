/**
 * Questions of running jobs: who hears of them, how often, who may answer, and what an answer may grant. The agents are
 * not there; the service and its store are.
 */
import assert from "node:assert/strict";
import { AgentAsyncError } from "../../src/domain/errors.ts";
import { questionKey } from "../../src/service/question_requests.ts";
import { AskingService, MAY_IT_RUN } from "../support/asking_service.ts";

const AS = { as: "assistant" } as const;

Deno.test("questions: one that is open ends a wait at once, with its whole detail", async () => {
  await using stage = await AskingService.open();
  const id = await stage.running();
  await stage.ask(id);
  const { timed_out, jobs, asking, unfinished } = await stage.service.wait({ ...AS, job_ids: [id] });
  assert.deepEqual([timed_out, jobs, unfinished.map((job) => job.job_id)], [false, [], [id]]);
  const [question] = asking?.[0]?.questions ?? [];
  assert.deepEqual(question, { ...MAY_IT_RUN, asked_at: question?.asked_at });
  assert.deepEqual(unfinished[0]?.asking?.map(({ title }) => title), [MAY_IT_RUN.title]);
  assert.deepEqual((await stage.service.poll({ job_id: id })).questions, [question]);
});

for (const mode of ["any", "all"] as const) {
  Deno.test(`questions: a new one wakes a wait with mode ${mode}, once`, async () => {
    await using stage = await AskingService.open();
    const [one, other] = [await stage.running(), await stage.running()];
    const job_ids = [one, other];
    const woken = stage.service.wait({ ...AS, job_ids, mode, timeout_seconds: 60 });
    await stage.ask(other);
    const first = await woken;
    assert.deepEqual([first.timed_out, first.asking?.map(({ job_id }) => job_id)], [false, [other]]);
    const after = { ...AS, job_ids, mode, cursor: first.cursor };
    const second = await stage.service.wait({ ...after, timeout_seconds: 0 });
    assert.deepEqual([second.timed_out, second.asking?.map(({ job_id }) => job_id)], [true, [other]]);
    const further = stage.service.wait({ ...after, timeout_seconds: 60 });
    await stage.ask(one, { ...MAY_IT_RUN, question_id: "1-b" });
    const third = await further;
    assert.deepEqual([third.timed_out, third.asking?.map(({ job_id }) => job_id)], [false, [one, other]]);
  });
}

Deno.test("questions: what a waiter names as told ends no wait of his, and an end does", async () => {
  await using stage = await AskingService.open();
  const id = await stage.running();
  await stage.ask(id);
  const told = [questionKey(id, MAY_IT_RUN.question_id)];
  const wait = stage.service.wait({ ...AS, job_ids: [id], told, timeout_seconds: 60 });
  await stage.end(id);
  const { jobs, asking } = await wait;
  assert.deepEqual([jobs.map(({ status }) => status), asking], [["done"], undefined]);
});

Deno.test("questions: who does not say who waits hears of none", async () => {
  await using stage = await AskingService.open();
  const id = await stage.running();
  await stage.ask(id);
  const { timed_out, asking } = await stage.service.wait({ job_ids: [id], timeout_seconds: 0 });
  assert.deepEqual([timed_out, asking?.length], [true, 1]);
});

Deno.test("questions: a wait for any job hears those of the jobs that it names, and of no others", async () => {
  await using stage = await AskingService.open();
  const [own, strange] = [await stage.running(), await stage.running()];
  await stage.ask(strange);
  const quiet = await stage.service.wait({ ...AS, questions_of: [own], timeout_seconds: 0 });
  assert.deepEqual([quiet.timed_out, quiet.asking], [true, undefined]);
  const wait = stage.service.wait({ ...AS, questions_of: [own], cursor: quiet.cursor, timeout_seconds: 60 });
  await stage.ask(own);
  const woken = await wait;
  assert.deepEqual([woken.timed_out, woken.asking?.map(({ job_id }) => job_id)], [false, [own]]);
  const again = { ...AS, questions_of: [own], cursor: woken.cursor, timeout_seconds: 0 };
  assert.equal((await stage.service.wait(again)).timed_out, true);
  await stage.end(strange);
  const ended = await stage.service.wait(again);
  assert.deepEqual([ended.jobs.map(({ job_id }) => job_id), ended.asking?.length], [[strange], 1]);
});

Deno.test("questions: they stand in the feed beside the ends, in order", async () => {
  await using stage = await AskingService.open();
  const [one, other] = [await stage.running(), await stage.running()];
  await stage.ask(one);
  await stage.end(other);
  await stage.settle(one, MAY_IT_RUN.question_id);
  await stage.ask(one, { ...MAY_IT_RUN, question_id: "1-b" });
  const read = async (limit: number) => {
    const told: unknown[] = [];
    for (let cursor = 0;;) {
      const page = await stage.service.feed({ cursor, limit, finished_only: true, with_questions: true });
      told.push(...page.notifications.map(({ job_id, status, asked }) => [job_id, status, asked]));
      if (page.notifications.length < limit) return told;
      cursor = page.cursor;
    }
  };
  const all = [[one, "running", ["1-a"]], [other, "done", undefined], [one, "running", ["1-b"]]];
  assert.deepEqual(await read(100), all);
  assert.deepEqual(await read(1), all);
  const ends = await stage.service.feed({ cursor: 0, finished_only: true });
  assert.deepEqual(ends.notifications.map(({ job_id }) => job_id), [other]);
});

Deno.test("questions: an answer reaches the agent, by the option's id or its label", async () => {
  await using stage = await AskingService.open();
  const id = await stage.running();
  await stage.ask(id);
  await stage.ask(id, { ...MAY_IT_RUN, question_id: "1-b" });
  assert.deepEqual(
    await stage.service.answer({ job_id: id, question_id: "1-a", option: "yes, ONCE" }),
    { job_id: id, question_id: "1-a", answered: true, status: "running" },
  );
  await stage.service.answer({ job_id: id, option: "decline", as: "person", by: "the command line" });
  assert.deepEqual(stage.said, [
    { job: id, answer: { option: "accept" }, by: "an assistant" },
    { job: id, answer: { option: "decline" }, by: "a person (the command line)" },
  ]);
});

Deno.test("questions: an answer that is sent again is the same, and a second one is told who was quicker", async () => {
  await using stage = await AskingService.open();
  const id = await stage.running();
  await stage.ask(id);
  const answer = { job_id: id, question_id: "1-a", option: "accept", request_key: "k" };
  const first = await stage.service.answer(answer);
  assert.deepEqual(await stage.service.answer(answer), first);
  await refused(
    stage.service.answer({ ...answer, request_key: "other" }),
    /^Cannot answer question 1-a of job .*: answered by an assistant: accept$/,
  );
  assert.equal(stage.said.length, 1);
});

Deno.test("questions: wrong and impossible answers are told so, and nothing is said", async () => {
  await using stage = await AskingService.open();
  const id = await stage.running();
  const { service } = stage;
  await refused(service.answer({ job_id: id, option: "accept" }), /it asks nothing/);
  await stage.ask(id);
  await refused(service.answer({ job_id: id, option: "always" }), /^option: there is no "always"/);
  await refused(
    service.answer({ job_id: id, text: "sure" }),
    /^text: the question is answered by one of its/,
  );
  await refused(service.answer({ job_id: id }), /^option: must be given/);
  await refused(
    service.answer({ job_id: id, question_id: "9", option: "accept" }),
    /^question_id: there is no/,
  );
  await stage.ask(id, { ...MAY_IT_RUN, question_id: "1-b" });
  await refused(service.answer({ job_id: id, option: "accept" }), /^question_id: must be given/);
  await stage.end(id);
  await refused(service.answer({ job_id: id, option: "accept" }), /it asks nothing, it is done/);
  await refused(service.answer({ job_id: "zzzzzzzz", option: "accept" }), /There is no job/);
  assert.deepEqual(stage.said, []);
});

Deno.test("questions: where only a person may answer, no assistant hears or answers", async () => {
  await using stage = await AskingService.open();
  stage.answeredBy = "person";
  const id = await stage.running();
  await stage.ask(id);
  const waited = await stage.service.wait({ ...AS, job_ids: [id], timeout_seconds: 0 });
  assert.deepEqual([waited.timed_out, waited.asking?.length], [true, 1]);
  await refused(stage.service.answer({ job_id: id, option: "decline" }), /only a person may/);
  const { asking } = await stage.service.questions({});
  assert.deepEqual(asking.map(({ refusal }) => refusal), [`Cannot answer job ${id}: only a person may`]);
  const person = { as: "person" } as const;
  assert.equal((await stage.service.wait({ ...person, job_ids: [id] })).timed_out, false);
  assert.deepEqual((await stage.service.questions(person)).asking.map(({ refusal }) => refusal), [undefined]);
  await stage.service.answer({ ...person, job_id: id, option: "accept" });
  assert.equal(stage.said.length, 1);
});

Deno.test("questions: from inside a job only its descendants can be answered, whoever it says that it is", async () => {
  await using stage = await AskingService.open();
  const outer = await stage.running({ approval_policy: "full-auto" });
  const inner = await stage.running({ parent: outer, depth: 2, approval_policy: "full-auto" });
  const child = await stage.running({ parent: inner, depth: 3 });
  const stranger = await stage.running();
  for (const id of [outer, inner, child, stranger]) await stage.ask(id);
  for (const as of ["assistant", "person"] as const) {
    for (const id of [inner, outer, stranger]) {
      await refused(
        stage.service.answer({ job_id: id, option: "decline", as }, stage.inside(inner)),
        /^Cannot answer job .* from inside job .*: it did not start it$/,
      );
      const wait = { as, job_ids: [id], timeout_seconds: 0 };
      assert.equal((await stage.service.wait(wait, stage.inside(inner))).timed_out, true);
    }
  }
  assert.equal((await stage.service.wait({ ...AS, job_ids: [child] }, stage.inside(inner))).timed_out, false);
  await stage.service.answer({ job_id: child, option: "accept" }, stage.inside(inner));
  assert.deepEqual(stage.said, [{ job: child, answer: { option: "accept" }, by: `job ${inner}` }]);
  stage.answeredBy = "person";
  await stage.ask(child, { ...MAY_IT_RUN, question_id: "1-b" });
  await refused(
    stage.service.answer({ job_id: child, option: "decline", as: "person" }, stage.inside(inner)),
    /only a person may/,
  );
});

Deno.test("questions: a job allows others nothing that it may not do itself, and may always refuse", async () => {
  await using stage = await AskingService.open();
  const outer = await stage.running({ approval_policy: "ask" });
  const child = await stage.running({ parent: outer, depth: 2, approval_policy: "ask" });
  await stage.ask(child);
  await refused(
    stage.service.answer({ job_id: child, option: "accept" }, stage.inside(outer)),
    /^Cannot allow this to job .*, may not do it itself \(ask\)$/,
  );
  await stage.service.answer({ job_id: child, option: "decline" }, stage.inside(outer));
  const which = {
    question_id: "1-c",
    kind: "choice",
    title: "Which?",
    detail: "",
    options: [{ id: "a", label: "A" }],
  } as const;
  await stage.ask(child, { ...which, options: [...which.options] });
  await stage.service.answer({ job_id: child, option: "a" }, stage.inside(outer));
  assert.equal(stage.said.length, 2);
});

Deno.test("steering: what is said now reaches the agent, and the receipt says how", async () => {
  await using stage = await AskingService.open();
  const id = await stage.running();
  const reply = { job_id: id, prompt: "leave the tests alone", when: "now", origin: stage.origin } as const;
  for (const how of ["injected", "queued"] as const) {
    stage.steers = how;
    const receipt = await stage.service.reply(reply);
    assert.deepEqual([receipt.delivered, receipt.status, receipt.turn], [how, "running", 1]);
  }
  assert.deepEqual(stage.said[0], { job: id, steer: "leave the tests alone", by: "a reply" });
  assert.equal((await stage.store.get(id))?.last_turn, 1);
});

Deno.test("steering: an agent that cannot be told, or is to work otherwise, is interrupted for it", async () => {
  await using stage = await AskingService.open();
  for (const change of [{}, { model: "other" }, { approval_policy: "suggest" }] as const) {
    const id = await stage.running();
    stage.steers = Object.keys(change).length === 0 ? null : "injected";
    const waiting = await stage.service.reply({ job_id: id, prompt: "later", origin: stage.origin });
    const now = { job_id: id, prompt: "now this", when: "now", origin: stage.origin, ...change } as const;
    const receipt = await stage.service.reply({ ...now, request_key: `k-${id}` });
    assert.equal(receipt.delivered, "interrupted");
    const job = await stage.store.get(id);
    assert.deepEqual(job?.queue, [receipt.turn, waiting.turn]);
    assert.equal(job?.state.status === "running" && job.state.stop?.cause, "superseded");
    assert.equal((await stage.service.reply({ ...now, request_key: `k-${id}` })).turn, receipt.turn);
  }
  assert.deepEqual(stage.said, []);
});

Deno.test("steering: nobody inside a job raises its policy by it, nor steers what it has not started", async () => {
  await using stage = await AskingService.open();
  const outer = await stage.running({ approval_policy: "auto-edit" });
  const child = await stage.running({ parent: outer, depth: 2, approval_policy: "suggest" });
  const now = { prompt: "x", when: "now", origin: stage.origin } as const;
  await refused(stage.service.reply({ ...now, job_id: outer }, stage.inside(child)), /did not start it/);
  await refused(
    stage.service.reply({ ...now, job_id: child, approval_policy: "full-auto" }, stage.inside(outer)),
    /^approval_policy: full-auto is more than job .* has itself/,
  );
  assert.deepEqual(stage.said, []);
});

async function refused(call: Promise<unknown>, message: RegExp): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof AgentAsyncError, String(error));
    assert.match(error.message, message);
    return true;
  });
}
