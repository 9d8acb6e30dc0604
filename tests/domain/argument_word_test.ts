/**
 * Words of others in a command line.
 *
 * @module
 */
import assert from "node:assert/strict";
import { asArgument, isArgumentWord } from "../../src/domain/agent/argument_word.ts";

Deno.test("a word that could be an option, or hides something, is none", () => {
  for (const word of ["gpt-5", "a b", "ses_1-2", "größe", "{x}", "a--b", "=", "ü👩‍🚀"]) {
    assert.equal(isArgumentWord(word), true, word);
  }
  for (
    const word of [
      "",
      "  ",
      "-",
      "-m",
      "--config=x",
      " --x",
      "\t-x",
      "a\nb",
      "a\0b",
      "a\x1b[0m",
      "a\x9b",
      "a\u202eb",
    ]
  ) {
    assert.equal(isArgumentWord(word), false, JSON.stringify(word));
  }
});

Deno.test("a prompt as an argument begins with no dash, and is otherwise as it was", () => {
  assert.equal(asArgument("--option"), "\n--option");
  assert.equal(asArgument("- item\n- item"), "\n- item\n- item");
  assert.equal(asArgument(" -x\n"), " -x\n");
});
