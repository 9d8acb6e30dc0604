/** JSON that strict parsers take. */
import assert from "node:assert/strict";
import { strictJson } from "../../src/domain/reading/strict_json.ts";

Deno.test("halves of characters become U+FFFD, in keys too; whole ones and escapes that are text stay", () => {
  for (
    const [text, strict] of [
      ["cut \ud83d", "cut \ufffd"],
      ["\ude42 cut", "\ufffd cut"],
      ["\ude42\ud83d", "\ufffd\ufffd"],
      ["whole 🙂 é", "whole 🙂 é"],
      ["the text \\ud83d", "the text \\ud83d"],
      ["a backslash \\\ud83d", "a backslash \\\ufffd"],
      ['"\\"\n\t\u0001', '"\\"\n\t\u0001'],
    ] as const
  ) {
    assert.deepEqual(JSON.parse(strictJson({ [text]: [text] })), { [strict]: [strict] });
  }
  assert.equal(strictJson({ a: 1 }, 2), '{\n  "a": 1\n}');
});
