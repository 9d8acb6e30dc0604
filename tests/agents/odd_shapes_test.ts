/**
 * Tests of room `agents`: an answer, a failure or a session in another shape than usual is not lost, whichever agent
 * tells it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { claudeDriver } from "../../src/agents/claude/driver.ts";
import { codexDriver } from "../../src/agents/codex/driver.ts";
import { cursorDriver } from "../../src/agents/cursor/driver.ts";
import { customDriver } from "../../src/agents/custom/driver.ts";
import type { AgentDriver } from "../../src/agents/driver.ts";
import { geminiDriver } from "../../src/agents/gemini/driver.ts";
import { saidIn } from "../../src/agents/reading/said.ts";
import { CustomAgentConfig } from "../../src/domain/agent/custom_agent.ts";
import { Tally } from "../../src/domain/turn/tally.ts";
import { FIRST_TURN, readAll } from "../support/recorded.ts";

const ownDriver = customDriver(
  "own",
  CustomAgentConfig.parse({
    command: "own",
    output: "jsonl",
    events: [
      { type: "session", when: { type: "begin" }, text: "id" },
      { type: "message", when: { type: "text" }, text: "text" },
      { type: "error", when: { type: "error" }, text: "error" },
      { type: "result", when: { type: "end" }, text: "text" },
    ],
  }),
);

/** How each agent says these things. */
const WAYS: Readonly<
  Record<string, {
    driver: AgentDriver;
    session: (id: string) => unknown;
    message: (text: string) => unknown;
    /** Between two messages, for an agent that tells them in pieces. */
    between?: unknown;
    end: unknown;
    failed: (error: unknown) => unknown;
  }>
> = {
  codex: {
    driver: codexDriver,
    session: (id) => ({ type: "thread.started", thread_id: id }),
    message: (text) => ({ type: "item.completed", item: { id: "i", type: "agent_message", text } }),
    end: { type: "turn.completed" },
    failed: (error) => ({ type: "turn.failed", error }),
  },
  claude: {
    driver: claudeDriver,
    session: (id) => ({ type: "system", subtype: "init", session_id: id }),
    message: (text) => ({ type: "assistant", message: { content: [{ type: "text", text }] } }),
    end: { type: "result", subtype: "success", is_error: false, result: " \n" },
    failed: (error) => ({ type: "result", subtype: "error_during_execution", is_error: true, errors: error }),
  },
  gemini: {
    driver: geminiDriver,
    session: (id) => ({ type: "init", session_id: id }),
    message: (content) => ({ type: "message", role: "assistant", content, delta: true }),
    between: { type: "tool_use", tool_name: "ls", tool_id: "t", parameters: {} },
    end: { type: "result", status: "success" },
    failed: (error) => ({ type: "result", status: "error", error }),
  },
  cursor: {
    driver: cursorDriver,
    session: (id) => ({ type: "system", subtype: "init", session_id: id }),
    message: (text) => ({ type: "assistant", message: { content: [{ type: "text", text }] } }),
    end: { type: "result", subtype: "success", result: "" },
    failed: (error) => ({ type: "result", subtype: "error", is_error: true, result: error }),
  },
  "an own agent": {
    driver: ownDriver,
    session: (id) => ({ type: "begin", id }),
    message: (text) => ({ type: "text", text }),
    end: { type: "end", text: " " },
    failed: (error) => ({ type: "error", error }),
  },
};

const lines = (values: readonly unknown[]) =>
  values.flatMap((value) => value === undefined ? [] : [JSON.stringify(value)]);

function tallyOf(driver: AgentDriver, values: readonly unknown[]): Tally {
  const tally = new Tally();
  for (const event of readAll(driver, lines(values)).events) tally.count(event);
  return tally;
}

for (const [name, { driver, session, message, between, end, failed }] of Object.entries(WAYS)) {
  Deno.test(`odd shapes, ${name}: an empty or blank last message does not hide the answer`, () => {
    for (const blank of ["", " ", "\n\n\t", "\u200b", "\u2060 \u00ad"]) {
      const said = [session("s-1"), message("The answer."), between, message(blank), end];
      assert.equal(tallyOf(driver, said).lastMessage, "The answer.");
      const { terminal } = readAll(driver, lines(said));
      assert.deepEqual(terminal, { ok: true });
    }
  });

  Deno.test(`odd shapes, ${name}: an empty or blank session is none`, () => {
    for (const blank of ["", "  "]) {
      const { events } = readAll(driver, lines([session(blank), message("Hello."), end]));
      assert.equal(events.some(({ type }) => type === "session" || type === "warning"), false);
      assert.equal(tallyOf(driver, [session("s-1"), session(blank), end]).sessionId, "s-1");
    }
  });

  Deno.test(`odd shapes, ${name}: the words of a failure are told in whatever shape they come`, () => {
    const words = "the disk is full";
    const shapes = [
      words,
      { message: words },
      { error: { message: words } },
      { error: words },
      { code: 7, data: { message: words } },
      [{ message: words }],
    ];
    for (const shape of shapes) {
      const { terminal } = readAll(driver, lines([session("s-1"), failed(shape)]), FIRST_TURN);
      assert.ok(terminal?.ok === false, JSON.stringify(shape));
      assert.match(terminal.failure.message, /the disk is full/, JSON.stringify(shape));
    }
    for (const shape of [null, {}, [], 7, true, "", { message: "" }]) {
      if (name === "an own agent" && (shape === null || shape === "")) continue;
      const { terminal } = readAll(driver, lines([session("s-1"), failed(shape)]), FIRST_TURN);
      assert.ok(terminal?.ok === false, JSON.stringify(shape));
      assert.notEqual(terminal.failure.message.trim(), "", JSON.stringify(shape));
    }
  });
}

Deno.test("odd shapes, codex: a failure without an error of its own, a tool's and an item's error", () => {
  const { terminal } = readAll(codexDriver, ['{"type":"turn.failed"}']);
  assert.deepEqual(terminal?.ok, false);
  const limit =
    readAll(codexDriver, ['{"type":"turn.failed","error":"You\'ve hit your usage limit."}']).terminal;
  assert.equal(limit?.ok === false ? limit.failure.reason : "", "quota_exhausted");
  const { events } = readAll(
    codexDriver,
    lines([
      { type: "error", message: { detail: "odd" } },
      { type: "item.completed", item: { id: "a", type: "error", message: { text: "odder" } } },
      {
        type: "item.completed",
        item: { id: "b", type: "mcp_tool_call", server: "s", tool: "t", error: "no" },
      },
    ]),
  );
  assert.deepEqual(events, [
    { type: "error", message: "odd", transient: false },
    { type: "warning", message: "odder" },
    { type: "tool_call", id: "b", state: "completed", server: "s", tool: "t", error: "no" },
  ]);
});

Deno.test("odd shapes: what holds no known words is told as JSON, and nothing is nested too deep", () => {
  assert.equal(saidIn({ code: 7 }), '{"code":7}');
  assert.equal(saidIn([]), null);
  let deep: unknown = "words";
  for (let level = 0; level < 3_000; level++) deep = { error: deep };
  assert.match(saidIn(deep) ?? "", /^\{"error":/);
});
