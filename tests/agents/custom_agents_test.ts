/** Agents of the user's own: two real programs that behave differently, and the mapping of other CLIs' lines. */
import assert from "node:assert/strict";
import { customDriver } from "../../src/agents/custom/driver.ts";
import { CustomAgentConfig } from "../../src/domain/agent/custom_agent.ts";
import type { AgentDriver } from "../../src/agents/driver.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { readAll } from "../support/recorded.ts";
import { type DriverRun, runDriver } from "../support/run_driver.ts";

const FIXTURES = new URL("../fixtures/agents/", import.meta.url);
const fixture = (name: string) => fromFileUrl(new URL(name, FIXTURES));

function driverOf(config: unknown, name = "mine"): AgentDriver {
  return customDriver(name, CustomAgentConfig.parse(config));
}

const WRITER = {
  command: "/bin/sh",
  args: [fixture("echo_writer.sh"), ["-m", "{model}"]],
  title: "Echo Writer",
  policy_args: { suggest: ["--read-only"], "full-auto": ["--yes"] },
};

const LEDGER = {
  command: Deno.execPath(),
  args: [
    "run",
    "--no-config",
    "--no-lock",
    "-A",
    fixture("ledger.ts"),
    "--prompt={prompt_file}",
    ["--session", "{session_id}"],
    "--model={model}",
  ],
  output: "jsonl",
  events: [
    { type: "session", when: { type: "begin" }, text: "session.id" },
    { type: "ignore", when: { type: "step_start" } },
    {
      type: "command",
      when: { "type": "tool", "part.tool": "bash" },
      text: "part.input.command",
      output: "part.output",
      exit_code: "part.exit",
    },
    { type: "file_change", when: { "part.tool": "edit" }, text: "part.path" },
    { type: "message", when: { type: "text" }, text: "part.text", chunk: true },
    {
      type: "usage",
      when: { type: "usage" },
      input_tokens: "tokens.input",
      cached_input_tokens: "tokens.cached",
      output_tokens: "tokens.output",
    },
    { type: "error", when: { type: "error" }, text: "error.message" },
    { type: "result", when: { type: "end", ok: "true" } },
  ],
};

async function run(
  config: { command: string },
  prompt: string,
  options: { cwd?: string; plan?: Parameters<typeof runDriver>[0]["plan"] } = {},
): Promise<DriverRun & { cwd: string }> {
  const directory = Deno.makeTempDirSync();
  const cwd = options.cwd ?? Deno.makeTempDirSync();
  try {
    const env = { PATH: Deno.env.get("PATH") ?? "", HOME: directory, DENO_DIR: `${directory}/deno` };
    const executable = config.command;
    const plan = options.plan ?? {};
    const turn = await runDriver({ driver: driverOf(config), executable, prompt, cwd, directory, env, plan });
    return { ...turn, cwd };
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

Deno.test("custom text agent: all it prints is its answer, in paragraphs, and exit code 0 its success", async () => {
  const turn = await run(WRITER, "hello\nworld", { plan: { policy: "suggest", model: "big" } });
  assert.deepEqual(turn.verdict, { status: "done", reason: "completed" });
  const thinking = `Thinking in ${turn.cwd} with -m big --read-only`;
  const answer = "You said:\nhello\nworld";
  assert.deepEqual(turn.events, [{ type: "message", text: thinking }, { type: "message", text: answer }]);
  assert.deepEqual(turn.terminal, { ok: true, isImplied: true, result: `${thinking}\n\n${answer}` });
  Deno.removeSync(turn.cwd, { recursive: true });
});

Deno.test("custom text agent: a paragraph that does not end is told in pieces, for somebody who watches", () => {
  const reader = driverOf(WRITER).reader({ sessionId: null, sessionUsage: null, startedAt: 0 });
  const lines = Array.from({ length: 45 }, (_, index) => `line ${index}`);
  const told = lines.flatMap((line, index) =>
    reader.read(line).events.map((event) => [index, event] as const)
  );
  const piece = (from: number, to: number) => ({ type: "message", text: lines.slice(from, to).join("\n") });
  assert.deepEqual(told, [[19, piece(0, 20)], [39, piece(20, 40)]]);
  const { events, terminal } = reader.finish();
  assert.deepEqual([events, terminal], [[piece(40, 45)], {
    ok: true,
    isImplied: true,
    result: lines.join("\n"),
  }]);
});

Deno.test("custom text agent: another exit code is no success, whatever it printed", async () => {
  const failed = await run(WRITER, "please fail");
  assert.ok(failed.verdict.status === "error");
  assert.match(failed.verdict.error, /something broke/);
  Deno.removeSync(failed.cwd, { recursive: true });
});

Deno.test("custom agent: words that all agents use give a failure its reason", () => {
  const driver = driverOf(WRITER);
  const end = { kind: "exited", code: 1 } as const;
  const limited = driver.diagnose({ end, stderr: "429: try again in 90 seconds", startedAt: 1_000 });
  assert.equal(limited?.reason, "quota_exhausted");
  assert.equal(limited?.retry_at, 91_000);
  assert.equal(driver.diagnose({ end, stderr: "Please log in", startedAt: 0 })?.reason, "auth_required");
  assert.equal(driver.diagnose({ end, stderr: "oops", startedAt: 0 }), null);
  assert.equal(
    driver.diagnose({ end: { kind: "exited", code: 127 }, stderr: "", startedAt: 0 })?.reason,
    "spawn_failed",
  );
});

Deno.test("custom jsonl agent: events by the mapping, and a reply in the same session", async () => {
  const first = await run(LEDGER, "one");
  assert.deepEqual(first.verdict, { status: "done", reason: "completed" }, first.stderr);
  const [session] = first.events;
  assert.ok(session?.type === "session");
  const file = `${session.session_id}.ledger`;
  assert.deepEqual(first.events.slice(1), [
    { type: "command", id: "action-1", state: "started", command: "ls" },
    {
      type: "command",
      id: "action-1",
      state: "completed",
      command: "ls",
      exit_code: 0,
      output: "a\nb",
    },
    { type: "file_change", id: "action-2", state: "completed", changes: [{ path: file, kind: "update" }] },
    { type: "message", text: "asked so far:\none" },
    {
      type: "usage",
      usage: { input_tokens: 10, cached_input_tokens: 4, output_tokens: 2, total_tokens: 12 },
    },
    {
      type: "usage",
      usage: { input_tokens: 15, cached_input_tokens: 4, output_tokens: 3, total_tokens: 18 },
    },
    { type: "raw", text: "not json" },
    { type: "raw", text: '{"type":"surprise","value":[1,2]}' },
  ]);
  const second = await run(LEDGER, "two", { cwd: first.cwd, plan: { sessionId: session.session_id } });
  assert.ok(
    second.events.some((event) => event.type === "message" && event.text === "asked so far:\none\ntwo"),
  );
  const failed = await run(LEDGER, "please fail", { cwd: first.cwd });
  assert.ok(failed.verdict.status === "error" && failed.verdict.reason === "auth_required");
  Deno.removeSync(first.cwd, { recursive: true });
});

Deno.test("custom agent: it has sessions only when its arguments can name one", () => {
  assert.equal(driverOf(LEDGER).hasSessions, true);
  assert.equal(driverOf(WRITER).hasSessions, false);
});

Deno.test("custom mapping: a CLI without a last word ends well with exit code 0 unless its last word is an error", () => {
  // As opencode prints them.
  const driver = driverOf({
    command: "opencode",
    args: ["run", "--format", "json", ["-s", "{session_id}"], ["-m", "{model}"], "{prompt}"],
    output: "jsonl",
    events: [
      { type: "session", when: { type: "step_start" }, text: "sessionID" },
      { type: "message", when: { type: "text" }, text: "part.text" },
      { type: "command", when: { "part.tool": "bash" }, text: "part.state.input.command" },
      { type: "tool", when: { type: "tool_use" }, text: "part.tool" },
      { type: "error", when: { type: "error" }, text: "error.data.message" },
      { type: "usage", when: { type: "step_finish" }, input_tokens: "part.tokens.input" },
    ],
  });
  const start = '{"type":"step_start","sessionID":"ses_1","part":{}}';
  const said = '{"type":"text","part":{"text":"done"}}';
  const error = '{"type":"error","error":{"data":{"message":"overloaded"}}}';
  assert.deepEqual(readAll(driver, [start, said]), {
    events: [{ type: "session", session_id: "ses_1" }, { type: "message", text: "done" }],
    terminal: { ok: true },
  });
  assert.deepEqual(readAll(driver, [start, error, said]).terminal, { ok: true });
  assert.equal(readAll(driver, [start, error]).terminal?.ok, false);
});

Deno.test("custom mapping: lists inside of a line, as CLIs in the manner of Claude print them", () => {
  const driver = driverOf({
    command: "qwen",
    output: "jsonl",
    events: [
      { type: "session", when: { subtype: "init" }, text: "session_id" },
      { type: "reasoning", when: { type: "assistant" }, text: "message.content.*.thinking" },
      { type: "message", when: { type: "assistant" }, text: "message.content.*.text" },
      { type: "command", when: { type: "assistant" }, text: "message.content.*.input.command" },
      { type: "ignore", when: { type: "user" } },
      { type: "error", when: { type: "result", is_error: "true" }, text: "result" },
      { type: "result", when: { type: "result", is_error: "false" }, text: "result" },
    ],
  });
  const assistant = {
    type: "assistant",
    message: {
      content: [{ type: "text", text: "I " }, { type: "text", text: "look." }, {
        type: "tool_use",
        input: { command: "ls" },
      }, { type: "tool_use", input: { command: "pwd" } }],
    },
  };
  const { events, terminal } = readAll(driver, [
    '{"type":"system","subtype":"init","session_id":"s"}',
    JSON.stringify(assistant),
    '{"type":"user"}',
    '{"type":"result","is_error":false,"result":"The end."}',
  ]);
  assert.deepEqual(events, [
    { type: "session", session_id: "s" },
    { type: "message", text: "I look." },
    { type: "command", id: "action-1", state: "started", command: "ls" },
    { type: "command", id: "action-1", state: "completed", command: "ls" },
    { type: "command", id: "action-2", state: "started", command: "pwd" },
    { type: "command", id: "action-2", state: "completed", command: "pwd" },
  ]);
  assert.deepEqual(terminal, { ok: true, result: "The end." });
  const failed = readAll(driver, ['{"type":"result","is_error":true,"result":"429 rate limit"}']).terminal;
  assert.ok(failed?.ok === false && failed.failure.reason === "quota_exhausted");
  assert.equal(readAll(driver, ['{"type":"user"}']).terminal, null);
});

Deno.test("custom arguments: one without its value is left out with its group; values are not templates", () => {
  const plan = {
    executable: "/bin/x",
    version: null,
    cwd: "/a {model} b",
    policy: "full-auto",
    model: null,
    sessionId: null,
    newSessionId: "",
    gitDirs: [],
    nestedRepositories: [],
    untrustedRoots: [],
    tempDirs: [],
    promptFile: "/p",
    scratchDir: "/s",
    extraArgs: ["never"],
    mcp: "none",
    isRoot: false,
  } as const;
  const config = {
    command: "x",
    args: ["run", ["--model", "{model}"], "-C{cwd}", ["--", "{prompt}"]],
    policy_args: { "full-auto": ["--yes"] },
  };
  assert.deepEqual(driverOf(config).command(plan), {
    args: ["run", "-C/a {model} b", "--yes", "--", "{prompt}"],
    env: {},
    stdin: "none",
    promptAsArgument: 4,
  });
  assert.deepEqual(driverOf(config).command({ ...plan, model: "m", policy: "suggest" }).args, [
    "run",
    "--model",
    "m",
    "-C/a {model} b",
    "--",
    "{prompt}",
  ]);
  assert.deepEqual(driverOf({ command: "x", args: ["-f", "{prompt_file}"] }).command(plan), {
    args: ["-f", "/p"],
    env: {},
    stdin: "none",
  });
  assert.equal(driverOf({ command: "x" }).command(plan).stdin, "prompt");
});

Deno.test("custom configuration: contradictions are refused", () => {
  const problems = (config: unknown) =>
    CustomAgentConfig.safeParse(config).error?.issues.map((issue) =>
      `${issue.path.join(".")}: ${issue.message}`
    ) ?? [];
  assert.deepEqual(problems({ command: "x", args: ["-p={prompt}"] }), [
    "args: {prompt} must be an argument by itself",
  ]);
  assert.deepEqual(problems({ command: "x", args: ["{prompt}", "--", "{prompt}"] }), [
    "args: {prompt} may occur only once",
  ]);
  assert.deepEqual(problems({ command: "x", args: ["{prompt}"], prompt: "stdin" }), [
    "args: must not hold {prompt} unless prompt is argument",
  ]);
  assert.deepEqual(problems({ command: "x", prompt: "file" }), [
    "args: must hold {prompt_file}, since prompt is file",
  ]);
  assert.deepEqual(problems({ command: "x", output: "jsonl" }), [
    "events: must say how lines become events, since output is jsonl",
  ]);
  assert.deepEqual(problems({ command: "x", events: [{ type: "message" }] }), [
    "events.0.text: must name the member that holds the text",
  ]);
});

Deno.test("custom text agent: a long answer keeps its end, and says so", () => {
  const lines = Array.from({ length: 10_000 }, (_, index) => `line ${index}`);
  const { events, terminal } = readAll(driverOf(WRITER), lines);
  assert.ok(terminal?.ok === true && terminal.result !== undefined);
  assert.match(terminal.result, /^\(the beginning is in the job's output\)\nline \d+\n/);
  assert.ok(terminal.result.endsWith("line 9999") && terminal.result.length < 31_000);
  assert.equal(
    events.map((event) => event.type === "message" ? event.text : "").join("\n"),
    lines.join("\n"),
  );
});
