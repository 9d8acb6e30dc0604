/**
 * Jobs as tasks: the extension of revision 2026-07-28 line by line, and tasks of 2025-11-25 by the SDK's own client.
 *
 * @module
 */
import assert from "node:assert/strict";
// @ts-types="@modelcontextprotocol/sdk/types"
import { CallToolResultSchema, ListTasksResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { AgentAsyncError } from "../../src/domain/errors.ts";
import type { JobResult } from "../../src/domain/job/result.ts";
import type { Answer } from "../../src/domain/question/question.ts";
import type { OpenedQuestion } from "../../src/mcp/questions/questions_at_the_desk.ts";
import { MemoryHost, type ModernHost, modernRequest } from "../support/memory_host.ts";
import {
  aBrief,
  aReceipt,
  aResult,
  JOB_ID,
  ScriptedService,
  untilGivenUp,
} from "../support/scripted_service.ts";

const TASKS = { capabilities: { extensions: { "io.modelcontextprotocol/tasks": {} } } };
const ASKABLE = { capabilities: { ...TASKS.capabilities, elicitation: { form: {} } } };
const META = {
  "io.modelcontextprotocol/serverInfo": { name: "agent-async", title: "agent-async", version: "1.2.3" },
};
const START = { name: "codex_start", arguments: { prompt: "Work", cwd: "/work" } };

const RUNNING: Partial<JobResult> = {
  status: "running",
  result: null,
  finished_at: null,
  activity: "thinking",
  last_event_at: "2026-01-01T00:00:05.000Z",
};

const WORKING = {
  taskId: JOB_ID,
  status: "working",
  statusMessage: "thinking",
  createdAt: "2026-01-01T00:00:00.000Z",
  lastUpdatedAt: "2026-01-01T00:00:05.000Z",
  ttlMs: null,
  pollIntervalMs: 2_000,
};

/** One job, which runs until told otherwise. */
class OneJob {
  job: JobResult = withoutReason(aResult(RUNNING));
  /** Wakes those that wait. */
  #ended = Promise.withResolvers<void>();
  readonly service = new ScriptedService({
    poll: (request) =>
      request.job_id === JOB_ID
        ? Promise.resolve(this.job)
        : Promise.reject(new AgentAsyncError("not_found", `There is no job ${request.job_id}`)),
    wait: async (_request, options) => {
      await Promise.race([this.#ended.promise, untilGivenUp(options)]);
      return { timed_out: false, jobs: [this.job], unfinished: [], cursor: 2 };
    },
    cancel: (request) => {
      this.end({ status: "cancelled", reason: "cancelled", result: null });
      return Promise.resolve({ job_id: request.job_id, status: "cancelled", message: "Cancelled" });
    },
    feed: async (request, options) => {
      if (request.cursor === undefined) return { notifications: [], cursor: 1 };
      if (request.cursor > 1) return await untilGivenUp(options);
      await Promise.race([this.#ended.promise, untilGivenUp(options)]);
      const { status, turn } = this.job;
      const entry = { cursor: 2, job_id: JOB_ID, turn, status, time: "2026-01-01T00:00:43.000Z" };
      return { notifications: [entry], cursor: 2 };
    },
  });

  end(change: Partial<JobResult> = {}): void {
    this.job = aResult(change);
    this.#ended.resolve();
  }
}

function withoutReason({ reason: _reason, ...job }: JobResult): JobResult {
  return job;
}

Deno.test("a start is a task for a host that declares it in this request, and a receipt for others", async () => {
  const one = new OneJob();
  await using host = new MemoryHost({ service: one.service });
  const { result } = await host.ask("tools/call", START, TASKS);
  assert.deepEqual(result, { resultType: "task", ...WORKING, _meta: META });
  const plain = await host.ask("tools/call", START);
  assert.equal(plain.result?.resultType, "complete");
  assert.equal(JSON.stringify(plain.result).includes("taskId"), false);
  const other = await host.ask("tools/call", { name: "job_list", arguments: {} }, TASKS);
  assert.equal(other.result?.resultType, "complete");
  const refused = await host.ask("tools/call", { name: "codex_start", arguments: {} }, TASKS);
  assert.deepEqual([refused.result?.resultType, refused.result?.isError], ["complete", true]);
});

Deno.test("a task of the revision before is no task in this one", async () => {
  const one = new OneJob();
  await using host = new MemoryHost({ service: one.service });
  const { result } = await host.ask("tools/call", { ...START, task: { ttl: 60_000 } });
  assert.equal(result?.resultType, "complete");
  for (const method of ["tasks/result", "tasks/list"]) {
    assert.equal((await host.ask(method, { taskId: JOB_ID }, TASKS)).error?.code, -32601);
  }
});

Deno.test("tasks/get tells a working task, and of one that has ended its result", async () => {
  const one = new OneJob();
  await using host = new MemoryHost({ service: one.service });
  const get = async () => (await host.ask("tasks/get", { taskId: JOB_ID }, TASKS)).result;
  assert.deepEqual(await get(), { resultType: "complete", ...WORKING, _meta: META });
  one.end();
  const { result, ...task } = await get() ?? {};
  assert.deepEqual(task, {
    resultType: "complete",
    taskId: JOB_ID,
    status: "completed",
    createdAt: "2026-01-01T00:00:00.000Z",
    lastUpdatedAt: "2026-01-01T00:00:43.000Z",
    ttlMs: null,
    pollIntervalMs: 2_000,
    _meta: META,
  });
  const { structuredContent, isError } = CallToolResultSchema.parse(result);
  assert.equal(isError, undefined);
  assert.deepEqual([structuredContent?.job_id, structuredContent?.message], [
    JOB_ID,
    `Job ${JOB_ID} has ended.`,
  ]);
  assert.match(String(structuredContent?.result), /All tests pass now/);
});

Deno.test("a job that fails is a completed task with a result that says so, one that is cancelled a cancelled task", async () => {
  const one = new OneJob();
  await using host = new MemoryHost({ service: one.service });
  const get = async () => (await host.ask("tasks/get", { taskId: JOB_ID }, TASKS)).result;
  one.end({ status: "error", reason: "agent_error", result: null, error: "no" });
  const failed = await get();
  assert.deepEqual([failed?.status, CallToolResultSchema.parse(failed?.result).isError], ["completed", true]);
  one.end({ status: "cancelled", reason: "cancelled", result: null });
  const cancelled = await get();
  assert.deepEqual([cancelled?.status, cancelled?.result], ["cancelled", undefined]);
});

Deno.test("tasks/cancel ends the job and is acknowledged, once it has ended too", async () => {
  const one = new OneJob();
  await using host = new MemoryHost({ service: one.service });
  for (let time = 0; time < 2; time++) {
    const { result } = await host.ask("tasks/cancel", { taskId: JOB_ID }, TASKS);
    assert.deepEqual(result, { resultType: "complete", _meta: META });
  }
  assert.deepEqual(one.service.asked("cancel"), [{ job_id: JOB_ID }]);
});

Deno.test("an unknown task is refused, and every request about one to a host that does not declare them", async () => {
  await using host = new MemoryHost({ service: new OneJob().service });
  for (const method of ["tasks/get", "tasks/update", "tasks/cancel"]) {
    for (const taskId of ["zzz99999", "no id at all"]) {
      const given = { taskId, inputResponses: {} };
      assert.equal((await host.ask(method, given, TASKS)).error?.code, -32602, method);
      assert.deepEqual((await host.ask(method, given)).error, {
        code: -32021,
        message: "Missing required client capability",
        data: { requiredCapabilities: { extensions: { "io.modelcontextprotocol/tasks": {} } } },
      });
    }
  }
});

Deno.test("a task whose job asks says what, takes the answer, and leaves out what the person has declined", async () => {
  const one = new OneJob();
  const answers: Answer[] = [];
  const opened = (id: string): OpenedQuestion => ({
    job_id: JOB_ID,
    agent: "codex",
    question: {
      question_id: id,
      kind: "choice",
      title: "Which?",
      detail: "",
      options: [{ id: "a", label: "Alpha" }],
      asked_at: "2026-01-01T00:00:02.000Z",
    },
  });
  let open = [opened("1-a"), opened("1-b")];
  const questions = {
    open: () => Promise.resolve(open),
    answer: ({ question }: OpenedQuestion, answer: Answer) => {
      answers.push(answer);
      open = open.filter((other) => other.question.question_id !== question.question_id);
      return Promise.resolve();
    },
  };
  await using host = new MemoryHost({ service: one.service, questions });
  const get = async (who: ModernHost = ASKABLE) =>
    (await host.ask("tasks/get", { taskId: JOB_ID }, who)).result;
  const asking = await get();
  assert.equal(asking?.status, "input_required");
  assert.deepEqual(Object.keys(Object(asking?.inputRequests)), [`${JOB_ID}/1-a`, `${JOB_ID}/1-b`]);
  assert.equal((await get(TASKS))?.status, "working");
  const inputResponses = {
    [`${JOB_ID}/1-a`]: { action: "accept", content: { answer: "a" } },
    [`${JOB_ID}/1-b`]: { action: "decline" },
    "made/up": { action: "accept" },
  };
  const { result } = await host.ask("tasks/update", { taskId: JOB_ID, inputResponses }, ASKABLE);
  assert.deepEqual(result, { resultType: "complete", _meta: META });
  assert.deepEqual(answers, [{ option: "a" }]);
  assert.equal((await get())?.status, "working");
});

Deno.test("a subscription to a task hears of its end with the result, under its id", async () => {
  const one = new OneJob();
  await using host = new MemoryHost({ service: one.service });
  const params = { notifications: { taskIds: [JOB_ID, "zzz99999"] } };
  assert.equal((await host.ask("subscriptions/listen", params)).error?.code, -32021);
  await host.send(modernRequest(8, "subscriptions/listen", { params, ...TASKS }));
  const told = await host.message(({ method }) => method === "notifications/subscriptions/acknowledged");
  const subscription = { "io.modelcontextprotocol/subscriptionId": 8 };
  assert.deepEqual(told.params, { notifications: { taskIds: [JOB_ID] }, _meta: subscription });
  one.end();
  const { params: task } = await host.message(({ method }) => method === "notifications/tasks");
  assert.deepEqual([task?.taskId, task?.status, task?._meta], [JOB_ID, "completed", subscription]);
  assert.equal(CallToolResultSchema.safeParse(task?.result).success, true);
  assert.equal(host.received.some(({ method }) => method === "notifications/resources/updated"), false);
});

Deno.test("2025-11-25: the SDK's client starts a task, follows it and gets its result", async () => {
  const one = new OneJob();
  await using host = new MemoryHost({ service: one.service });
  const client = await host.client();
  const { tools } = await client.listTools();
  assert.deepEqual(tools.filter(({ execution }) => execution !== undefined).map(({ name }) => name), [
    "codex_start",
  ]);
  const seen: unknown[] = [];
  const stream = client.experimental.tasks.callToolStream(START, CallToolResultSchema, {
    task: { ttl: 60_000 },
  });
  for await (const message of stream) {
    seen.push(message.type);
    if (message.type === "taskCreated") {
      const { taskId, status, ttl, pollInterval } = message.task;
      assert.deepEqual({ taskId, status, ttl, pollInterval }, {
        taskId: JOB_ID,
        status: "working",
        ttl: null,
        pollInterval: 2_000,
      });
      one.end();
    }
    if (message.type === "result") {
      assert.match(JSON.stringify(message.result.structuredContent), /All tests pass now/);
      assert.deepEqual(message.result._meta, { "io.modelcontextprotocol/related-task": { taskId: JOB_ID } });
    }
  }
  assert.deepEqual([seen[0], seen.at(-1)], ["taskCreated", "result"]);
  const status = await host.message(({ method }) => method === "notifications/tasks/status");
  assert.deepEqual([status.params?.taskId, status.params?.status], [JOB_ID, "completed"]);
});

Deno.test("2025-11-25: tasks are listed and cancelled; one that has ended, or is none, is refused", async () => {
  const one = new OneJob();
  const service = one.service;
  await using host = new MemoryHost({ service });
  const client = await host.client();
  const { tasks } = client.experimental;
  assert.equal((await tasks.getTask(JOB_ID)).status, "working");
  const listed = await client.request({ method: "tasks/list" }, ListTasksResultSchema);
  assert.deepEqual(listed.tasks.map(({ taskId }) => taskId), [aBrief().job_id]);
  assert.equal((await tasks.cancelTask(JOB_ID)).status, "cancelled");
  await assert.rejects(tasks.cancelTask(JOB_ID), { code: -32602 });
  await assert.rejects(tasks.getTask("zzz99999"), { code: -32602 });
  one.end({ status: "error", reason: "agent_error", result: null, error: "no" });
  assert.equal((await tasks.getTask(JOB_ID)).status, "failed");
});

Deno.test("2025-11-25: a request about tasks whose params are malformed is refused by the name of what is wrong", async () => {
  await using host = new MemoryHost({ service: new OneJob().service });
  await host.initialize();
  const refusal = async (method: string, params: Record<string, unknown>) => {
    const id = crypto.randomUUID();
    await host.send({ jsonrpc: "2.0", id, method, params });
    return (await host.answer(id)).error;
  };
  for (const method of ["tasks/get", "tasks/cancel", "tasks/result"]) {
    for (const params of [{}, { taskId: null }, { taskId: 5 }]) {
      assert.deepEqual(await refusal(method, params), {
        code: -32602,
        message: "taskId: is required, as text",
      });
    }
  }
  assert.deepEqual(await refusal("tasks/list", { cursor: 5 }), {
    code: -32602,
    message: "cursor: must be text",
  });
});

Deno.test("2025-11-25: what starts no job cannot be a task, and a start that is refused is an error", async () => {
  const service = new ScriptedService({
    start: () => Promise.reject(new AgentAsyncError("conflict", "Not now")),
  });
  await using host = new MemoryHost({ service });
  await host.initialize();
  const call = async (params: Record<string, unknown>) => {
    const id = crypto.randomUUID();
    await host.send({ jsonrpc: "2.0", id, method: "tools/call", params: { ...params, task: {} } });
    return (await host.answer(id)).error;
  };
  assert.equal((await call({ name: "job_list", arguments: {} }))?.code, -32601);
  const refused = await call(START);
  assert.equal(refused?.code, -32602);
  assert.match(refused?.message ?? "", /Not now/);
});

Deno.test("a start that cannot be looked at afterwards is a task all the same", async () => {
  const service = new ScriptedService({
    start: () => Promise.resolve(aReceipt()),
    poll: () => Promise.reject(new AgentAsyncError("daemon_unreachable", "Gone")),
  });
  await using host = new MemoryHost({ service });
  const { result } = await host.ask("tools/call", START, TASKS);
  assert.deepEqual([result?.resultType, result?.taskId, result?.status], ["task", JOB_ID, "working"]);
});
