/**
 * Tests of room `domain`: what a person gets to read, and that nothing in it acts on a terminal.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { EventBody } from "../../src/domain/event/event_body.ts";
import {
  COMMAND_OUTPUT_LINES,
  lastLines,
  plainText,
  renderEvent,
} from "../../src/domain/event/transcript.ts";

Deno.test("transcript: each kind of event as a person reads it", () => {
  const usage = { input_tokens: 10, cached_input_tokens: 4, output_tokens: 2, total_tokens: 12 };
  const cases: [EventBody, string][] = [
    [{ type: "session", session_id: "s" }, "[session s]\n"],
    [{ type: "session", session_id: "s", model: "m" }, "[session s, m]\n"],
    [{ type: "message", text: "Hello\nyou" }, "\nHello\nyou\n\n"],
    [{ type: "reasoning", text: "a\nb" }, "  ~ a\n  ~ b\n"],
    [{ type: "command", id: "1", state: "started", command: "ls" }, "$ ls\n"],
    [
      { type: "command", id: "1", state: "completed", command: "ls", exit_code: 0, output: "a\nb\n" },
      "  a\n  b\n[exit 0]\n",
    ],
    [{ type: "command", id: "1", state: "completed", command: "ls", exit_code: 0 }, "[exit 0]\n"],
    // Some agents do not tell it.
    [{ type: "command", id: "1", state: "completed", command: "ls" }, ""],
    [
      { type: "command", id: "1", state: "failed", command: "ls", exit_code: 2, output: "no\n" },
      "  no\n[command failed (exit 2)]\n",
    ],
    [{ type: "command", id: "1", state: "declined", command: "ls" }, "[command declined]\n"],
    [{ type: "file_change", id: "2", state: "started", changes: [{ path: "/a", kind: "add" }] }, ""],
    [
      {
        type: "file_change",
        id: "2",
        state: "completed",
        changes: [{ path: "/a", kind: "add" }, { path: "/b", kind: "update" }, {
          path: "/c",
          kind: "delete",
        }],
      },
      "[added /a]\n[changed /b]\n[deleted /c]\n",
    ],
    [
      { type: "file_change", id: "2", state: "failed", changes: [{ path: "/a", kind: "add" }] },
      "[file change failed: /a]\n",
    ],
    [{ type: "tool_call", id: "3", state: "started", server: "docs", tool: "find" }, "[tool docs.find]\n"],
    [
      { type: "tool_call", id: "3", state: "failed", tool: "find", error: "no" },
      "[tool find failed]\n  no\n",
    ],
    [{ type: "web_search", id: "4", query: "q" }, "[web search: q]\n"],
    [
      { type: "plan", items: [{ text: "a", done: true }, { text: "b", done: false }] },
      "  [x] a\n  [ ] b\n",
    ],
    [{ type: "usage", usage }, "[10 tokens in (4 cached), 2 out]\n"],
    [{ type: "usage", usage: { ...usage, cost_usd: 0.5 } }, "[10 tokens in (4 cached), 2 out, $0.5000]\n"],
    [{ type: "usage", usage: { ...usage, total_tokens: 0 } }, ""],
    [{ type: "usage", usage, so_far: true }, ""],
    [{ type: "warning", message: "w" }, "[warning: w]\n"],
    [{ type: "error", message: "e", transient: true }, "[retrying: e]\n"],
    [{ type: "error", message: "e", transient: false }, "[error: e]\n"],
    [{ type: "status", state: "x", message: "m" }, "[m]\n"],
    [{ type: "raw", text: "r" }, "r\n"],
  ];
  for (const [event, text] of cases) assert.equal(renderEvent(event), text, event.type);
});

Deno.test("transcript: a command's output is clipped in the middle", () => {
  const output = Array.from({ length: 100 }, (_, index) => `line ${index}`).join("\n");
  const text = renderEvent({
    type: "command",
    id: "1",
    state: "completed",
    command: "x",
    exit_code: 0,
    output,
  });
  const lines = text.trimEnd().split("\n");
  assert.equal(lines.length, COMMAND_OUTPUT_LINES + 2);
  assert.equal(lines[10], "  ... 80 more lines ...");
  assert.deepEqual(lines.slice(-2), ["  line 99", "[exit 0]"]);
});

Deno.test("plain text: every kind of control sequence goes, the words stay", () => {
  const cases: Record<string, string> = {
    "\x1b[31mred\x1b[0m": "red",
    "\x1b]0;title\x07after": "after",
    "\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\": "link",
    "\x1bP1$r\x1b\\after": "after",
    "\x9b2Jgone": "gone",
    "\x9d0;t\x9cafter": "after",
    "\x1bcreset": "reset",
    "\x1b(0lines\x1b(B": "lines",
    "a\x00\x08b\x7f": "ab",
    "one\r\ntwo\rthree": "one\ntwo\nthree",
    "tab\tstays": "tab\tstays",
    "\x1b\x1b[31m[31mnested": "31mnested",
    "\x1b[": "",
    "\x1b": "",
    "\x1b]0;never ended\nnext line": "\nnext line",
    "emoji 👩‍🚀 and ünïcode": "emoji 👩‍🚀 and ünïcode",
  };
  for (const [text, plain] of Object.entries(cases)) {
    assert.equal(plainText(text), plain, JSON.stringify(text));
  }
});

Deno.test("plain text: no mixture of control characters gets through, and doing it twice changes nothing", () => {
  const pieces = [
    "\x1b",
    "[",
    "]",
    "P",
    "31m",
    "\x9b",
    "\x9d",
    "\x07",
    "\\",
    "\x9c",
    "a",
    "\n",
    "\r",
    "0;",
    "\x00",
  ];
  let state = 7;
  const random = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  for (let round = 0; round < 2_000; round++) {
    const text = Array.from({ length: 12 }, () => pieces[Math.floor(random() * pieces.length)]).join("");
    const plain = plainText(text);
    // deno-lint-ignore no-control-regex -- control characters are what must be absent
    assert.doesNotMatch(plain, /[\x00-\x08\x0b-\x1f\x7f-\x9f]/, JSON.stringify(text));
    assert.equal(plainText(plain), plain, JSON.stringify(text));
  }
});

Deno.test("last lines: by lines, then by characters, and it says when something was left out", () => {
  const cases: [string, number, number, { text: string; cut: boolean }][] = [
    ["", 5, 100, { text: "", cut: false }],
    ["", 0, 100, { text: "", cut: false }],
    ["a\nb\n", 5, 100, { text: "a\nb", cut: false }],
    ["a\nb\n", 2, 100, { text: "a\nb", cut: false }],
    ["a\nb\nc", 2, 100, { text: "b\nc", cut: true }],
    ["a\nb\nc", 0, 100, { text: "", cut: true }],
    ["abcdef", 5, 3, { text: "def", cut: true }],
    ["ab👍c", 5, 2, { text: "c", cut: true }],
    ["ab👍c", 5, 3, { text: "👍c", cut: true }],
  ];
  for (const [text, count, chars, tail] of cases) assert.deepEqual(lastLines(text, count, chars), tail, text);
});

Deno.test("transcript: marks that reorder text are taken out, right-to-left text itself stays", () => {
  assert.equal(plainText("a\u202eb\u2066c\u2069 \u05e9\u05dc\u05d5\u05dd"), "abc \u05e9\u05dc\u05d5\u05dd");
});

Deno.test("renderEvent: of a long output the first and last lines, as many as the reader has room for", () => {
  const output = Array.from({ length: 9 }, (_, n) => `line ${n + 1}`).join("\n");
  const event = { type: "command", id: "1", state: "completed", command: "x", exit_code: 0, output } as const;
  assert.equal(
    renderEvent(event, 5),
    "  line 1\n  line 2\n  line 3\n  ... 4 more lines ...\n  line 8\n  line 9\n[exit 0]\n",
  );
  assert.equal(renderEvent(event, Infinity).split("\n").length, 11);
  assert.equal(renderEvent(event), renderEvent(event, Infinity));
});
