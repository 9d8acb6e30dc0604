/**
 * Tests of room `agents`: the Cursor driver with an executable that speaks Cursor's documented format.
 *
 * @module
 */
import assert from "node:assert/strict";
import { AgentCatalog } from "../../src/agents/detection/catalog.ts";
import { cursorDriver } from "../../src/agents/cursor/driver.ts";
import { cursorFailure, diagnoseCursor } from "../../src/agents/cursor/failures.ts";
import { CURSOR_HINTS } from "../../src/agents/cursor/profile.ts";
import type { TurnPlan } from "../../src/agents/turn_command.ts";
import { EventBody } from "../../src/domain/event/event_body.ts";
import { AgentProbe } from "../../src/system/agent_probe.ts";
import { eventually } from "../support/eventually.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { FIRST_TURN, readAll } from "../support/recorded.ts";
import { type DriverRun, type RunningDriver, startDriver } from "../support/run_driver.ts";
import { seededRandom } from "../support/seeded_random.ts";
import { sendSignal } from "../support/signals.ts";

const FIXTURE = fromFileUrl(new URL("../fixtures/agents/cursor/cursor-agent", import.meta.url));

class Stage implements Disposable {
  readonly home = Deno.makeTempDirSync();
  readonly cwd = Deno.makeTempDirSync();
  #turns = 0;

  constructor(readonly env: Record<string, string> = { CURSOR_API_KEY: "scripted" }) {}

  start(prompt: string, plan: Partial<TurnPlan> = {}): RunningDriver {
    return startDriver({
      driver: cursorDriver,
      executable: FIXTURE,
      prompt,
      cwd: this.cwd,
      directory: `${this.home}/turn-${++this.#turns}`,
      env: { HOME: this.home, PATH: Deno.env.get("PATH") ?? "", ...this.env },
      plan,
    });
  }

  turn(prompt: string, plan: Partial<TurnPlan> = {}): Promise<DriverRun> {
    return this.start(prompt, plan).ended;
  }

  files(): string[] {
    return [...Deno.readDirSync(this.cwd)].map(({ name }) => name).sort();
  }

  [Symbol.dispose](): void {
    for (const path of [this.home, this.cwd]) Deno.removeSync(path, { recursive: true });
  }
}

function sessionOf(run: DriverRun): string {
  const session = run.events.find((event) => event.type === "session");
  assert.ok(session?.type === "session");
  return session.session_id;
}

Deno.test("cursor: a turn under the default policy, event by event", async () => {
  using stage = new Stage();
  const run = await stage.turn("Do it.");
  const file = `${stage.cwd}/cursor.txt`;
  assert.deepEqual(run.verdict, { status: "done", reason: "completed" });
  const usage = { input_tokens: 42, cached_input_tokens: 30, output_tokens: 4, total_tokens: 46 };
  assert.deepEqual(run.events, [
    { type: "session", session_id: sessionOf(run), model: "Auto" },
    { type: "reasoning", text: "I think" },
    { type: "message", text: "I edit." },
    { type: "file_change", id: "e1", state: "started", changes: [{ path: file, kind: "update" }] },
    { type: "file_change", id: "e1", state: "completed", changes: [{ path: file, kind: "update" }] },
    { type: "command", id: "s1", state: "started", command: "touch cursor-shell.txt" },
    {
      type: "command",
      id: "s1",
      state: "declined",
      command: "touch cursor-shell.txt",
      output: "Command requires approval",
    },
    { type: "message", text: "Asked: Do it." },
    { type: "usage", usage },
  ]);
});

Deno.test("cursor: what each policy can write", async () => {
  for (
    const [policy, written] of [
      ["suggest", []],
      ["auto-edit", ["cursor.txt"]],
      ["full-auto", ["cursor-shell.txt", "cursor.txt"]],
    ] as const
  ) {
    using stage = new Stage();
    const run = await stage.turn("Do it.", { policy });
    assert.equal(run.verdict.status, "done");
    assert.deepEqual(stage.files(), written);
  }
});

Deno.test("cursor: a follow-up is in the same chat, and one that is gone is a failure", async () => {
  using stage = new Stage();
  const sessionId = sessionOf(await stage.turn("First."));
  const second = await stage.turn("Second.", { sessionId });
  assert.equal(sessionOf(second), sessionId);
  assert.deepEqual(second.events.filter(({ type }) => type === "message").at(-1), {
    type: "message",
    text: "Asked: First.\nSecond.",
  });
  const gone = await stage.turn("Third.", { sessionId: "gone" });
  assert.ok(gone.verdict.status === "error");
  assert.match(gone.verdict.hint ?? "", /start a new job/);
});

Deno.test("cursor: prompts arrive as given, and neither as a command nor as a task for the cloud", async () => {
  using stage = new Stage();
  for (const prompt of ["/help me", "& refactor", "--version", 'say "a\\b"']) {
    const run = await stage.turn(prompt);
    const last = run.events.filter((event) => event.type === "message").at(-1);
    assert.ok(last?.type === "message");
    assert.equal(last.text.replace(/^Asked: \n?/, ""), prompt);
  }
});

Deno.test("cursor: failures, which are on stderr", async () => {
  const cases = [
    { env: {}, prompt: "x", plan: {}, reason: "auth_required", hint: /cursor-agent login/ },
    { prompt: "x", plan: { model: "bogus" }, reason: "agent_error", hint: /cursor-agent models/ },
    { prompt: "hit the limit", plan: {}, reason: "quota_exhausted", hint: /after retry_at/ },
    { prompt: "fail", plan: {}, reason: "agent_error", hint: /^$/ },
    { prompt: "x", plan: { extraArgs: ["--odd"] }, reason: "agent_error", hint: /cursor-agent update/ },
  ];
  for (const { env, prompt, plan, reason, hint } of cases) {
    using stage = new Stage(env);
    const run = await stage.turn(prompt, plan);
    assert.ok(run.verdict.status === "error");
    assert.equal(run.verdict.reason, reason);
    assert.match(run.verdict.hint ?? "", hint);
  }
});

Deno.test("cursor: its graceful signal ends a turn that is no success", async () => {
  using stage = new Stage();
  const running = stage.start("be slow");
  await eventually(() => running.stdout().includes("sleep 300"), { what: "the slow command" });
  sendSignal(running.pid, cursorDriver.gracefulSignal);
  const run = await running.ended;
  assert.equal(run.terminal, null);
  assert.equal(run.verdict.status, "error");
});

Deno.test("cursor: detection, with its login, and not a stranger of the name of agent", async () => {
  using stage = new Stage({});
  const bin = `${stage.home}/bin`;
  Deno.mkdirSync(bin);
  const catalog = new AgentCatalog({
    drivers: () => [cursorDriver],
    probe: new AgentProbe(),
    settings: () => ({}),
  });
  const env = { HOME: stage.home, PATH: `${bin}:/usr/bin:/bin` };
  Deno.writeTextFileSync(`${bin}/agent`, "#!/bin/sh\necho 'agent 1.2.3, of another trade'\n", {
    mode: 0o755,
  });
  assert.equal((await catalog.detect("cursor", env)).problem, "not_installed");
  Deno.symlinkSync(FIXTURE, `${bin}/cursor-agent`);
  const found = await catalog.detect("cursor", env);
  assert.deepEqual([found.available, found.version], [true, "2026.09.18-9a7762b"]);
  assert.equal(await catalog.isLoggedIn("cursor", env), false);
  assert.equal(await catalog.isLoggedIn("cursor", { ...env, CURSOR_API_KEY: "x" }), true);
});

Deno.test("cursor command: model, MCP servers and the configuration's arguments", () => {
  const plan: TurnPlan = {
    executable: "/bin/cursor-agent",
    version: null,
    cwd: "/repo",
    policy: "full-auto",
    model: "gpt-5",
    sessionId: "c1",
    newSessionId: "",
    gitDirs: [],
    nestedRepositories: [],
    untrustedRoots: [],
    tempDirs: [],
    promptFile: "",
    scratchDir: "",
    extraArgs: ["--sandbox", "enabled"],
    mcp: "inherit",
    isRoot: false,
  };
  const fixed = ["-p", "--trust", "--output-format", "stream-json", "--workspace", "/repo"];
  assert.deepEqual(cursorDriver.command(plan), {
    args: [
      ...fixed,
      "--model",
      "gpt-5",
      "--resume",
      "c1",
      "--approve-mcps",
      "--sandbox",
      "enabled",
      "--force",
    ],
    env: {},
    stdin: "prompt",
  });
});

Deno.test("cursor reader: tools of all kinds", () => {
  const line = (subtype: string, id: string, toolCall: object) =>
    JSON.stringify({ type: "tool_call", subtype, call_id: id, tool_call: toolCall });
  const mcp = { args: { providerIdentifier: "notes", toolName: "find", args: { q: 1 } } };
  const { events } = readAll(cursorDriver, [
    line("started", "a", { mcpToolCall: mcp, toolCallId: "a" }),
    line("completed", "a", {
      mcpToolCall: { ...mcp, result: { success: { isError: false, content: [{ text: { text: "hit" } }] } } },
    }),
    line("completed", "b", {
      shellToolCall: {
        args: { command: "ls /x" },
        result: { failure: { exitCode: 2, stdout: "", stderr: "no" } },
      },
    }),
    line("completed", "c", { editToolCall: { result: { writePermissionDenied: { path: "/p" } } } }),
    line("completed", "d", { deleteToolCall: { args: { path: "/d" }, result: { success: {} } } }),
    line("completed", "e", {
      readToolCall: { args: { path: "/r" }, result: { success: { content: "all" } } },
    }),
    line("completed", "f", {
      readToolCall: { args: { path: "/r" }, result: { error: { errorMessage: "gone" } } },
    }),
    line("completed", "g", {
      updateTodosToolCall: {
        args: {},
        result: { success: { todos: [{ content: "one", status: "TODO_STATUS_COMPLETED" }] } },
      },
    }),
    line("started", "h", { webSearchToolCall: { args: { searchTerm: "deno" } } }),
    line("started", "i", { newToolCall: { args: { x: 1 } } }),
  ]);
  assert.deepEqual(events, [
    { type: "tool_call", id: "a", state: "started", server: "notes", tool: "find", arguments: { q: 1 } },
    { type: "tool_call", id: "a", state: "completed", server: "notes", tool: "find", result: "hit" },
    { type: "command", id: "b", state: "started", command: "ls /x" },
    { type: "command", id: "b", state: "failed", command: "ls /x", exit_code: 2, output: "no" },
    { type: "file_change", id: "c", state: "declined", changes: [{ path: "", kind: "update" }] },
    { type: "file_change", id: "d", state: "completed", changes: [{ path: "/d", kind: "delete" }] },
    { type: "tool_call", id: "e", state: "completed", tool: "read" },
    { type: "tool_call", id: "f", state: "failed", tool: "read", error: "gone" },
    { type: "plan", items: [{ text: "one", done: true }] },
    { type: "web_search", id: "h", query: "deno" },
    { type: "tool_call", id: "i", state: "started", tool: "new", arguments: { x: 1 } },
    { type: "tool_call", id: "i", state: "failed", tool: "new", arguments: { x: 1 }, ended: true },
  ]);
});

Deno.test("cursor reader: a refusal in plain words on stdout is known, other plain words are kept", () => {
  const refused = readAll(cursorDriver, ["T: Named models unavailable on the free plan"]);
  assert.ok(refused.terminal?.ok === false);
  assert.equal(refused.terminal.failure.reason, "quota_exhausted");
  assert.deepEqual(readAll(cursorDriver, ["hello", '{"type":"new"}', "[]"]), {
    events: ["hello", '{"type":"new"}', "[]"].map((text) => ({ type: "raw", text })),
    terminal: null,
  });
});

Deno.test("cursor reader: another chat than the one asked for is never a success", () => {
  const lines = [
    '{"type":"system","subtype":"init","session_id":"b"}',
    '{"type":"result","subtype":"success","is_error":false,"result":"ok","session_id":"b"}',
  ];
  const { terminal } = readAll(cursorDriver, lines, { ...FIRST_TURN, sessionId: "a" });
  assert.ok(terminal?.ok === false);
  assert.match(terminal.failure.message, /asked for a and began b/);
  assert.deepEqual(readAll(cursorDriver, lines).terminal, { ok: true, result: "ok" });
});

Deno.test("cursor failures: the end of stderr, without what it says on every run", () => {
  const diagnose = (code: number, stderr: string) =>
    diagnoseCursor({ end: { kind: "exited", code }, stderr, startedAt: 0 });
  assert.equal(diagnose(127, "not found")?.hint, CURSOR_HINTS.install);
  assert.equal(
    diagnose(1, '{"type":"system"}\nERROR: failed to copy trust settings of x\nWorkspace Trust Required\n')
      ?.message,
    "Workspace Trust Required",
  );
  const repeated = diagnose(1, '{"type":"user","text":"Not logged in"}');
  assert.deepEqual([repeated?.reason, repeated?.message], [
    "exit_code",
    "Cursor Agent ended with exit code 1 without a result",
  ]);
  assert.match(
    diagnose(9, '{"type":"user"}\nSegmentation fault\n')?.message ?? "",
    /code 9 .*: Segmentation fault$/,
  );
  assert.equal(diagnose(9, "Segmentation fault"), null);
  assert.equal(diagnose(0, "Not logged in"), null);
  assert.equal(diagnose(130, "Not logged in"), null);
  assert.equal(cursorFailure("Try again in 5 minutes: usage limit", 0).reason, "quota_exhausted");
});

Deno.test("cursor reader: whatever comes, it gives valid events and does not throw", () => {
  const random = seededRandom(11);
  const pieces = [
    "{",
    "}",
    '"type":',
    '"tool_call"',
    '"result"',
    '"thinking"',
    ":",
    "1",
    "null",
    '"subtype":"init"',
  ];
  for (let round = 0; round < 500; round++) {
    const line = Array.from({ length: random.below(12) }, () => random.pick(pieces)).join(",");
    for (const event of readAll(cursorDriver, [line, `{"type":"result","result":${round}}`]).events) {
      EventBody.parse(event);
    }
  }
});
