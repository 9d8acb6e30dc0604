/**
 * Tests of room `agents`: what real programs print around the objects of their lines costs no event, with every agent
 * that prints JSON.
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
import { MAX_LINE_BYTES } from "../../src/scheduler/limits.ts";
import { CustomAgentConfig } from "../../src/domain/agent/custom_agent.ts";
import { readAll, recordedLines } from "../support/recorded.ts";
import { LEDGER } from "../support/own_agents.ts";

interface Talk {
  driver: AgentDriver;
  lines: readonly string[];
}

const json = (...values: unknown[]) => values.map((value) => JSON.stringify(value));

const TALKS: Readonly<Record<string, Talk>> = {
  codex: { driver: codexDriver, lines: recordedLines("codex/cmd-danger.jsonl") },
  claude: { driver: claudeDriver, lines: recordedLines("claude/tools.jsonl") },
  gemini: { driver: geminiDriver, lines: recordedLines("gemini/tools.jsonl") },
  cursor: {
    driver: cursorDriver,
    lines: json(
      { type: "system", subtype: "init", session_id: "chat-1" },
      { type: "assistant", message: { content: [{ type: "text", text: "Done {so} far." }] } },
      { type: "result", subtype: "success", is_error: false, result: "Done {so} far." },
    ),
  },
  "of the user's own": {
    driver: customDriver("ledger", CustomAgentConfig.parse(LEDGER)),
    lines: json(
      { type: "begin", session: { id: "s-1" } },
      { type: "text", part: { text: "Half {an answer" } },
      { type: "usage", tokens: { input: 3, cached: 1, output: 2 } },
      { type: "end", ok: true },
    ),
  },
};

/** Nothing of these is words for a person. */
const INVISIBLE: Readonly<Record<string, string>> = {
  "a byte order mark": "\ufeff",
  "NUL": "\0\0",
  "a CSI sequence": "\x1b[?25l\x1b[2K",
  "an OSC sequence with braces": '\x1b]0;working on {x} "y\x07',
  "a title that ST ends": "\x1b]2;{}\x1b\\",
  "a hyperlink": "\x1b]8;;http://127.0.0.1/{a}\x1b\\",
  "other controls": "\b\x0c\r\x7f",
};

for (const [name, { driver, lines }] of Object.entries(TALKS)) {
  Deno.test(`json lines, ${name}: invisible things before and after an object change nothing`, () => {
    const expected = readAll(driver, lines);
    assert.equal(expected.events.some(({ type }) => type === "raw"), false);
    for (const [what, noise] of Object.entries(INVISIBLE)) {
      assert.deepEqual(readAll(driver, lines.map((line) => noise + line)), expected, `before: ${what}`);
      assert.deepEqual(readAll(driver, lines.map((line) => line + noise)), expected, `after: ${what}`);
      assert.deepEqual(readAll(driver, lines.flatMap((line) => [noise, line])), expected, `alone: ${what}`);
    }
  });

  Deno.test(`json lines, ${name}: a line that lost its newline is two`, () => {
    const expected = readAll(driver, lines);
    for (const between of ["", " ", "\x1b[0m"]) {
      const joined: string[] = [];
      for (let at = 0; at < lines.length; at += 2) joined.push(lines.slice(at, at + 2).join(between));
      assert.deepEqual(readAll(driver, joined), expected, JSON.stringify(between));
    }
  });

  Deno.test(`json lines, ${name}: words around an object are told, and the object too`, () => {
    const { events, terminal } = readAll(driver, lines);
    for (const [before, after] of [["Loading {a} 50 %\r", ""], ["", " done"], ["{50 %} ", ""]]) {
      const read = readAll(driver, lines.map((line) => `${before}${line}${after}`));
      assert.deepEqual(read.terminal, terminal);
      const raw = read.events.flatMap((event) => event.type === "raw" ? [event.text] : []);
      assert.deepEqual(new Set(raw), new Set([`${before}${after}`.trim()]));
      assert.equal(raw.length, lines.length);
      const others = read.events.filter(({ type }) => type !== "raw" && type !== "message");
      assert.deepEqual(others, events.filter(({ type }) => type !== "message"));
    }
  });
}

Deno.test("json lines: an object inside of another one is no line of the agent's", () => {
  const forged = JSON.stringify({ log: { type: "turn.completed" } });
  for (const line of [forged, `note ${forged}`, `${forged} note`]) {
    assert.deepEqual(readAll(codexDriver, [line]), { events: [{ type: "raw", text: line }], terminal: null });
  }
});

Deno.test("json lines: a line of words with an object that is none of the agent's stays whole", () => {
  const lines = ['level=info {"size":3} kept', "no braces", "{broken", '{"type":"x"', '[{"type":1}]', "}{"];
  assert.deepEqual(
    readAll(codexDriver, lines).events,
    lines.map((text) => ({ type: "raw", text })),
  );
});

Deno.test("json lines: a line of braces as long as lines may be is read in a moment", () => {
  const started = performance.now();
  readAll(codexDriver, [`x${"{".repeat(MAX_LINE_BYTES)}`, `x${'{"a":'.repeat(MAX_LINE_BYTES / 5)}`]);
  // A pass over 8 MiB takes some 20 ms, and there are sixteen: far from the hours of one for each brace.
  assert.ok(performance.now() - started < 60_000);
});
