/**
 * Tests of room `agents`: Codex's output, as recorded from 0.169.0, as events.
 *
 * @module
 */
import assert from "node:assert/strict";
import { codexDriver } from "../../src/agents/codex/driver.ts";
import { EventBody } from "../../src/domain/event/event_body.ts";
import type { Usage } from "../../src/domain/turn/usage.ts";
import { FIRST_TURN, readAll, recordedLines, recordings } from "../support/recorded.ts";

function read(name: string) {
  return readAll(codexDriver, recordedLines(`codex/${name}.jsonl`));
}

const USAGE: Usage = {
  input_tokens: 150,
  cached_input_tokens: 10,
  output_tokens: 25,
  reasoning_tokens: 5,
  total_tokens: 175,
};

Deno.test("codex reader: commands, with their own words instead of the shell around them", () => {
  assert.deepEqual(read("cmd-workspace-write"), {
    events: [
      { type: "session", session_id: "01a1f8b8-c42a-74c2-bb7d-60f28ab2a661" },
      { type: "reasoning", text: "**Thinking** about the command" },
      { type: "message", text: "I will run a command." },
      {
        type: "command",
        id: "item_2",
        state: "started",
        command: "echo out; echo err >&2; sleep 0.3; echo more",
      },
      {
        type: "command",
        id: "item_2",
        state: "completed",
        command: "echo out; echo err >&2; sleep 0.3; echo more",
        exit_code: 0,
        output: "out\nerr\nmore\n",
      },
      { type: "command", id: "item_3", state: "started", command: "exit 3" },
      { type: "command", id: "item_3", state: "failed", command: "exit 3", exit_code: 3 },
      { type: "command", id: "item_4", state: "started", command: "ls /nonexistent" },
      {
        type: "command",
        id: "item_4",
        state: "failed",
        command: "ls /nonexistent",
        exit_code: 2,
        output: "ls: cannot access '/nonexistent': No such file or directory\n",
      },
      { type: "command", id: "item_5", state: "started", command: "touch ./made-by-codex && echo OK" },
      {
        type: "command",
        id: "item_5",
        state: "completed",
        command: "touch ./made-by-codex && echo OK",
        exit_code: 0,
        output: "OK\n",
      },
      { type: "message", text: "done" },
      { type: "usage", usage: USAGE, session_usage: USAGE },
    ],
    terminal: { ok: true },
  });
});

Deno.test("codex reader: file changes", () => {
  const { events } = read("patch-workspace-write");
  assert.deepEqual(events.slice(1, 3), [
    {
      type: "file_change",
      id: "item_0",
      state: "started",
      changes: [{ path: "/home/dev/repo/new.txt", kind: "add" }, {
        path: "/home/dev/repo/sub/b.txt",
        kind: "add",
      }],
    },
    {
      type: "file_change",
      id: "item_0",
      state: "completed",
      changes: [{ path: "/home/dev/repo/new.txt", kind: "add" }, {
        path: "/home/dev/repo/sub/b.txt",
        kind: "add",
      }],
    },
  ]);
});

Deno.test("codex reader: MCP calls that succeed, fail and are refused", () => {
  const ends = read("mcp").events.filter((event) => event.type === "tool_call" && event.state !== "started");
  assert.deepEqual(ends, [
    {
      type: "tool_call",
      id: "item_0",
      state: "completed",
      server: "stub",
      tool: "echo",
      arguments: { text: "hey" },
      result: 'echo:{"text":"hey"}',
    },
    {
      type: "tool_call",
      id: "item_1",
      state: "failed",
      server: "stub",
      tool: "fail",
      arguments: {},
      result: "it failed",
    },
    {
      type: "tool_call",
      id: "item_2",
      state: "declined",
      server: "stub",
      tool: "write",
      arguments: { text: "w" },
      error: "MCP tool call requires approval, but approval policy is never",
    },
  ]);
});

Deno.test("codex reader: what an action need not tell may be missing, or of another type", () => {
  const events = [
    { type: "command_execution", command: "make" },
    { type: "command_execution", command: "make", aggregated_output: 7, exit_code: 1.5, status: {} },
    { type: "file_change", changes: [] },
    {
      type: "mcp_tool_call",
      server: "stub",
      tool: "echo",
      result: { content: [{ type: "text", text: "hey" }] },
    },
    { type: "mcp_tool_call", server: "stub", tool: "echo", result: null, error: { message: "gone" } },
  ].flatMap((item) => {
    const line = JSON.stringify({ type: "item.completed", item: { id: "item_0", ...item } });
    return codexDriver.reader(FIRST_TURN).read(line).events.filter((event) =>
      !("state" in event) || event.state !== "started"
    );
  });
  const done = { id: "item_0", state: "completed" };
  assert.deepEqual(events, [
    { type: "command", ...done, command: "make" },
    { type: "command", ...done, command: "make" },
    { type: "file_change", ...done, changes: [] },
    { type: "tool_call", ...done, server: "stub", tool: "echo", result: "hey" },
    { type: "tool_call", ...done, server: "stub", tool: "echo", error: "gone" },
  ]);
});

Deno.test("codex reader: each search and each state of the plan is told once", () => {
  assert.deepEqual(read("web").events.filter(({ type }) => type === "web_search"), [
    { type: "web_search", id: "ws_1", query: "weather seattle" },
    { type: "web_search", id: "ws_2", query: "https://example.com/" },
  ]);
  const plans = read("plan-enabled").events.flatMap((event) =>
    event.type === "plan" ? [event.items.filter(({ done }) => done).length] : []
  );
  assert.deepEqual(plans, [0, 1, 2]);
});

Deno.test("codex reader: its own subagents, warnings and declined commands", () => {
  const { events } = read("collab");
  assert.deepEqual(events[1], {
    type: "warning",
    message:
      "Model metadata for `mock-model` not found. Defaulting to fallback metadata; this can degrade performance and cause issues.",
  });
  assert.deepEqual(events[5], {
    type: "tool_call",
    id: "item_2",
    state: "completed",
    tool: "wait",
    arguments: { threads: ["01a1f8de-e059-72d1-a9b3-b2d6c48f1a67"] },
    result: "child result",
  });
  assert.deepEqual(read("approve-for-me-declined").events[2], {
    type: "command",
    id: "item_0",
    state: "declined",
    command: "touch /home/dev/outside-esc && echo escok",
  });
});

Deno.test("codex reader: reconnecting is transient and no failure when it recovers", () => {
  const { events, terminal } = read("err-cutmid");
  assert.deepEqual(terminal, { ok: true });
  assert.deepEqual(events.flatMap((event) => event.type === "error" ? [event.transient] : []), [true, true]);
  assert.deepEqual(events.findLast(({ type }) => type === "message"), { type: "message", text: "recovered" });
});

Deno.test("codex reader: a failure is told once, after five transient errors", () => {
  const { events, terminal } = read("err-e401");
  assert.deepEqual(
    events.flatMap((event) => event.type === "error" ? [event.transient] : []),
    [true, true, true, true, true, false],
  );
  assert.equal(terminal?.ok, false);
  // A 400 is told as a JSON body.
  assert.deepEqual(read("err-e400").events.filter(({ type }) => type === "error"), [
    { type: "error", message: "mock says 400", transient: false },
  ]);
});

Deno.test("codex reader: no last word means no terminal", () => {
  for (const name of ["sigint-during-command", "err-connection-refused-unbounded", "err-openai-no-network"]) {
    assert.equal(read(name).terminal, null, name);
  }
});

Deno.test("codex reader: an error without turn.failed is the last word when the output ends", () => {
  const { terminal } = readAll(codexDriver, [
    '{"type":"error","message":"Quota exceeded. Check your plan."}',
  ]);
  assert.equal(terminal?.ok === false && terminal.failure.reason, "quota_exhausted");
});

Deno.test("codex reader: usage counts over the thread, so a reply's own is told by subtraction", () => {
  const sessionId = "01a1f8b8-c42a-74c2-bb7d-60f28ab2a661";
  const before: Usage = {
    input_tokens: 100,
    cached_input_tokens: 8,
    output_tokens: 20,
    reasoning_tokens: 5,
    total_tokens: 120,
  };
  const lines = recordedLines("codex/cmd-workspace-write.jsonl");
  const { events } = readAll(codexDriver, lines, { sessionId, sessionUsage: before, startedAt: 0 });
  assert.deepEqual(events.at(-1), {
    type: "usage",
    usage: {
      input_tokens: 50,
      cached_input_tokens: 2,
      output_tokens: 5,
      reasoning_tokens: 0,
      total_tokens: 55,
    },
    session_usage: USAGE,
  });
});

Deno.test("codex reader: another session than the one asked for is a failure, whatever follows", () => {
  const asked = "11111111-2222-4333-8444-555555555555";
  const context = { sessionId: asked, sessionUsage: USAGE, startedAt: 0 };
  const lines = recordedLines("codex/cmd-workspace-write.jsonl");
  const message =
    `The session was not continued: Codex was asked for ${asked} and began 01a1f8b8-c42a-74c2-bb7d-60f28ab2a661 instead`;
  const failure = {
    reason: "agent_error",
    message,
    hint: "The session is gone from this CODEX_HOME: start a new job and repeat what it needs to know.",
    retry_at: null,
  };
  assert.deepEqual(codexDriver.reader(context).read(lines[0] ?? ""), {
    events: [{ type: "warning", message }],
    terminal: { ok: false, failure },
  });
  const whole = readAll(codexDriver, lines, context);
  assert.deepEqual(whole.terminal, { ok: false, failure });
  assert.ok(whole.events.every(({ type }) => type !== "session"));
  assert.deepEqual(whole.events.at(-1), { type: "usage", usage: USAGE });
});

Deno.test("codex reader: every recording gives valid events and nothing raw, the same each time", () => {
  const names = recordings("codex");
  assert.ok(names.length > 30);
  for (const name of names) {
    const lines = recordedLines(name);
    const first = readAll(codexDriver, lines);
    for (const event of first.events) {
      EventBody.parse(event);
      assert.notEqual(event.type, "raw", name);
    }
    assert.deepEqual(readAll(codexDriver, lines), first);
  }
});

Deno.test("codex reader: what it does not know is raw, and nothing makes it throw", () => {
  const unknown = [
    "plain text",
    "{",
    "null",
    "[]",
    "42",
    '{"type":"item.plan.delta","delta":"x"}',
    '{"type":"item.completed","item":{"id":"item_0","type":"telepathy"}}',
    '{"type":"item.completed"}',
    '{"type":["thread.started"]}',
    "[".repeat(200_000),
    '{"__proto__":{"type":"turn.completed"}}',
    "\u0000\u001b[31m\ufffd",
  ];
  for (const line of unknown) {
    assert.deepEqual(codexDriver.reader(FIRST_TURN).read(line), { events: [{ type: "raw", text: line }] });
  }
  assert.deepEqual(codexDriver.reader(FIRST_TURN).read("  "), { events: [] });
});

Deno.test("codex reader: thousands of mangled lines of real output", () => {
  const random = seeded(20_261_120);
  const lines = recordings("codex").flatMap(recordedLines);
  const values = ["null", "1e999", "-1", '""', "{}", "[]", '"\\ud800"', "true", "[[[]]]"];
  const reader = codexDriver.reader(FIRST_TURN);
  for (let round = 0; round < 5_000; round++) {
    let line = lines[random(lines.length)] ?? "";
    const at = random(line.length);
    switch (random(4)) {
      case 0:
        line = line.slice(0, at);
        break;
      case 1:
        line = line.slice(0, at) + line.slice(at + 1 + random(9));
        break;
      case 2:
        line = line.slice(0, at) + String.fromCharCode(random(0x1_0000)) + line.slice(at);
        break;
      default: {
        const keys = [...line.matchAll(/:("[^"]*"|\d+|\{\}|\[\]|null)/g)];
        const spot = keys[random(keys.length)];
        const value = values[random(values.length)] ?? "";
        if (spot !== undefined) {
          line = `${line.slice(0, spot.index)}:${value}${line.slice(spot.index + spot[0].length)}`;
        }
      }
    }
    const reading = reader.read(line);
    for (const event of reading.events) assert.ok(EventBody.safeParse(event).success, line);
  }
  reader.finish();
});

/** A linear congruential generator: the same rounds at every run. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return below === 0 ? 0 : Math.floor(state / 2 ** 32 * below);
  };
}
