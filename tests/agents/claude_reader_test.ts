/**
 * Tests of room `agents`: Claude Code's output, as recorded from 2.1.197, 2.1.329 and 2.1.332, as events.
 *
 * @module
 */
import assert from "node:assert/strict";
import { claudeDriver } from "../../src/agents/claude/driver.ts";
import type { ReaderContext } from "../../src/agents/turn_reader.ts";
import { EventBody } from "../../src/domain/event/event_body.ts";
import type { Usage } from "../../src/domain/turn/usage.ts";
import { FIRST_TURN, readAll, recordedLines, recordings } from "../support/recorded.ts";
import { seededRandom } from "../support/seeded_random.ts";

function read(name: string, context: ReaderContext = FIRST_TURN) {
  return readAll(claudeDriver, recordedLines(`claude/${name}.jsonl`), context);
}

function readLines(lines: readonly object[], context: ReaderContext = FIRST_TURN) {
  return readAll(claudeDriver, lines.map((line) => JSON.stringify(line)), context);
}

function tool(id: string, name: string, input: object, answer: object, more: object = {}): object[] {
  return [
    { type: "assistant", message: { content: [{ type: "tool_use", id, name, input }] } },
    { type: "user", message: { content: [{ type: "tool_result", tool_use_id: id, ...answer }] }, ...more },
  ];
}

Deno.test("claude reader: commands, file changes, reading and failures of tools", () => {
  const file = "/home/dev/repo/new.txt";
  const usage: Usage = {
    input_tokens: 6000,
    cached_input_tokens: 0,
    output_tokens: 300,
    total_tokens: 6300,
    cost_usd: 0.0375,
  };
  const { events, terminal } = read("tools");
  assert.deepEqual(events, [
    { type: "session", session_id: "22237518-ff72-469c-8c03-8fa8648fa272", model: "claude-opus-4-8[1m]" },
    { type: "reasoning", text: "I should run a command first." },
    { type: "message", text: "I'll run a command." },
    { type: "command", id: "toolu_mock_2_2", state: "started", command: "echo out; echo err >&2; pwd" },
    {
      type: "command",
      id: "toolu_mock_2_2",
      state: "completed",
      command: "echo out; echo err >&2; pwd",
      exit_code: 0,
      output: "out\nerr\n/home/dev/repo",
    },
    { type: "message", text: "Now write a file." },
    {
      type: "file_change",
      id: "toolu_mock_3_1",
      state: "started",
      changes: [{ path: file, kind: "add" }],
    },
    { type: "file_change", id: "toolu_mock_3_1", state: "completed", changes: [{ path: file, kind: "add" }] },
    {
      type: "tool_call",
      id: "toolu_mock_4_0",
      state: "started",
      tool: "Read",
      arguments: { file_path: file },
    },
    { type: "tool_call", id: "toolu_mock_4_0", state: "completed", tool: "Read" },
    {
      type: "file_change",
      id: "toolu_mock_5_0",
      state: "started",
      changes: [{ path: file, kind: "update" }],
    },
    {
      type: "file_change",
      id: "toolu_mock_5_0",
      state: "completed",
      changes: [{ path: file, kind: "update" }],
    },
    { type: "command", id: "toolu_mock_6_0", state: "started", command: "exit 3" },
    {
      type: "tool_call",
      id: "toolu_mock_6_1",
      state: "started",
      tool: "Read",
      arguments: { file_path: "/home/dev/repo/missing.txt" },
    },
    { type: "command", id: "toolu_mock_6_0", state: "failed", command: "exit 3", exit_code: 3 },
    {
      type: "tool_call",
      id: "toolu_mock_6_1",
      state: "failed",
      tool: "Read",
      error: "File does not exist. Note: your current working directory is /home/dev/repo.",
    },
    { type: "message", text: "All done: wrote new.txt." },
    { type: "usage", usage, session_usage: usage },
  ]);
  assert.deepEqual(terminal, { ok: true, result: "All done: wrote new.txt." });
});

Deno.test("claude reader: the newer version reads the same", () => {
  const types = (name: string) => read(name).events.map(({ type }) => type);
  assert.deepEqual(types("2.1.329-tools"), types("tools"));
  assert.deepEqual(types("2.1.329-denied"), types("denied"));
});

Deno.test("claude reader: a denied tool is declined, and whoever reads the job is warned", () => {
  for (const name of ["denied", "2.1.329-denied"]) {
    const { events, terminal } = read(name);
    assert.deepEqual(terminal, { ok: true, result: "done" });
    assert.deepEqual(
      events.filter(({ type }) => type === "warning"),
      [{ type: "warning", message: "Not allowed under this approval policy: Write /home/dev/repo/w.txt" }],
    );
    assert.ok(events.some((event) => event.type === "file_change" && event.state === "declined"));
  }
});

Deno.test("claude reader: a stream that breaks is a failure of older versions, and newer ones go on with it", () => {
  const { terminal } = read("err-cut-stream");
  assert.ok(terminal?.ok === false);
  assert.equal(terminal.failure.reason, "agent_error");
  assert.match(terminal.failure.message, /Connection closed mid-response/);
  assert.match(terminal.failure.hint ?? "", /continue with job_reply/);
  const newer = read("2.1.332-cut-stream");
  assert.deepEqual(newer.terminal, { ok: true, result: "Whole." });
  assert.deepEqual(
    newer.events.flatMap((event) => event.type === "message" || event.type === "raw" ? [event.text] : []),
    ["Whole."],
  );
});

Deno.test("claude reader: a command that a signal ended is no call that somebody refused", () => {
  const command = read("2.1.332-interrupted").events.findLast((event) => event.type === "command");
  assert.deepEqual([command?.state, command?.output], ["failed", "interrupted"]);
});

Deno.test("claude reader: of several results the last one counts, and its counters include the others", () => {
  const { events, terminal } = read("background-task");
  assert.deepEqual(terminal, { ok: true, result: "first answer" });
  const usages = events.flatMap((event) => event.type === "usage" ? [event.usage.total_tokens] : []);
  assert.deepEqual(usages, [2100, 4200]);
  assert.equal(events.filter(({ type }) => type === "session").length, 1);
});

Deno.test("claude reader: an answer beside which something runs in the background is no last word", () => {
  const lines = recordedLines("claude/2.1.332-monitor.jsonl");
  const isResult = (line: string) => line.includes('"type":"result"');
  const first = lines.findIndex(isResult);
  const last = lines.findLastIndex(isResult);
  assert.ok(first >= 0 && first < last);
  const reader = claudeDriver.reader(FIRST_TURN);
  const terminals = lines.map((line) => reader.read(line).terminal);
  assert.deepEqual(terminals.slice(0, last), lines.slice(0, last).map(() => undefined));
  assert.deepEqual(terminals[last], { ok: true, result: "The checks are green." });
  assert.equal(reader.finish().terminal, undefined);
  // It left without another answer.
  const unheard = readAll(claudeDriver, lines.slice(0, first + 1));
  assert.deepEqual(unheard.terminal, { ok: true, result: "I watch the checks." });
});

Deno.test("claude reader: the agent has begun to work again after its last word when it says so", () => {
  const reader = claudeDriver.reader(FIRST_TURN);
  const told = recordedLines("claude/background-task.jsonl").map((line) => reader.read(line));
  const words = told.flatMap(({ terminal, resumes }) =>
    terminal ? ["word"] : resumes === true ? ["again"] : []
  );
  assert.deepEqual(words, ["word", "again", "word"]);
});

Deno.test("claude reader: refused credentials are a last word long before Claude Code gives up", () => {
  const lines = recordedLines("claude/err-401-retries.jsonl");
  const third = lines.findIndex((line) => line.includes('"attempt":3'));
  const early = readAll(claudeDriver, lines.slice(0, third + 1)).terminal;
  assert.ok(early?.ok === false);
  assert.equal(early.failure.reason, "auth_required");
  assert.equal(readAll(claudeDriver, lines.slice(0, third)).terminal, null);
  const { events, terminal } = readAll(claudeDriver, lines);
  assert.ok(terminal?.ok === false);
  assert.equal(terminal.failure.reason, "auth_required");
  assert.equal(events.filter((event) => event.type === "error" && event.transient).length, 10);
  assert.deepEqual(events.filter((event) => event.type === "error" && !event.transient), [{
    type: "error",
    message: "Failed to authenticate. API Error: 401 mock authentication_error",
    transient: false,
  }]);
});

Deno.test("claude reader: failures by kind", () => {
  const reasonAndHint = (name: string) => {
    const { terminal } = read(name);
    assert.ok(terminal?.ok === false);
    return [terminal.failure.reason, terminal.failure.hint];
  };
  assert.deepEqual(reasonAndHint("err-404-model"), [
    "agent_error",
    "Name a model that this account can use, or leave it out for Claude Code's own default.",
  ]);
  assert.deepEqual(reasonAndHint("max-turns"), [
    "agent_error",
    "The limit of turns in the configured arguments was reached: continue with job_reply.",
  ]);
  assert.deepEqual(reasonAndHint("max-budget"), [
    "agent_error",
    "The budget in the configured arguments was reached: raise it, then continue with job_reply.",
  ]);
});

Deno.test("claude reader: trouble that passes is transient and leaves no trace in the end", () => {
  const { events, terminal } = read("err-500-recovered");
  assert.deepEqual(terminal, { ok: true, result: "recovered" });
  assert.deepEqual(events.find(({ type }) => type === "error"), {
    type: "error",
    message: "The model's server answered 500 (server_error); attempt 1 of 10, next in 0.6 s",
    transient: true,
  });
});

const SESSION = "5f0c5b4e-0000-4000-8000-000000000000";

function turn(version: string, total: number, own: number, cost: number): object[] {
  return [
    { type: "system", subtype: "init", session_id: SESSION, claude_code_version: version },
    {
      type: "result",
      subtype: "success",
      is_error: false,
      result: "ok",
      total_cost_usd: cost,
      usage: { input_tokens: own, output_tokens: own },
      modelUsage: { m: { inputTokens: total, outputTokens: total } },
    },
  ];
}

Deno.test("claude reader: counters that go on through a session are subtracted, others are not", () => {
  const before: Usage = {
    input_tokens: 100,
    cached_input_tokens: 0,
    output_tokens: 100,
    total_tokens: 200,
    cost_usd: 0.5,
  };
  const context = { sessionId: SESSION, sessionUsage: before, startedAt: 0 };
  const used = (lines: object[], given: ReaderContext = context) => {
    const event = readLines(lines, given).events.find(({ type }) => type === "usage");
    assert.ok(event?.type === "usage");
    return [event.usage.input_tokens, event.usage.cost_usd];
  };
  // Newer: the session's total.
  assert.deepEqual(used(turn("2.1.329", 130, 30, 0.75)), [30, 0.25]);
  // Older: of this run alone, even when it is more than all before.
  assert.deepEqual(used(turn("2.1.197", 130, 30, 0.75)), [130, 0.75]);
  // Newer, but begun again: less than the turns before and this one together.
  assert.deepEqual(used(turn("2.1.329", 30, 30, 0.25)), [30, 0.25]);
  assert.deepEqual(used(turn("2.1.329", 130, 30, 0.75), FIRST_TURN), [130, 0.75]);
});

Deno.test("claude reader: another session than the one asked for is never a success", () => {
  const { events, terminal } = readLines(turn("2.1.329", 1, 1, 0), {
    sessionId: "other",
    sessionUsage: null,
    startedAt: 0,
  });
  assert.ok(terminal?.ok === false);
  assert.match(terminal.failure.message, /was asked for other and began/);
  assert.equal(events.some(({ type }) => type === "session"), false);
});

Deno.test("claude reader: MCP tools by server and name, plans, searches, and what a subagent does", () => {
  const parent = { parent_tool_use_id: "task" };
  const { events } = readLines([
    ...tool("m", "mcp__my_srv__do_it", { a: 1 }, { content: [{ type: "text", text: "done" }] }),
    { type: "assistant", message: { content: [{ type: "text", text: "I am a subagent" }] }, ...parent },
    { type: "user", message: { content: [{ type: "text", text: "its prompt" }] }, ...parent },
    ...tool("t", "TodoWrite", { todos: [{ content: "one", status: "completed" }] }, { content: "ok" }),
    ...tool("c", "TaskCreate", { subject: "first" }, { content: "Task #1 created successfully: first" }),
    ...tool("d", "TaskCreate", { subject: "second" }, { content: "Task #2 created successfully: second" }),
    ...tool("u", "TaskUpdate", { taskId: "2", status: "completed" }, { content: "Updated task #2 status" }),
    ...tool("w", "WebSearch", { query: "deno" }, { content: "found" }),
    ...tool("g", "Bash", { command: "grep x" }, { content: "No matches found" }, {
      tool_use_result: { stdout: "", stderr: "", returnCodeInterpretation: "No matches found" },
    }),
    ...tool("n", "Bash", { command: "x" }, { content: "no", is_error: true }, {
      tool_result_meta: [{ id: "n", non_execution_kind: "permission-rule" }],
    }),
  ]);
  assert.deepEqual(events, [
    { type: "tool_call", id: "m", state: "started", server: "my_srv", tool: "do_it", arguments: { a: 1 } },
    { type: "tool_call", id: "m", state: "completed", server: "my_srv", tool: "do_it", result: "done" },
    { type: "reasoning", text: "[subagent] I am a subagent" },
    { type: "plan", items: [{ text: "one", done: true }] },
    { type: "plan", items: [{ text: "first", done: false }] },
    { type: "plan", items: [{ text: "first", done: false }, { text: "second", done: false }] },
    { type: "plan", items: [{ text: "first", done: false }, { text: "second", done: true }] },
    { type: "web_search", id: "w", query: "deno" },
    { type: "command", id: "g", state: "started", command: "grep x" },
    { type: "command", id: "g", state: "completed", command: "grep x", output: "No matches found" },
    { type: "command", id: "n", state: "started", command: "x" },
    { type: "command", id: "n", state: "declined", command: "x", output: "no" },
  ]);
});

Deno.test("claude reader: a limit's end that is named beside the text", () => {
  const { terminal } = readLines([
    { type: "rate_limit_event", rate_limit_info: { status: "rejected", resetsAt: 1_800_000_000 } },
    { type: "result", subtype: "success", is_error: true, result: "Limit reached", api_error_status: 429 },
  ]);
  assert.ok(terminal?.ok === false);
  assert.equal(terminal.failure.retry_at, 1_800_000_000_000);
});

Deno.test("claude reader: partial messages add nothing to the whole ones", () => {
  const withoutIds = (name: string) =>
    JSON.stringify(read(name)).replace(/toolu_mock_\d+_\d+|"session_id":"[^"]*"/g, "");
  assert.equal(withoutIds("tools-partial"), withoutIds("tools"));
});

Deno.test("claude reader: unknown lines are kept and known noise is not", () => {
  const odd = ["plain text", '{"type":"new_thing"}', "[]", "null", '{"type":"system","subtype":"novel"}'];
  assert.deepEqual(readAll(claudeDriver, odd).events, odd.map((text) => ({ type: "raw", text })));
  assert.deepEqual(
    readLines([{ type: "stream_event" }, { type: "system", subtype: "task_started" }]).events,
    [],
  );
});

Deno.test("claude reader: every recording gives valid events, and so does every damaged one", () => {
  const random = seededRandom(7);
  for (const name of recordings("claude")) {
    const lines = recordedLines(name);
    for (let round = 0; round < 20; round++) {
      const damaged = round === 0 ? lines : lines.map((line) => damage(line, random.below));
      for (const event of readAll(claudeDriver, damaged).events) EventBody.parse(event);
    }
  }
});

/** Cut, with a member renamed, or with a value of another type. */
function damage(line: string, below: (limit: number) => number): string {
  switch (below(4)) {
    case 0:
      return line.slice(0, below(line.length));
    case 1:
      return line.replace(/"(id|content|message|usage|input|name)":/, '"other":');
    case 2:
      return line.replace(/:"[^"]*"/g, (value) => below(4) === 0 ? ":7" : value);
    default:
      return line.replace(/:(\d+|true|false|null)/g, (value) => below(4) === 0 ? ':["x"]' : value);
  }
}

Deno.test("claude reader: a run that a signal ended is told in words, not in Claude Code's own diagnostics", () => {
  const diagnostic = "[ede_diagnostic] result_type=user last_content_type=n/a stop_reason=null";
  const failed = (errors: string[]) => {
    const { terminal } = readLines([
      { type: "result", subtype: "error_during_execution", is_error: true, errors },
    ]);
    return terminal?.ok === false ? terminal.failure : null;
  };
  assert.deepEqual(failed([diagnostic]), {
    reason: "agent_error",
    message: "Claude Code was interrupted before it had answered",
    hint: "Something other than agent-async ended it: continue with job_reply.",
    retry_at: null,
  });
  assert.equal(failed([diagnostic, "out of cheese"])?.message, "out of cheese");
});
