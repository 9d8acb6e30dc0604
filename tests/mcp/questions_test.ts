/**
 * What running jobs ask, put to the person at the host: by the official clients of both eras, and line by line.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Answer, Question } from "../../src/domain/question/question.ts";
import type { OpenedQuestion, QuestionsAtTheDesk } from "../../src/mcp/questions/questions_at_the_desk.ts";
import { AgentAsyncError } from "../../src/domain/errors.ts";
import type { CallOptions } from "../../src/service/call.ts";
import type { WaitRequest, WaitResult } from "../../src/service/read_requests.ts";
import { eventually } from "../support/eventually.ts";
import { MemoryHost } from "../support/memory_host.ts";
import { modernClient } from "../support/modern_client.ts";
import { aBrief, aResult, JOB_ID, ScriptedService, untilGivenUp } from "../support/scripted_service.ts";

const MAY_IT: Question = {
  question_id: "1-a",
  kind: "approval",
  title: "Run rm -rf build?",
  detail: "$ rm -rf build\u001b[31m",
  options: [{ id: "yes", label: "Allow", kind: "allow" }, { id: "no", label: "Reject", kind: "reject" }],
  asked_at: "2026-01-01T00:00:02.000Z",
};
const KEY = `${JOB_ID}/1-a`;

/** One job that asks one question and ends once it is answered. */
class AskingJob implements QuestionsAtTheDesk {
  readonly answers: [string, Answer][] = [];
  readonly waits: WaitRequest[] = [];
  #open: OpenedQuestion[] = [];
  #changed = Promise.withResolvers<void>();

  constructor(question: Question = MAY_IT) {
    this.#open.push({ job_id: JOB_ID, agent: "codex", question });
  }

  readonly service = new ScriptedService({ wait: (request, options) => this.#wait(request, options) });

  open(): Promise<readonly OpenedQuestion[]> {
    return Promise.resolve(this.#open);
  }

  answer({ question }: OpenedQuestion, answer: Answer): Promise<void> {
    if (this.#open.length === 0) return Promise.reject(new AgentAsyncError("conflict", "Answered already"));
    this.answers.push([question.question_id, answer]);
    this.settle();
    return Promise.resolve();
  }

  settle(): void {
    this.#open = [];
    this.#changed.resolve();
  }

  async #wait(request: WaitRequest, options: CallOptions | undefined): Promise<WaitResult> {
    this.waits.push(request);
    const open = { timed_out: true, jobs: [], unfinished: [aBrief()], cursor: 5 };
    if (request.timeout_seconds === 0) return open;
    await Promise.race([this.#changed.promise, untilGivenUp(options)]);
    return { timed_out: false, jobs: [aResult()], unfinished: [], cursor: 6 };
  }
}

const WAIT = { name: "job_wait", arguments: { job_ids: [JOB_ID] } };

Deno.test("older era: a question goes to the person while a wait is under way, which goes on to the end", async () => {
  const job = new AskingJob();
  await using host = new MemoryHost({ service: job.service, questions: job });
  const shown: Record<string, unknown>[] = [];
  const client = await host.client((params) => {
    shown.push(params);
    return { action: "accept", content: { answer: "yes" } };
  });
  const result = await client.callTool(WAIT);
  assert.deepEqual(shown, [{
    message: `codex, job ${JOB_ID}, asks: Run rm -rf build?\n\n$ rm -rf build`,
    requestedSchema: {
      type: "object",
      properties: {
        answer: { type: "string", title: "Answer", enum: ["yes", "no"], enumNames: ["Allow", "Reject"] },
        words: { type: "string", title: "In your own words", description: "may be left empty" },
      },
      required: ["answer"],
    },
  }]);
  assert.deepEqual(job.answers, [["1-a", { option: "yes" }]]);
  assert.match(JSON.stringify(result.structuredContent), /All tests pass now/);
});

for (const action of ["decline", "cancel"] as const) {
  Deno.test(`older era: ${action} leaves the question open, the model hears of it, and the person is not asked again`, async () => {
    const job = new AskingJob();
    await using host = new MemoryHost({ service: job.service, questions: job });
    let shown = 0;
    const client = await host.client(() => {
      shown++;
      return { action };
    });
    const result = await client.callTool(WAIT);
    assert.equal(JSON.parse(JSON.stringify(result.structuredContent)).timed_out, true);
    assert.equal((await job.open()).length, 1);
    const second = client.callTool(WAIT);
    await eventually(() => job.waits.filter(({ timeout_seconds }) => timeout_seconds !== 0).length === 2, {
      what: "the second wait",
    });
    job.settle();
    await second;
    assert.deepEqual([shown, job.answers], [1, []]);
  });
}

Deno.test("older era: a dialog outlives the wait that opened it, and is taken away when the question is settled", async () => {
  const job = new AskingJob();
  await using host = new MemoryHost({ service: job.service, questions: job });
  const capabilities = { elicitation: { form: {} } };
  await host.send({
    jsonrpc: "2.0",
    id: "init",
    method: "initialize",
    params: { protocolVersion: "2025-11-25", capabilities, clientInfo: { name: "test-host", version: "1" } },
  });
  await host.answer("init");
  const call = { jsonrpc: "2.0", method: "tools/call", params: WAIT };
  await host.send({ ...call, id: 1 });
  const asked = await host.message(({ method }) => method === "elicitation/create");
  await host.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } });
  await host.send({ ...call, id: 2 });
  await eventually(() => job.waits.length === 2, { what: "the second wait" });
  assert.equal(host.received.filter(({ method }) => method === "elicitation/create").length, 1);
  job.settle();
  await host.answer(2);
  await host.send({ ...call, id: 3 });
  const { params } = await host.message(({ method }) => method === "notifications/cancelled");
  assert.equal(params?.requestId, asked.id);
});

Deno.test("older era: with mode all a question that comes later goes to the person, though some have ended", async () => {
  const job = new AskingJob();
  const [asked] = await job.open();
  let isAsking = false;
  let waits = 0;
  const service = new ScriptedService({
    wait: async (_request, options) => {
      if (waits++ > 0) {
        await eventually(() => job.answers.length > 0, { what: "the answer" });
        return { timed_out: false, jobs: [aResult()], unfinished: [], cursor: 6 };
      }
      assert.notEqual(options, undefined);
      isAsking = true;
      return { timed_out: false, jobs: [aResult({ job_id: "bbb22222" })], unfinished: [aBrief()], cursor: 5 };
    },
  });
  const questions = {
    open: () => Promise.resolve(isAsking && asked !== undefined ? [asked] : []),
    answer: (...given: Parameters<AskingJob["answer"]>) => job.answer(...given),
  };
  await using host = new MemoryHost({ service, questions });
  const client = await host.client(() => ({ action: "accept", content: { answer: "yes" } }));
  const given = { job_ids: [JOB_ID, "bbb22222"], mode: "all" };
  const result = await client.callTool({ name: "job_wait", arguments: given });
  assert.equal(JSON.parse(JSON.stringify(result.structuredContent)).unfinished.length, 0);
  assert.deepEqual(job.answers, [["1-a", { option: "yes" }]]);
});

Deno.test("a host without a person is asked nothing, in either era", async () => {
  const job = new AskingJob();
  await using host = new MemoryHost({ service: job.service, questions: job });
  const client = await host.client();
  const result = client.callTool(WAIT);
  await eventually(() => job.waits.length === 1, { what: "the wait" });
  job.settle();
  await result;
  assert.deepEqual(host.received.filter(({ method }) => method !== undefined), []);
  const other = new AskingJob();
  await using modern = new MemoryHost({ service: other.service, questions: other });
  const answer = modern.ask("tools/call", WAIT, { capabilities: { elicitation: { url: {} } } });
  await eventually(() => other.waits.length === 1, { what: "the wait" });
  other.settle();
  assert.equal((await answer).result?.resultType, "complete");
});

Deno.test("this era: the official client asks its person and calls again, and the wait goes on to the end", async () => {
  const job = new AskingJob();
  await using host = new MemoryHost({ service: job.service, questions: job });
  const shown: unknown[] = [];
  const client = await modernClient(host, {
    capabilities: { elicitation: { form: {} } },
    configure: (one) =>
      one.setRequestHandler("elicitation/create", ({ params }) => {
        shown.push(params.message);
        return { action: "accept", content: { answer: "no", words: "Not that." } };
      }),
  });
  const result = await client.callTool(WAIT);
  assert.deepEqual(shown, [`codex, job ${JOB_ID}, asks: Run rm -rf build?\n\n$ rm -rf build`]);
  assert.deepEqual(job.answers, [["1-a", { option: "no", text: "Not that." }]]);
  assert.match(JSON.stringify(result.structuredContent), /All tests pass now/);
  // Nothing but answers came from the server.
  assert.deepEqual(host.received.filter(({ method }) => method !== undefined), []);
});

const ASKABLE = { capabilities: { elicitation: {} } };

Deno.test("this era: the call is answered with what is asked, and again with its state and the answer", async () => {
  const job = new AskingJob();
  await using host = new MemoryHost({ service: job.service, questions: job });
  const { result } = await host.ask("tools/call", WAIT, ASKABLE);
  const { requestState, _meta, ...rest } = result ?? {};
  assert.equal(typeof requestState, "string");
  assert.deepEqual(rest, {
    resultType: "input_required",
    inputRequests: {
      [KEY]: {
        method: "elicitation/create",
        params: {
          mode: "form",
          message: `codex, job ${JOB_ID}, asks: Run rm -rf build?\n\n$ rm -rf build`,
          requestedSchema: {
            type: "object",
            properties: {
              answer: {
                type: "string",
                title: "Answer",
                enum: ["yes", "no"],
                enumNames: ["Allow", "Reject"],
              },
              words: { type: "string", title: "In your own words", description: "may be left empty" },
            },
            required: ["answer"],
          },
        },
      },
    },
  });
  const inputResponses = {
    [KEY]: { action: "accept", content: { answer: "yes" } },
    unknown: { action: "accept" },
  };
  const again = await host.ask("tools/call", { ...WAIT, inputResponses, requestState }, ASKABLE);
  assert.equal(again.result?.resultType, "complete");
  assert.deepEqual(job.answers, [["1-a", { option: "yes" }]]);
});

Deno.test("this era: an answer to what was not asked here, or a second time, does not count", async () => {
  const job = new AskingJob();
  await using host = new MemoryHost({ service: job.service, questions: job });
  const inputResponses = { [KEY]: { action: "accept", content: { answer: "yes" } } };
  for (const requestState of [undefined, "made-up", 5]) {
    const { result } = await host.ask("tools/call", { ...WAIT, inputResponses, requestState }, ASKABLE);
    assert.equal(result?.resultType, "input_required");
  }
  assert.deepEqual(job.answers, []);
});

Deno.test("this era: what the person leaves stays open, and the model hears of it at once", async () => {
  const job = new AskingJob();
  await using host = new MemoryHost({ service: job.service, questions: job });
  const { result } = await host.ask("tools/call", WAIT, ASKABLE);
  const inputResponses = { [KEY]: { action: "cancel" } };
  const given = { ...WAIT, inputResponses, requestState: result?.requestState };
  const again = await host.ask("tools/call", given, ASKABLE);
  assert.equal(again.result?.resultType, "complete");
  assert.equal((await job.open()).length, 1);
  const next = host.ask("tools/call", WAIT, ASKABLE);
  await eventually(() => job.waits.some(({ timeout_seconds }) => timeout_seconds !== 0), {
    what: "the next wait",
  });
  job.settle();
  assert.equal((await next).result?.resultType, "complete");
  assert.deepEqual(job.answers, []);
});

Deno.test("a question in words is a text field with its suggestions, and the words are the answer", async () => {
  const job = new AskingJob({
    ...MAY_IT,
    kind: "text",
    title: "Which name?",
    detail: "",
    options: [{ id: "a", label: "alpha" }],
  });
  await using host = new MemoryHost({ service: job.service, questions: job });
  const shown: unknown[] = [];
  const client = await host.client(({ requestedSchema }) => {
    shown.push(requestedSchema);
    return { action: "accept", content: { answer: "omega" } };
  });
  await client.callTool(WAIT);
  assert.deepEqual(shown, [{
    type: "object",
    properties: {
      answer: { type: "string", title: "Answer", minLength: 1, description: "For example: alpha" },
    },
    required: ["answer"],
  }]);
  assert.deepEqual(job.answers, [["1-a", { text: "omega" }]]);
});
