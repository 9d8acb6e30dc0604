/** The Gemini CLI's stream, as recorded from 0.61.0, and what becomes of it. */
import assert from "node:assert/strict";
import { geminiDriver } from "../../src/agents/gemini/driver.ts";
import { FIRST_TURN, readAll, recordedLines, recordings } from "../support/recorded.ts";

Deno.test("gemini reader: messages, commands, file changes, tools and usage of a whole turn", () => {
  const { events, terminal } = readAll(geminiDriver, recordedLines("gemini/tools.jsonl"));
  const path = "/home/dev/repo/new.txt";
  const shell = (time: number) => `run_shell_command__run_shell_command_${time}_0`;
  const change = { type: "file_change", id: "write_file__write_file_1795174330679_0" } as const;
  const edit = { type: "file_change", id: "replace__replace_1795174330798_0" } as const;
  const read = { type: "tool_call", id: "read_file__read_file_1795174330752_0", tool: "read_file" } as const;
  const missing = { ...read, id: "read_file__read_file_1795174330860_1" };
  const command = "echo out; echo err >&2; pwd";
  assert.deepEqual(events, [
    { type: "session", session_id: "66d574a5-828b-43ae-8852-ebc1e6b6e49e" },
    { type: "message", text: "I'll run a command." },
    { type: "command", id: shell(1795174330519), state: "started", command },
    {
      type: "command",
      id: shell(1795174330519),
      state: "completed",
      command,
      output: "out\n/home/dev/repo\nerr",
    },
    { type: "message", text: "Now write a file." },
    { ...change, state: "started", changes: [{ path, kind: "add" }] },
    { ...change, state: "completed", changes: [{ path, kind: "add" }] },
    { ...read, state: "started", arguments: { file_path: path } },
    { ...read, state: "completed", arguments: { file_path: path } },
    { ...edit, state: "started", changes: [{ path, kind: "update" }] },
    { ...edit, state: "completed", changes: [{ path, kind: "update" }] },
    { type: "command", id: shell(1795174330857), state: "started", command: "exit 3" },
    { ...missing, state: "started", arguments: { file_path: "/home/dev/repo/missing.txt" } },
    { type: "command", id: shell(1795174330857), state: "failed", command: "exit 3", exit_code: 3 },
    {
      ...missing,
      state: "failed",
      arguments: { file_path: "/home/dev/repo/missing.txt" },
      error: "File not found: /home/dev/repo/missing.txt",
    },
    { type: "message", text: "All done: wrote new.txt." },
    {
      type: "usage",
      usage: { input_tokens: 7000, cached_input_tokens: 0, output_tokens: 350, total_tokens: 7350 },
    },
  ]);
  assert.deepEqual(terminal, { ok: true });
});

Deno.test("gemini reader: a detected loop is no success, though Gemini calls it one", () => {
  const { events, terminal } = readAll(geminiDriver, recordedLines("gemini/loop-error.jsonl"));
  const message = "Loop detected, stopping execution";
  assert.deepEqual(terminal, {
    ok: false,
    failure: {
      reason: "agent_error",
      message,
      hint: "Gemini stopped itself since it repeated itself: continue with job_reply, in other words.",
      retry_at: null,
    },
  });
  assert.deepEqual(events.filter(({ type }) => type === "error"), [
    { type: "error", message, transient: false },
  ]);
});

Deno.test("gemini reader: what stopped it is its last word unless it went on", () => {
  const stopped = JSON.stringify({
    type: "error",
    severity: "error",
    message: "Maximum session turns exceeded",
  });
  const success = JSON.stringify({ type: "result", status: "success" });
  const word = (...lines: string[]) => readAll(geminiDriver, [...lines, success]).terminal;
  const text = JSON.stringify({ type: "message", role: "assistant", content: "Here it is.", delta: true });
  assert.equal(word(stopped)?.ok, false);
  assert.equal(word(text, stopped)?.ok, false);
  assert.deepEqual(word(stopped, text), { ok: true });
  assert.deepEqual(word(JSON.stringify({ type: "error", severity: "warning", message: "a hook" })), {
    ok: true,
  });
});

Deno.test("gemini reader: an exit code is told only where the stream tells of the command's output", () => {
  const end = (rest: object) => {
    const start = {
      type: "tool_use",
      tool_name: "run_shell_command",
      tool_id: "1",
      parameters: { command: "x" },
    };
    const lines = [start, { type: "tool_result", tool_id: "1", status: "success", ...rest }];
    const event = readAll(geminiDriver, lines.map((line) => JSON.stringify(line))).events.at(-1);
    return event?.type === "command" ? [event.state, event.exit_code, event.output] : [];
  };
  assert.deepEqual(end({ output: "" }), ["completed", 0, undefined]);
  assert.deepEqual(end({ output: "Command exited with code: 3" }), ["failed", 3, undefined]);
  assert.deepEqual(end({ output: "printed" }), ["completed", undefined, "printed"]);
  // As 0.39.1 says of every command.
  assert.deepEqual(end({}), ["completed", undefined, undefined]);
});

Deno.test("gemini reader: the limit of turns is a failure with a hint", () => {
  const { terminal } = readAll(geminiDriver, recordedLines("gemini/max-turns.jsonl"));
  assert.deepEqual(terminal, {
    ok: false,
    failure: {
      reason: "agent_error",
      message:
        "Reached max session turns for this session. Increase the number of turns by specifying maxSessionTurns in settings.json.",
      hint: "Raise `model.maxSessionTurns` in Gemini's settings.json, or continue with job_reply.",
      retry_at: null,
    },
  });
});

Deno.test("gemini reader: 401 is auth_required, 429 quota_exhausted", () => {
  const refused = readAll(geminiDriver, recordedLines("gemini/err-401.jsonl"));
  assert.deepEqual(refused.terminal, {
    ok: false,
    failure: {
      reason: "auth_required",
      message: "mock authentication_error (UNAUTHENTICATED)",
      hint: geminiDriver.hints.login,
      retry_at: null,
    },
  });
  assert.ok(
    refused.events.some((event) => event.type === "error" && event.message.startsWith("mock authentication")),
  );
  const limited = readAll(geminiDriver, recordedLines("gemini/err-429.jsonl")).terminal;
  assert.ok(limited?.ok === false);
  assert.equal(limited.failure.reason, "quota_exhausted");
  assert.equal(limited.failure.message, "mock rate_limit_error");
});

Deno.test("gemini reader: a limit in the words of older versions", () => {
  const message = "[API Error: Resource has been exhausted\nSuggested retry after 2s.]";
  const timestamp = "2026-11-28T01:00:00.000Z";
  const { terminal } = readAll(geminiDriver, [
    JSON.stringify({ type: "result", timestamp, status: "error", error: { type: "unknown", message } }),
  ]);
  assert.ok(terminal?.ok === false);
  assert.equal(terminal.failure.reason, "quota_exhausted");
  assert.equal(terminal.failure.retry_at, Date.parse(timestamp) + 2_000);
});

Deno.test("gemini reader: retry_at counts from the line that names it, not from the turn's start", () => {
  const said = "2026-11-20T12:00:00.000Z";
  const retryAt = (message: string) => {
    const line = JSON.stringify({ type: "result", timestamp: said, status: "error", error: { message } });
    const { terminal } = readAll(geminiDriver, [line]);
    assert.ok(terminal?.ok === false && terminal.failure.reason === "quota_exhausted", message);
    return terminal.failure.retry_at === null ? null : terminal.failure.retry_at - Date.parse(said);
  };
  assert.equal(retryAt("[API Error: Quota exceeded for metric: x. Please retry in 34.074824224s.]"), 34_075);
  assert.equal(retryAt("[API Error: You exceeded your current quota.\nSuggested retry after 34s.]"), 34_000);
  assert.equal(
    retryAt(
      "[API Error: You have exhausted your capacity on this model. Your quota will reset after 5h2m3s.]",
    ),
    18_123_000,
  );
  assert.equal(
    retryAt('[API Error: {"error":{"code":429,"message":"m","details":[{"retryDelay":"15s"}]}}]'),
    15_000,
  );
  assert.equal(retryAt("[API Error: You have exhausted your daily quota on this model.]"), null);
});

Deno.test("gemini reader: a broken stream has no error of its own and takes the one before", () => {
  const { events, terminal } = readAll(geminiDriver, [
    '{"type":"error","severity":"error","message":"The model returned an empty response."}',
    '{"type":"result","status":"error","stats":{"total_tokens":12,"input_tokens":10,"output_tokens":1,"cached":4}}',
  ]);
  assert.deepEqual(events, [
    { type: "error", message: "The model returned an empty response.", transient: false },
    {
      type: "usage",
      usage: {
        input_tokens: 10,
        cached_input_tokens: 4,
        output_tokens: 2,
        reasoning_tokens: 1,
        total_tokens: 12,
      },
    },
  ]);
  assert.ok(terminal?.ok === false && terminal.failure.message === "The model returned an empty response.");
});

Deno.test("gemini reader: a refused tool is declined; MCP tools name their server; todos are a plan", () => {
  const use = (tool_name: string, parameters: unknown) =>
    JSON.stringify({ type: "tool_use", tool_name, tool_id: tool_name, parameters });
  const result = (tool_id: string, rest: object) => JSON.stringify({ type: "tool_result", tool_id, ...rest });
  const refusal = { status: "error", error: { type: "tool_not_registered", message: "no such tool" } };
  const { events } = readAll(geminiDriver, [
    use("run_shell_command", { command: "ls" }),
    result("run_shell_command", refusal),
    use("write_file", { file_path: "/a", content: "" }),
    result("write_file", refusal),
    use("mcp_docs_find_page", { q: 1 }),
    result("mcp_docs_find_page", { status: "success", output: "found" }),
    use("write_todos", { todos: [{ description: "a", status: "completed" }, { description: "b" }] }),
    result("write_todos", { status: "success" }),
    use("google_web_search", { query: "deno" }),
    result("google_web_search", { status: "success", output: "Search results" }),
    use("run_shell_command", { cmd: 1 }),
    result("run_shell_command", { status: "success" }),
  ]);
  const mcp = { type: "tool_call", id: "mcp_docs_find_page", server: "docs", tool: "find_page" } as const;
  assert.deepEqual(events, [
    { type: "command", id: "run_shell_command", state: "started", command: "ls" },
    { type: "command", id: "run_shell_command", state: "declined", command: "ls", output: "no such tool" },
    { type: "file_change", id: "write_file", state: "started", changes: [{ path: "/a", kind: "add" }] },
    { type: "file_change", id: "write_file", state: "declined", changes: [{ path: "/a", kind: "add" }] },
    { ...mcp, state: "started", arguments: { q: 1 } },
    { ...mcp, state: "completed", arguments: { q: 1 }, result: "found" },
    { type: "plan", items: [{ text: "a", done: true }, { text: "b", done: false }] },
    { type: "web_search", id: "google_web_search", query: "deno" },
    {
      type: "tool_call",
      id: "run_shell_command",
      state: "started",
      tool: "run_shell_command",
      arguments: { cmd: 1 },
    },
    {
      type: "tool_call",
      id: "run_shell_command",
      state: "completed",
      tool: "run_shell_command",
      arguments: { cmd: 1 },
    },
  ]);
});

Deno.test("gemini reader: a tool that takes no parameters is called all the same", () => {
  const line = JSON.stringify({ type: "tool_use", tool_name: "list_sessions", tool_id: "a" });
  assert.deepEqual(geminiDriver.reader(FIRST_TURN).read(line).events, [
    { type: "tool_call", id: "a", state: "started", tool: "list_sessions" },
  ]);
});

Deno.test("gemini reader: chunks are one message, also of an agent that died in the middle of it", () => {
  const { events, terminal } = readAll(geminiDriver, [
    '{"type":"message","role":"assistant","content":"one ","delta":true}',
    '{"type":"message","role":"assistant","content":"two","delta":true}',
  ]);
  assert.deepEqual(events, [{ type: "message", text: "one two" }]);
  assert.equal(terminal, null);
});

Deno.test("gemini reader: never throws, whatever the line", () => {
  const lines = recordings("gemini").flatMap(recordedLines);
  let seed = 7;
  const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
  const odd = ["", " ", "null", "[]", "1", '{"type":"result"}', '{"type":"tool_use"}', "{", '{"type":"new"}'];
  const reader = geminiDriver.reader(FIRST_TURN);
  for (const line of odd) reader.read(line);
  for (let round = 0; round < 2_000; round++) {
    const line = lines[random(lines.length)] ?? "";
    const at = random(line.length);
    reader.read(line.slice(0, at) + String.fromCharCode(random(65_536)) + line.slice(at + random(4)));
  }
  reader.finish();
});

Deno.test("gemini reader: a plan that it approved by itself is a warning", () => {
  const { events } = readAll(geminiDriver, [
    '{"type":"tool_use","tool_name":"exit_plan_mode","tool_id":"1","parameters":{}}',
    '{"type":"tool_result","tool_id":"1","status":"success","output":"Plan approved: p.md"}',
  ]);
  assert.deepEqual(events.at(-1), {
    type: "warning",
    message: "Gemini approved a plan of its own: from here on no approval policy limits it",
  });
});

Deno.test("gemini reader: what stderr alone tells: attempts, and tools that were refused without a result", () => {
  const reader = geminiDriver.reader(FIRST_TURN);
  const told = [
    "Ripgrep is not available. Falling back to GrepTool.",
    'Attempt 1 failed with status 503. Retrying with backoff... _ApiError: {"error":{"message":"overloaded"}}',
    "Attempt 2 failed. Retrying with backoff... Error: exception TypeError: fetch failed sending request",
    "Attempt 3 failed: Resource has been exhausted",
    "    at classifyGoogleError (file:///x.js:1:2)",
    'Error executing tool run_shell_command: Tool "run_shell_command" not found. Did you mean one of: "replace"?',
    'Error executing tool write_file: Path not in workspace: Attempted path "/x" resolves outside',
    "Error executing tool web_fetch: The 'prompt' must contain at least one valid URL",
  ].flatMap((line) => reader.readError?.(line) ?? []);
  assert.deepEqual(
    told,
    [
      "Attempt 1 failed: the model's server answered 503, overloaded",
      "Attempt 2 failed: TypeError: fetch failed sending request",
      "Attempt 3 failed: Resource has been exhausted",
    ].map((message) => ({ type: "error", message, transient: true })),
  );
  // This one has a result of its own.
  const use = { type: "tool_use", tool_name: "write_file", tool_id: "w", parameters: { file_path: "/x" } };
  const error = { type: "invalid_tool_params", message: "Path not in workspace: Attempted path" };
  reader.read(JSON.stringify(use));
  reader.read(JSON.stringify({ type: "tool_result", tool_id: "w", status: "error", error }));
  assert.deepEqual(reader.finish().events, [{
    type: "tool_call",
    id: "refused-1",
    state: "declined",
    tool: "run_shell_command",
    error: 'Tool "run_shell_command" not found. Did you mean one of: "replace"?',
  }]);
});
