/**
 * Tests of room `agents`: an action has a beginning and an end, whatever its agent tells and however its turn ends.
 *
 * @module
 */
import assert from "node:assert/strict";
import { claudeDriver } from "../../src/agents/claude/driver.ts";
import { codexDriver } from "../../src/agents/codex/driver.ts";
import { cursorDriver } from "../../src/agents/cursor/driver.ts";
import type { AgentDriver } from "../../src/agents/driver.ts";
import { geminiDriver } from "../../src/agents/gemini/driver.ts";
import { Tally } from "../../src/domain/turn/tally.ts";
import { renderEvent } from "../../src/domain/event/transcript.ts";
import { readAll, recordedLines } from "../support/recorded.ts";

const line = (value: unknown) => JSON.stringify(value);

/** A command that begins, as each agent tells it. */
const BEGINNINGS: Readonly<Record<string, [AgentDriver, string]>> = {
  codex: [
    codexDriver,
    line({ type: "item.started", item: { id: "c", type: "command_execution", command: "sleep 99" } }),
  ],
  claude: [
    claudeDriver,
    line({
      type: "assistant",
      message: { content: [{ type: "tool_use", id: "c", name: "Bash", input: { command: "sleep 99" } }] },
    }),
  ],
  gemini: [
    geminiDriver,
    line({
      type: "tool_use",
      tool_name: "run_shell_command",
      tool_id: "c",
      parameters: { command: "sleep 99" },
    }),
  ],
  cursor: [
    cursorDriver,
    line({
      type: "tool_call",
      subtype: "started",
      call_id: "c",
      tool_call: { shellToolCall: { args: { command: "sleep 99" } } },
    }),
  ],
};

for (const [name, [driver, begun]] of Object.entries(BEGINNINGS)) {
  Deno.test(`whole actions, ${name}: a command that still ran when the turn ended was ended, and counts`, () => {
    const { events } = readAll(driver, [begun]);
    const command = { type: "command", id: "c", command: "sleep 99" };
    assert.deepEqual(events, [
      { ...command, state: "started" },
      { ...command, state: "failed", ended: true },
    ]);
    const tally = new Tally();
    for (const event of events) tally.count(event);
    assert.equal(tally.commandsRun, 1);
    assert.equal(
      events.map(renderEvent).join(""),
      "$ sleep 99\n[the command still ran when the turn ended, and was ended: sleep 99]\n",
    );
  });
}

Deno.test("whole actions: one that an agent interrupts itself counts, whatever newer versions call that", () => {
  const [, begun] = BEGINNINGS["claude"] ?? [claudeDriver, ""];
  const interrupted = line({
    type: "user",
    message: {
      content: [{
        type: "tool_result",
        tool_use_id: "c",
        is_error: true,
        content: "The user doesn't want to proceed with this tool use.",
      }],
    },
    tool_result_meta: [{ id: "c", non_execution_kind: "user_rejected" }],
  });
  const tally = new Tally();
  for (const event of readAll(claudeDriver, [begun, interrupted]).events) tally.count(event);
  assert.equal(tally.commandsRun, 1);
});

Deno.test("whole actions: Codex's command in the background, and one that a signal cut short", () => {
  for (const name of ["longbg", "sigint-during-command"]) {
    const states = readAll(codexDriver, recordedLines(`codex/${name}.jsonl`)).events.flatMap((event) =>
      event.type === "command" ? [[event.state, event.ended]] : []
    );
    assert.deepEqual(states, [["started", undefined], ["failed", true]], name);
  }
});

Deno.test("whole actions: a command of which only the end is told is shown with its command line", () => {
  const ended = (id: string, rest: object) =>
    line({
      type: "item.completed",
      item: { id, type: "command_execution", command: "bash -lc 'ls /x'", ...rest },
    });
  const { events } = readAll(codexDriver, [
    ended("a", { aggregated_output: "b\n", exit_code: 0, status: "completed" }),
    ended("b", { aggregated_output: "", status: "declined" }),
  ]);
  assert.equal(
    events.map(renderEvent).join(""),
    "$ ls /x\n  b\n[exit 0]\n$ ls /x\n[command declined]\n",
  );
  const tally = new Tally();
  for (const event of events) tally.count(event);
  assert.equal(tally.commandsRun, 1);
});

Deno.test("whole actions: calls of tools and file changes end with their turn too, and change no file", () => {
  const item = (rest: object) => line({ type: "item.started", item: { id: "i", ...rest } });
  const { events } = readAll(codexDriver, [
    item({ type: "mcp_tool_call", server: "s", tool: "t" }),
    item({ type: "file_change", changes: [{ path: "/a", kind: "add" }] }),
  ]);
  const ended = events.filter((event) => "ended" in event && event.ended === true);
  assert.deepEqual(ended.map(({ type }) => type), ["tool_call", "file_change"]);
  const tally = new Tally();
  for (const event of events) tally.count(event);
  assert.deepEqual([...tally.files], []);
  assert.equal(events.map(renderEvent).join(""), "[tool s.t]\n[tool s.t ended with the turn]\n");
});

Deno.test("whole actions: a file that Claude or Cursor makes is new in both of its events", () => {
  const made = [
    line({
      type: "assistant",
      message: { content: [{ type: "tool_use", id: "w", name: "Write", input: { file_path: "/new" } }] },
    }),
    line({
      type: "user",
      message: { content: [{ type: "tool_result", tool_use_id: "w", content: "ok" }] },
      tool_use_result: { type: "create" },
    }),
  ];
  const call = (subtype: string, rest: object) =>
    line({
      type: "tool_call",
      subtype,
      call_id: "w",
      tool_call: { editToolCall: { args: { path: "/new" }, ...rest } },
    });
  const edited = [call("started", {}), call("completed", { result: { success: { isNewFile: true } } })];
  for (const [driver, lines] of [[claudeDriver, made], [cursorDriver, edited]] as const) {
    const change = { type: "file_change", id: "w", changes: [{ path: "/new", kind: "add" }] };
    assert.deepEqual(readAll(driver, lines).events, [
      { ...change, state: "started" },
      { ...change, state: "completed" },
    ]);
    const [begun = ""] = lines;
    const states = readAll(driver, [begun]).events.flatMap((event) =>
      event.type === "file_change" ? [[event.state, event.ended]] : []
    );
    assert.deepEqual(states, [["started", undefined], ["failed", true]]);
  }
});
