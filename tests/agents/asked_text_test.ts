/**
 * Tests of room `agents`: the words of a question.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  argumentsText,
  questionDetail,
  questionTitle,
  visibleText,
} from "../../src/agents/reading/asked_text.ts";
import { QUESTION_DETAIL_CHARS, QUESTION_TITLE_CHARS } from "../../src/domain/question/question.ts";

Deno.test("asked text: what cannot be seen is written out, so that a command is what it looks like", () => {
  assert.equal(visibleText("ls\u001b[2K\rrm -rf ~"), "ls\\u{1b}[2K\\u{d}rm -rf ~");
  assert.equal(visibleText("a\u202egnp.exe\u200b b\u2028c"), "a\\u{202e}gnp.exe\\u{200b} b\\u{2028}c");
  assert.equal(visibleText("one\r\n\ttwo é 日本 👍"), "one\n\ttwo é 日本 👍");
});

Deno.test("asked text: a title is one line of a bounded length", () => {
  assert.equal(questionTitle(" run\n\n  it\tnow "), "run it now");
  const long = questionTitle("x".repeat(1_000));
  assert.equal(long.length, QUESTION_TITLE_CHARS);
  assert.ok(long.endsWith("…"));
});

Deno.test("asked text: a detail that is cut says so in its first line", () => {
  assert.equal(questionDetail("short\n"), "short");
  const long = questionDetail("y".repeat(QUESTION_DETAIL_CHARS + 1));
  assert.equal(long.length, QUESTION_DETAIL_CHARS);
  assert.match(long, /^\[Too long to be shown: the last characters of 20001 are left out\]\ny+$/);
});

Deno.test("asked text: arguments are indented JSON, a text stays one, none are nothing", () => {
  assert.equal(argumentsText({ a: 1 }), '{\n  "a": 1\n}');
  assert.equal(argumentsText("plain"), "plain");
  assert.deepEqual([argumentsText({}), argumentsText(null), argumentsText(undefined)], ["", "", ""]);
});
