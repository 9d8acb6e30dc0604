/**
 * Every tool through the SDK's client, which checks results against their output schemas.
 *
 * @module
 */
import assert from "node:assert/strict";
import { AgentAsyncError } from "../../src/domain/errors.ts";
import { withFixedMarks } from "../support/fence_marks.ts";
import { MemoryHost } from "../support/memory_host.ts";
import { aBrief, aReceipt, aResult, JOB_ID, ScriptedService } from "../support/scripted_service.ts";

const ORIGIN = { env: { HOME: "/home/someone", PATH: "/bin" }, session: "session-1" };

/** The brief of a job whose agent runs a command, as models get it. */
const A_TOLD_BRIEF = { ...aBrief(), activity: "<agent>running: npm test</agent>" };

interface Called {
  structured: unknown;
  text: string;
  isError: boolean;
}

async function call(service: ScriptedService, name: string, args: Record<string, unknown>): Promise<Called> {
  await using host = new MemoryHost({ service });
  const client = await host.client();
  // The client learns the output schemas from the list.
  await client.listTools();
  const { content, structuredContent, isError } = await client.callTool({ name, arguments: args });
  const first: unknown = Array.isArray(content) ? content[0] : undefined;
  assert.ok(typeof first === "object" && first !== null && "text" in first && typeof first.text === "string");
  return { structured: withFixedMarks(structuredContent), text: first.text, isError: isError === true };
}

Deno.test("codex_start passes every parameter and the origin, and answers with the receipt", async () => {
  const service = new ScriptedService({
    start: () => Promise.resolve(aReceipt({ status: "pending", position: 2, waiting_for: "a slot" })),
  });
  const args = {
    prompt: "Do it",
    cwd: "/work",
    approval_policy: "suggest",
    context_files: ["a.txt"],
    model: "gpt-5",
    timeout_seconds: 60,
    after: ["ABC12345"],
    priority: 3,
    fallback: ["gemini"],
    retry_on_limit: true,
    request_key: "key",
  };
  const { structured, text } = await call(service, "codex_start", args);
  assert.deepEqual(service.asked("start"), [{ ...args, after: [JOB_ID], agent: "codex", origin: ORIGIN }]);
  assert.deepEqual(structured, {
    job_id: JOB_ID,
    agent: "codex",
    status: "pending",
    position: 2,
    waiting_for: "a slot",
    message: "The job is running.",
  });
  assert.match(text, /^Job abc12345, codex, turn 1: pending, position 2 in the queue, event cursor 0\n/);
});

Deno.test("an agent that is not there can be called all the same: the service says what to do", async () => {
  const service = new ScriptedService();
  await using host = new MemoryHost({
    service,
    agents: () => Promise.resolve([{ name: "gemini", available: false, hint: "npm install" }]),
  });
  await host.initialize();
  await host.call("gemini_start", { prompt: "x", cwd: "/work" });
  assert.deepEqual(service.asked("start"), [{ prompt: "x", cwd: "/work", agent: "gemini", origin: ORIGIN }]);
  const unknown = await host.call("nobody_start", { prompt: "x", cwd: "/work" });
  assert.match(JSON.stringify(unknown), /There is no tool .*nobody_start/);
});

Deno.test("job_poll takes an id in any case and with blanks, and answers with the job result", async () => {
  const service = new ScriptedService();
  const { structured, text } = await call(service, "job_poll", { job_id: " ABC12345\n" });
  assert.deepEqual(service.asked("poll"), [{ job_id: JOB_ID, tail_lines: 100 }]);
  assert.deepEqual(structured, {
    job_id: JOB_ID,
    agent: "codex",
    status: "done",
    reason: "completed",
    exit_code: 0,
    result: "<agent>All tests pass now.</agent>",
    files_changed: ["src/a.ts"],
    commands_run: 1,
    usage: aResult().usage,
    possibly_truncated: false,
    turn: 1,
    finished_at: "2026-01-01T00:00:43.000Z",
    duration_seconds: 42,
  });
  assert.match(text, /^Job abc12345, codex, turn 1: done \(completed\), 42 s, exit code 0, event cursor 7\n/);
  assert.match(text, /begin final message of codex =====\nAll tests pass now\.\n=====/);
});

Deno.test("job_poll tells a running and a failed job for what they are", async () => {
  const running = new ScriptedService({
    poll: () =>
      Promise.resolve(aResult({
        status: "running",
        exit_code: null,
        result: "First the tests.",
        activity: "running: npm test",
        finished_at: null,
      })),
  });
  assert.match(
    (await call(running, "job_poll", { job_id: JOB_ID })).text,
    /Activity: "running: npm test"[^]*begin latest message of codex =====\nFirst the tests\.[^]*job_wait/,
  );
  const failed = new ScriptedService({
    poll: () =>
      Promise.resolve(
        aResult({ status: "error", reason: "auth_required", error: "401", hint: "Run `codex login`." }),
      ),
  });
  assert.match(
    (await call(failed, "job_poll", { job_id: JOB_ID })).text,
    /error \(auth_required\)[^]*Error: "401"\nWhat to do: Run `codex login`\./,
  );
  const unborn = new ScriptedService({
    poll: () => Promise.resolve(aResult({ status: "error", reason: "dependency_failed", session_id: null })),
  });
  assert.doesNotMatch((await call(unborn, "job_poll", { job_id: JOB_ID })).text, /job_reply/);
});

Deno.test("job_wait passes its defaults and answers with ended and unfinished jobs", async () => {
  const answer = { timed_out: true, jobs: [], unfinished: [aBrief()], cursor: 9 };
  const service = new ScriptedService({ wait: () => Promise.resolve(answer) });
  const { structured, text } = await call(service, "job_wait", { job_ids: [JOB_ID] });
  assert.deepEqual(service.asked("wait"), [{
    job_ids: [JOB_ID],
    mode: "any",
    timeout_seconds: 50,
    as: "assistant",
  }]);
  assert.deepEqual(structured, { ...answer, asking: [], unfinished: [A_TOLD_BRIEF] });
  assert.match(text, /^0 ended, 1 unfinished, job_wait cursor 9\. .*call job_wait again/);
});

Deno.test("job_events passes its parameters and answers with the page", async () => {
  const event = { seq: 3, turn: 1, time: "2026-01-01T00:00:00.000Z", type: "message" as const, text: "hi" };
  const page = { events: [event], cursor: 3, status: "running" as const, more: false };
  const service = new ScriptedService({ events: () => Promise.resolve(page) });
  const { structured, text } = await call(service, "job_events", {
    job_id: JOB_ID,
    types: ["message"],
    cursor: 2,
  });
  assert.deepEqual(service.asked("events"), [
    { job_id: JOB_ID, cursor: 2, limit: 50, types: ["message"], truncate: 1024 },
  ]);
  assert.deepEqual(structured, { ...page, events: [{ ...event, text: "<agent>hi</agent>" }] });
  assert.match(text, /^1 events of job abc12345 \(running\), cursor 3\n===== begin events =====\n\{"seq":3/);
});

Deno.test("job_reply passes its parameters and the origin", async () => {
  const service = new ScriptedService();
  const args = { job_id: JOB_ID, prompt: "And the docs", model: "m", timeout_seconds: 5, request_key: "k" };
  const { structured } = await call(service, "job_reply", { ...args, approval_policy: "full-auto" });
  assert.deepEqual(service.asked("reply"), [{ ...args, approval_policy: "full-auto", origin: ORIGIN }]);
  assert.deepEqual(structured, aReceipt({ turn: 2, cursor: 7 }));
});

Deno.test("job_cancel, job_list and queue_status answer with what the service says", async () => {
  const service = new ScriptedService();
  assert.deepEqual((await call(service, "job_cancel", { job_id: JOB_ID })).structured, {
    job_id: JOB_ID,
    status: "cancelled",
    message: `Job ${JOB_ID} is cancelled. Nothing of it is left running.`,
  });
  const list = await call(service, "job_list", { status: "running", agent: "codex", cwd: "/work" });
  assert.deepEqual(list.structured, { jobs: [A_TOLD_BRIEF], total: 1 });
  assert.deepEqual(service.asked("list"), [{ limit: 20, status: "running", agent: "codex", cwd: "/work" }]);
  const queue = await call(service, "queue_status", {});
  assert.deepEqual(service.asked("queue"), [{ origin: ORIGIN }]);
  assert.deepEqual(queue.structured, {
    busy: false,
    running: [A_TOLD_BRIEF],
    pending: [],
    pending_count: 0,
    limits: { total: 4, depth: 3 },
    agents: [{ name: "codex", available: true, version: "0.169.0" }],
  });
  assert.match(queue.text, /Agent codex 0\.169\.0: available/);
});

Deno.test("null is an argument left out, and an unknown argument is told", async () => {
  const service = new ScriptedService();
  const args = { prompt: "x", cwd: "/", model: null, timeout: 5 };
  const { structured, text } = await call(service, "codex_start", args);
  const { cursor: _cursor, turn: _turn, ...receipt } = aReceipt();
  assert.deepEqual(structured, { ...receipt, ignored_arguments: ["timeout"] });
  assert.deepEqual(service.asked("start"), [{ prompt: "x", cwd: "/", agent: "codex", origin: ORIGIN }]);
  assert.match(text, /Ignored arguments that codex_start lacks: "timeout"; it has: prompt, cwd/);
});

const FAULTS: { args: Record<string, unknown>; tool: string; says: RegExp }[] = [
  { tool: "codex_start", args: { cwd: "/" }, says: /prompt: is required/ },
  { tool: "codex_start", args: { prompt: "", cwd: "/" }, says: /prompt: must not be empty/ },
  { tool: "codex_start", args: { prompt: ["x"], cwd: "/" }, says: /prompt: must be a string, not an array/ },
  {
    tool: "codex_start",
    args: { prompt: "x", cwd: "/", priority: 1.5 },
    says: /priority: must be a whole number/,
  },
  {
    tool: "codex_start",
    args: { prompt: "x", cwd: "/", approval_policy: "yolo" },
    says: /approval_policy: must be one of suggest, auto-edit, ask, full-auto/,
  },
  {
    tool: "codex_start",
    args: { prompt: "x", cwd: "/", after: ["nope"] },
    says: /after\[0\]: a job id is 8 characters/,
  },
  { tool: "job_wait", args: { job_ids: [] }, says: /job_ids: must not be empty/ },
  {
    tool: "job_events",
    args: { job_id: JOB_ID, types: ["x"] },
    says: /types\[0\]: must be one of session, message/,
  },
];

for (const { tool, args, says } of FAULTS) {
  Deno.test(`a bad argument is named: ${says.source}`, async () => {
    const service = new ScriptedService();
    const { text, isError } = await call(service, tool, args);
    assert.ok(isError);
    assert.match(text, says);
    assert.match(text, new RegExp(`Next: ${tool} `));
    assert.deepEqual(service.calls, []);
  });
}

Deno.test("an expected failure says what is wrong, how things stand and what to call next", async () => {
  const missing = new ScriptedService({
    poll: () => Promise.reject(new AgentAsyncError("not_found", "There is no job abc12345")),
  });
  const notFound = await call(missing, "job_poll", { job_id: JOB_ID });
  assert.deepEqual([notFound.isError, notFound.text], [
    true,
    "not_found: There is no job abc12345\nNext: job_list shows the jobs that there are.",
  ]);
  const sessionless = new ScriptedService({
    reply: () =>
      Promise.reject(new AgentAsyncError("conflict", "aider has no sessions", { hint: "Start a new job." })),
  });
  assert.equal(
    (await call(sessionless, "job_reply", { job_id: JOB_ID, prompt: "x" })).text,
    "conflict: aider has no sessions\nStart a new job.\nJob abc12345 is done (completed), turn 1.\n" +
      "Nothing was changed. Next: job_poll shows the job.",
  );
  const absent = new ScriptedService({
    start: () =>
      Promise.reject(new AgentAsyncError("conflict", "Cannot start a job", { hint: "Install it." })),
  });
  assert.equal(
    (await call(absent, "codex_start", { prompt: "x", cwd: "/" })).text,
    "conflict: Cannot start a job\nInstall it.\n" +
      "Nothing was started. Next: queue_status shows which agents can work here.",
  );
});

Deno.test("a hint of the service is not said twice", async () => {
  const hint = "See the jobs there are with job_list.";
  const service = new ScriptedService({
    poll: () => Promise.reject(new AgentAsyncError("not_found", "There is no job abc12345", { hint })),
  });
  assert.equal(
    (await call(service, "job_poll", { job_id: JOB_ID })).text,
    `not_found: There is no job abc12345\n${hint}`,
  );
});

Deno.test("a wait in which nothing ran and nothing ended does not speak of jobs that go on", async () => {
  const service = new ScriptedService({
    wait: () => Promise.resolve({ timed_out: true, jobs: [], unfinished: [], cursor: 4 }),
  });
  const { text } = await call(service, "job_wait", {});
  assert.match(
    text,
    /^0 ended, 0 unfinished, job_wait cursor 4\. No job ended in the time of this call: queue_status/,
  );
});

Deno.test("a bug is told shortly, names the log, and its stack goes there", async () => {
  const logged: unknown[] = [];
  const log = { debug() {}, info() {}, warn() {}, error: (...entry: unknown[]) => void logged.push(entry) };
  const service = new ScriptedService({ list: () => Promise.reject(new TypeError("secret detail")) });
  await using host = new MemoryHost({ service, log });
  await host.initialize();
  const text = JSON.stringify((await host.call("job_list", {})).result);
  assert.match(text, /internal: job_list failed.*\/home\/someone\/\.agent-async\/daemon\.log/);
  assert.ok(!text.includes("secret detail"));
  assert.match(JSON.stringify(logged), /secret detail/);
});
