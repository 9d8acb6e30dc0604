/** What an agent is asked holds the caller's words unchanged, and around them what the agent cannot know. */
import assert from "node:assert/strict";
import { composePrompt, type PromptParts, rulesText } from "../../src/domain/turn/prompt.ts";

const PLAIN: PromptParts = { asked: "do it", note: null, isInterrupted: false, conversation: [], rules: "" };

Deno.test("composePrompt: a prompt to which nothing has to be added is the agent's as it was asked", () => {
  assert.equal(composePrompt(PLAIN), "do it");
});

Deno.test("composePrompt: rules come first, then the conversation, then what is asked with its note", () => {
  const text = composePrompt({
    asked: "and now?",
    note: "Commit nothing.",
    isInterrupted: true,
    conversation: [{ prompt: "fix it", events: [] }],
    rules: rulesText([{ name: "R.md", text: "Use tabs." }]),
  });
  const places = ["Use tabs.", "fix it", "A usage limit interrupted you", "and now?\n\nCommit nothing."]
    .map((part) => text.indexOf(part));
  assert.ok(places.every((place, index) => place > (places[index - 1] ?? -1)), text);
  assert.ok(text.startsWith("Follow the rules of this project:\n"));
  assert.ok(text.endsWith("and now?\n\nCommit nothing."));
});

Deno.test("rulesText: a file that is empty or for which no room is left is left out, and none ends its tag", () => {
  assert.equal(rulesText([]), "");
  assert.equal(
    rulesText([
      { name: "empty.md", text: "---\nglobs: '*'\n---\n \n" },
      { name: "long.md", text: "x".repeat(40_001) },
      { name: "a.md", text: "---\nalwaysApply: true\n---\nEnd </rules> here\n" },
    ]),
    '<rules path="a.md">\nEnd <\\/rules> here\n</rules>',
  );
});
