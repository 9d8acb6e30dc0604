/**
 * What a model hears of questions, in which words, and how often. An agent's words stay between marks.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Question } from "../../src/domain/question/question.ts";
import { MAX_ANSWER_CHARS } from "../../src/mcp/views/answer_size.ts";
import { isRecord } from "../../src/mcp/desk/json_rpc.ts";
import { readToolsetNames } from "../../src/mcp/tools/toolset_names.ts";
import type { WaitResult } from "../../src/service/read_requests.ts";
import { withFixedMarks } from "../support/fence_marks.ts";
import { type HostOptions, MemoryHost } from "../support/memory_host.ts";
import { aBrief, aResult, JOB_ID, ScriptedService } from "../support/scripted_service.ts";

const QUESTION: Question = {
  question_id: "1-a",
  kind: "approval",
  title: "Run rm -rf build",
  detail: "rm -rf build\n\u001b[2Jin /tmp/project",
  options: [
    { id: "accept", label: "Yes, once", kind: "allow" },
    { id: "please do as I say", label: "No", kind: "reject" },
  ],
  asked_at: "2026-01-01T00:00:05.000Z",
};

const ASKED: WaitResult = {
  timed_out: false,
  jobs: [],
  asking: [{ job_id: JOB_ID, questions: [QUESTION] }],
  unfinished: [aBrief({ asking: [{ ...QUESTION }] })],
  cursor: 9,
};

const RUNNING = aResult({ status: "running", finished_at: null, exit_code: null, questions: [QUESTION] });

async function ask(
  name: string,
  args: Record<string, unknown>,
  options: HostOptions = {},
): Promise<{ structured: Record<string, unknown>; text: string; service: ScriptedService }> {
  const service = new ScriptedService({
    wait: () => Promise.resolve(ASKED),
    poll: () => Promise.resolve(RUNNING),
  });
  await using host = new MemoryHost({ service, toolsets: readToolsetNames(["all"]), ...options });
  const { result } = await host.call(name, args);
  assert.ok(isRecord(result?.structuredContent), JSON.stringify(result));
  const [content] = Array.isArray(result.content) ? result.content : [];
  return { structured: withFixedMarks(result.structuredContent), text: String(content?.text), service };
}

const SHOWN = {
  question_id: "1-a",
  kind: "approval",
  title: "<agent>Run rm -rf build</agent>",
  detail: "<agent>rm -rf build\nin /tmp/project</agent>",
  options: [
    { id: "accept", label: "<agent>Yes, once</agent>", kind: "allow" },
    { id: "2", label: "<agent>No</agent>", kind: "reject" },
  ],
};

Deno.test("job_wait answers with what is asked, fenced and stripped, and says what to do", async () => {
  const { structured, text, service } = await ask("job_wait", { job_ids: [JOB_ID] });
  assert.deepEqual(structured.asking, [{
    job_id: JOB_ID,
    questions: [SHOWN],
    next: "Answer with job_answer, or ask your user what to answer.",
  }]);
  assert.doesNotMatch(JSON.stringify(structured.unfinished), /rm -rf/);
  assert.match(text, /Job abc12345 asks \(approval, question_id 1-a\): "Run rm -rf build"/);
  assert.match(text, /Options: accept: "Yes, once" \(allow\); 2: "No" \(reject\)/);
  assert.deepEqual(service.asked("wait"), [{
    job_ids: [JOB_ID],
    mode: "any",
    timeout_seconds: 50,
    as: "assistant",
  }]);
});

Deno.test("a session names the questions that it was told, and the jobs that are its own", async () => {
  const service = new ScriptedService({ wait: () => Promise.resolve(ASKED) });
  await using host = new MemoryHost({ service });
  await host.initialize();
  await host.call("codex_start", { prompt: "x", cwd: "/" });
  await host.call("job_wait", {});
  await host.call("job_wait", {});
  const told = service.asked("wait").map((request) =>
    isRecord(request) ? [request.told, request.questions_of] : []
  );
  assert.deepEqual(told, [[undefined, [JOB_ID]], [[`${JOB_ID}/1-a`], [JOB_ID]]]);
});

Deno.test("where only a person may answer, a model is told where", async () => {
  const options = { mayAnswer: () => Promise.resolve(false) };
  const { structured } = await ask("job_wait", { job_ids: [JOB_ID] }, options);
  const [asking] = Array.isArray(structured.asking) ? structured.asking : [];
  assert.equal(
    asking.next,
    "Only a person can answer here: tell your user to run `agent-async answer abc12345` in a terminal.",
  );
});

Deno.test("a wait stays within what hosts take, however much is asked", async () => {
  const long = Array.from({ length: 20 }, (_, n) => ({
    ...QUESTION,
    question_id: `1-${n}`,
    detail: "x".repeat(20_000),
  }));
  const wait = () => Promise.resolve({ ...ASKED, asking: [{ job_id: JOB_ID, questions: long }] });
  await using host = new MemoryHost({ service: new ScriptedService({ wait }) });
  const { result } = await host.call("job_wait", { job_ids: [JOB_ID] });
  const { asking } = isRecord(result?.structuredContent) ? result.structuredContent : {};
  assert.equal(Array.isArray(asking) ? asking[0]?.questions.length : 0, 20);
  assert.ok(JSON.stringify(result?.structuredContent).length <= MAX_ANSWER_CHARS);
});

Deno.test("job_poll shows what a job asks", async () => {
  const { structured, text } = await ask("job_poll", { job_id: JOB_ID });
  assert.deepEqual(structured.questions, [SHOWN]);
  assert.match(text, /job_answer answers what it asks/);
});

Deno.test("the waits of earlier servers tell a question as a timeout", async () => {
  const { structured } = await ask("codex_wait", { job_id: JOB_ID });
  assert.deepEqual([structured.status, structured.questions], ["timeout", [SHOWN]]);
  assert.match(String(structured.message), /It asks something\. Answer with job_answer/);
  const any = await ask("codex_await_any", {});
  assert.deepEqual([any.structured.status, any.structured.job_id], ["timeout", null]);
  assert.deepEqual(
    isRecord(any.structured) && Array.isArray(any.structured.asking) && any.structured.asking[0],
    {
      job_id: JOB_ID,
      questions: [SHOWN],
      next: "Answer with job_answer, or ask your user what to answer.",
    },
  );
});

Deno.test("codex_async_notifications and codex_async_wait tell of questions beside ends", async () => {
  const asked = { cursor: 8, job_id: JOB_ID, turn: 1, status: "running", time: "t", asked: ["1-a"] } as const;
  const service = new ScriptedService({
    feed: ({ cursor }) =>
      Promise.resolve({
        notifications: cursor === undefined ? [] : [{ ...asked, asked: [...asked.asked] }],
        cursor: 8,
      }),
    poll: () => Promise.resolve(RUNNING),
  });
  await using host = new MemoryHost({ service, toolsets: readToolsetNames(["stream"]) });
  for (const name of ["codex_async_notifications", "codex_async_wait"]) {
    const { result } = await host.call(name, { cursor: 3 });
    assert.ok(isRecord(result?.structuredContent));
    assert.deepEqual(withFixedMarks(result.structuredContent).notifications, [{
      cursor: 8,
      job_id: JOB_ID,
      turn: 1,
      status: "running",
      time: "t",
      questions: [SHOWN],
    }]);
  }
  const requests = service.asked("feed").filter((request) => isRecord(request) && request.cursor === 3);
  assert.deepEqual(requests.map((request) => isRecord(request) && request.with_questions), [true, true]);
});

Deno.test("job_answer gives the answer as an assistant, and says what came of it", async () => {
  const args = { job_id: JOB_ID, question_id: "1-a", option: "accept" };
  const { structured, service } = await ask("job_answer", args);
  assert.deepEqual(structured, { job_id: JOB_ID, question_id: "1-a", answered: true, status: "running" });
  assert.deepEqual(service.asked("answer"), [{ ...args, as: "assistant" }]);
});

Deno.test("a host is told when a job of its own asks, once, in the words of the agent between marks", async () => {
  let isAsking = false;
  const service = new ScriptedService({
    feed: ({ cursor = 1 }) => {
      const entry = {
        cursor: 5,
        job_id: JOB_ID,
        turn: 1,
        status: "running" as const,
        time: "t",
        asked: ["1-a"],
      };
      const isNews = isAsking && cursor < 5;
      return Promise.resolve({ notifications: isNews ? [entry] : [], cursor: isNews ? 5 : cursor });
    },
    poll: () => Promise.resolve(RUNNING),
  });
  await using host = new MemoryHost({ service });
  await host.initialize();
  await host.call("codex_start", { prompt: "x", cwd: "/" });
  isAsking = true;
  const update = await host.message(({ method }) => method === "codex_async/job_update");
  assert.deepEqual(withFixedMarks(update.params ?? {}), {
    job_id: JOB_ID,
    status: "running",
    questions: [SHOWN],
    cursor: 5,
  });
  const line = await host.message(({ method }) => method === "notifications/claude/channel");
  assert.equal(
    withFixedMarks(line.params ?? {}).content,
    `Job ${JOB_ID}, codex, asks: <agent>"Run rm -rf build"</agent>. ` +
      "Answer with mcp__agent-async__job_answer, or ask your user what to answer.",
  );
  assert.equal(host.received.filter(({ method }) => method === "notifications/claude/channel").length, 1);
});
