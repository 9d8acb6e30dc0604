/** Talks over ACP that were recorded from the real agents, as our talk holds them. */
import assert from "node:assert/strict";
import type { EventBody } from "../../../src/domain/event/event_body.ts";
import { type HeldTalk, holdTalk, recordedTurn, type TalkStep } from "../../support/recorded_talk.ts";

/** A talk in few words: each event by its type and what matters of it. */
function brief({ events }: HeldTalk): unknown[] {
  return events.map((event): unknown => {
    switch (event.type) {
      case "message":
      case "reasoning":
        return `${event.type}: ${event.text}`;
      case "command":
        return `${event.state}: ${event.command}${
          event.exit_code === undefined ? "" : ` -> ${event.exit_code}`
        }`;
      case "file_change":
        return `${event.state}: ${event.changes.map(({ kind, path }) => `${kind} ${path}`).join(", ")}`;
      case "tool_call":
        return `${event.state}: ${event.server ?? ""} ${event.tool}`;
      case "session":
        return `session: ${event.model ?? "no model"}`;
      case "usage":
        return [event.usage.input_tokens, event.usage.output_tokens, event.usage.cost_usd ?? null];
      default:
        return event.type;
    }
  });
}

const usageOf = ({ events }: HeldTalk) =>
  events.findLast((event): event is EventBody & { type: "usage" } => event.type === "usage") ?? null;

const saidAfterPrompt = ({ said }: HeldTalk) => {
  const prompt = said.findIndex(({ key }) => key === "prompt");
  return said.slice(prompt + 1).map(({ message: { jsonrpc: _version, ...rest } }) => rest);
};

Deno.test("ACP: opencode's turn of a command, with usage of its last model call alone", () => {
  const held = holdTalk(recordedTurn("acp/opencode.log"));
  assert.deepEqual(held.terminal, { ok: true });
  assert.deepEqual(brief(held), [
    "session: mock/mock",
    "message: looking",
    "started: touch made-by-shell",
    "completed: touch made-by-shell -> 0",
    "message: over",
  ]);
  assert.deepEqual([held.isOver, held.heard], [true, ["initialize", "session", "prompt"]]);
});

Deno.test("ACP: Qwen Code asks, calls methods of its own, and tells usage in empty pieces of messages", () => {
  const held = holdTalk(recordedTurn("acp/qwen.log"));
  assert.deepEqual(brief(held), [
    "session: $runtime|openai|mock(openai)",
    "message: looking",
    [10, 5, null],
    "started: touch made-by-shell",
    "completed: touch made-by-shell -> 0",
    "message: over",
    [20, 10, null],
  ]);
  assert.deepEqual(held.asked, [{
    question_id: "0",
    kind: "approval",
    title: "Run: touch made-by-shell",
    detail: "touch made-by-shell",
    // Its second "once" also changes the mode for good.
    options: [{ id: "allow", label: "Allow", kind: "allow" }, {
      id: "reject",
      label: "Reject",
      kind: "reject",
    }],
  }]);
  assert.deepEqual(saidAfterPrompt(held), [
    { id: 0, result: { outcome: { outcome: "selected", optionId: "proceed_once" } } },
    { id: 1, error: { code: -32601, message: "Method not found: craft/drainMidTurnQueue" } },
  ]);
});

Deno.test("ACP: Copilot's usage is the session's, of which a turn is the difference", () => {
  const first = usageOf(holdTalk(recordedTurn("acp/copilot.log")));
  const sessionUsage = first?.session_usage ?? null;
  const second = holdTalk(recordedTurn("acp/copilot.log", 2), { context: { sessionUsage } });
  assert.deepEqual(
    [first, usageOf(second)].map((event) => event?.usage.input_tokens),
    [20, 10],
  );
  assert.equal(second.terminal?.ok, false);
  assert.deepEqual(second.heard, ["initialize", "session", "prompt", "answer 1", "interrupt"]);
});

Deno.test("ACP: Gemini CLI's turn of commands, files and reads, each write shown as its diff", () => {
  const held = holdTalk(recordedTurn("acp/gemini-allow.log"));
  assert.deepEqual(brief(held), [
    "session: no model",
    "reasoning: ****\nI should run a command first.",
    "message: I'll run a command.",
    "started: echo out; echo err >&2; pwd",
    "completed: echo out; echo err >&2; pwd",
    "message: Now write a file.",
    "started: add /home/dev/repo/new.txt",
    "completed: add /home/dev/repo/new.txt",
    "started:  read_file",
    "completed:  read_file",
    "started: update /home/dev/repo/new.txt",
    "completed: update /home/dev/repo/new.txt",
    "started: exit 3",
    "completed: exit 3",
    "started:  read_file",
    "failed:  read_file",
    "message: All done: wrote new.txt.",
    [6000, 300, null],
  ]);
  assert.deepEqual(held.asked.map(({ title, detail }) => [title, detail]), [
    ["Run: echo out; echo err >&2; pwd", "echo out; echo err >&2; pwd"],
    ["Change /home/dev/repo/new.txt", "/home/dev/repo/new.txt\n@@ line 1 @@\n+one\n+two"],
    ["Change /home/dev/repo/new.txt", "/home/dev/repo/new.txt\n@@ line 2 @@\n-two\n+TWO"],
    ["Run: exit 3", "exit 3"],
  ]);
  assert.ok(!held.events.some((event) => event.type === "command" && event.output !== undefined));
});

Deno.test("ACP: a rejected write is declined, an interrupt cancels what is asked, 401 is a login", () => {
  const rejected = holdTalk(recordedTurn("acp/gemini-reject.log"));
  assert.deepEqual(brief(rejected).slice(1, 3), [
    "started: add /home/dev/repo/w.txt",
    "declined: add /home/dev/repo/w.txt",
  ]);
  const cancelled = holdTalk(recordedTurn("acp/gemini-permcancel.log"));
  assert.deepEqual(saidAfterPrompt(cancelled), [
    { method: "session/cancel", params: { sessionId: "c6a7d4b0-fbb2-46cb-97f8-294b52afa361" } },
    { id: 0, result: { outcome: { outcome: "cancelled" } } },
  ]);
  assert.equal(cancelled.terminal?.ok, false);
  const { terminal } = holdTalk(recordedTurn("acp/gemini-err401.log"));
  assert.deepEqual(terminal, {
    ok: false,
    failure: {
      reason: "auth_required",
      message: "mock authentication_error",
      hint: "Log in to Agent in a terminal (it says: Log in with your Google account).",
      retry_at: null,
    },
  });
});

Deno.test("ACP: a tool of an MCP server is told with its server", () => {
  const held = holdTalk(recordedTurn("acp/gemini-mcp.log"));
  assert.deepEqual(held.events[2], {
    type: "tool_call",
    id: "mcp_stub_hello__mcp_stub_hello_1795176501698_0",
    state: "completed",
    server: "stub",
    tool: "hello",
    result: "hi there",
  });
});

Deno.test("ACP: Claude's adapter tells exit codes in words, and the session's money", () => {
  const held = holdTalk(recordedTurn("acp/claude-adapter.log"));
  assert.ok(brief(held).includes("failed: exit 3 -> 3"), JSON.stringify(brief(held)));
  assert.deepEqual(brief(held).at(-1), [6000, 300, 0.030000000000000002]);
  assert.deepEqual(held.events.filter(({ type }) => type === "raw"), []);
});

Deno.test("ACP: under a policy that does not ask, the agent is refused at once, and told as declined", () => {
  const held = holdTalk(recordedTurn("acp/gemini-allow.log"), { context: { policy: "auto-edit" } });
  assert.deepEqual(held.asked, []);
  assert.deepEqual(saidAfterPrompt(held)[0], {
    id: 0,
    result: { outcome: { outcome: "selected", optionId: "cancel" } },
  });
  assert.deepEqual(brief(held).slice(3, 5), [
    "started: echo out; echo err >&2; pwd",
    "declined: echo out; echo err >&2; pwd",
  ]);
  const free = holdTalk(recordedTurn("acp/gemini-allow.log"), { context: { policy: "full-auto" } });
  assert.deepEqual(saidAfterPrompt(free)[0], {
    id: 0,
    result: { outcome: { outcome: "selected", optionId: "proceed_once" } },
  });
});

Deno.test("ACP: a policy whose mode the agent does not offer gets no prompt", () => {
  const steps = recordedTurn("acp/gemini-allow.log");
  const held = holdTalk(steps, { agent: { settings: () => "readonly" } });
  assert.ok(!held.said.some(({ key }) => key === "prompt"));
  assert.deepEqual(held.terminal, {
    ok: false,
    failure: {
      reason: "agent_error",
      message:
        "Agent cannot be opened as asked: It offers no mode readonly, but default, autoEdit, yolo, plan",
      hint: null,
      retry_at: null,
    },
  });
});

Deno.test("ACP: no prompt is said before the mode is set, and a mode that the agent leaves is told", () => {
  const update = (currentModeId: string): TalkStep => ({
    line: JSON.stringify({
      jsonrpc: "2.0",
      method: "session/update",
      params: { sessionId: "s", update: { sessionUpdate: "current_mode_update", currentModeId } },
    }),
  });
  const result = (id: number, result: object): TalkStep => ({
    line: JSON.stringify({ jsonrpc: "2.0", id, result }),
  });
  const session = {
    sessionId: "s",
    modes: { currentModeId: "code", availableModes: [{ id: "plan", name: "Plan" }] },
  };
  const opening: TalkStep[] = [
    { input: { kind: "open" } },
    { input: { kind: "prompt", text: "go" } },
    result(1, { protocolVersion: 1 }),
    result(2, session),
  ];
  const agent = { settings: () => "plan" };
  assert.deepEqual(holdTalk(opening, { agent }).said.map(({ key }) => key), [
    "initialize",
    "session",
    "mode",
  ]);
  const held = holdTalk([...opening, update("plan"), result(10, {}), update("plan"), update("code")], {
    agent,
  });
  assert.deepEqual(held.said.at(-1)?.key, "prompt");
  assert.deepEqual(held.events.slice(1), [{
    type: "warning",
    message: "The agent has changed its mode from plan to code",
  }]);
});

Deno.test("ACP: a list of commands of half a million characters costs nothing, other chatter is told", () => {
  const commands = Array.from(
    { length: 8_000 },
    (_, index) => ({ name: `command-${index}`, description: "x".repeat(40) }),
  );
  const update = { sessionUpdate: "available_commands_update", availableCommands: commands };
  const line = JSON.stringify({
    jsonrpc: "2.0",
    method: "session/update",
    params: { sessionId: "s", update },
  });
  assert.ok(line.length > 500_000);
  const steps = recordedTurn("acp/opencode.log");
  const at = steps.length - 2;
  const told = [
    ...steps.slice(0, at),
    { line },
    { line: "a log line" },
    { line: '{"level":"info"}' },
    ...steps.slice(at),
  ];
  const held = holdTalk(told);
  assert.deepEqual(
    held.events.filter(({ type }) => type === "raw"),
    [{ type: "raw", text: "a log line" }, { type: "raw", text: '{"level":"info"}' }],
  );
});

Deno.test("ACP: updates that a later version may have are told raw, and end nothing", () => {
  const steps = recordedTurn("acp/opencode.log");
  const update = { sessionUpdate: "hologram", of: "it" };
  const line = JSON.stringify({
    jsonrpc: "2.0",
    method: "session/update",
    params: { sessionId: "s", update },
  });
  const held = holdTalk([...steps.slice(0, -1), { line }, ...steps.slice(-1)]);
  assert.deepEqual(held.events.filter(({ type }) => type === "raw"), [{ type: "raw", text: line }]);
  assert.deepEqual(held.terminal, { ok: true });
});
