/**
 * Tests of room `agents`: an MCP server's question, and the reply that it gets.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  type Elicitation,
  elicitationQuestion,
  elicitationReply,
} from "../../src/agents/reading/elicitation.ts";

function asked(properties: Record<string, unknown>, required: string[] = []): Elicitation {
  const schema = { type: "object", properties, required };
  return { id: "e1", server: "shop", message: "Which account?", schema };
}

Deno.test("elicitation: one field with few values is a choice", () => {
  const form = asked({ account: { type: "string", enum: ["a", "b"], enumNames: ["Ann", "Bob"] } }, [
    "account",
  ]);
  assert.deepEqual(elicitationQuestion(form), {
    question_id: "e1",
    kind: "choice",
    title: "The MCP server shop asks: Which account?",
    detail: 'Which account?\n\naccount ("a" | "b")',
    options: [
      { id: "1", label: "Ann" },
      { id: "2", label: "Bob" },
      { id: "decline", label: "Give no answer" },
    ],
  });
  assert.deepEqual(elicitationReply(form, { option: "2" }), { action: "accept", content: { account: "b" } });
  assert.deepEqual(elicitationReply(form, { option: "decline" }), { action: "decline" });
  const sure = asked({ sure: { type: "boolean" } });
  assert.deepEqual(elicitationReply(sure, { option: "2" }), { action: "accept", content: { sure: false } });
});

Deno.test("elicitation: several fields are answered in words, as JSON or line by line", () => {
  const form = asked({
    name: { type: "string", title: "Name", description: "of the customer" },
    count: { type: "integer" },
    sure: { type: "boolean" },
    kind: { oneOf: [{ const: "x", title: "The first" }, { const: "y" }] },
  }, ["name"]);
  const { kind, detail, options } = elicitationQuestion(form);
  assert.deepEqual([kind, options.map(({ id }) => id)], ["text", ["decline"]]);
  assert.equal(
    detail,
    [
      "Which account?",
      "",
      "name (string): Name: of the customer",
      "count (integer, optional)",
      "sure (true | false, optional)",
      'kind ("x" | "y", optional)',
      "",
      "Answer with a JSON object, or with lines such as `name: value`.",
    ].join("\n"),
  );
  const content = (text: string) => elicitationReply(form, { text }).content;
  assert.deepEqual(content('{"name":"Ann","count":2}'), { name: "Ann", count: 2 });
  assert.deepEqual(content("name: Ann: the second\ncount: 3\nsure: yes\nkind: the first"), {
    name: "Ann: the second",
    count: 3,
    sure: true,
    kind: "x",
  });
  // The one that is required.
  assert.deepEqual(content("  Ann  "), { name: "Ann" });
});

Deno.test("elicitation: one field of words takes the words, a number where it is one", () => {
  const form = asked({ age: { type: "number" } });
  assert.equal(elicitationQuestion(form).kind, "text");
  assert.deepEqual(elicitationReply(form, { text: "42" }).content, { age: 42 });
  assert.deepEqual(elicitationReply(form, { text: "old" }).content, { age: "old" });
});

Deno.test("elicitation: a page to open, and a plain yes or no, are approvals", () => {
  const page: Elicitation = { id: "e2", server: "shop", message: "Log in", url: "https://example.com/login" };
  const question = elicitationQuestion(page);
  assert.equal(question.kind, "approval");
  assert.match(question.detail, /^Log in\n\n.*\nhttps:\/\/example\.com\/login$/);
  assert.deepEqual(question.options.map(({ id, kind }) => [id, kind]), [
    ["accept", "allow"],
    ["decline", "reject"],
  ]);
  assert.deepEqual(elicitationReply(page, { option: "accept" }), { action: "accept" });
  const plain = asked({});
  assert.equal(elicitationQuestion(plain).kind, "approval");
  assert.deepEqual(elicitationReply(plain, { option: "accept" }), { action: "accept", content: {} });
  assert.deepEqual(elicitationReply(plain, { option: "decline" }), { action: "decline" });
});

Deno.test("elicitation: a schema of another shape is no failure", () => {
  for (const schema of [null, "x", { properties: 3 }, { properties: { a: 1 } }]) {
    const form: Elicitation = { id: "e", server: "s", message: "m", schema };
    assert.equal(elicitationQuestion(form).kind, "approval");
  }
});
