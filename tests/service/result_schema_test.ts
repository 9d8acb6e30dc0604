/** Answers as data: what an agent says last, read by the schema that its start has asked for. */
import assert from "node:assert/strict";
import { schemaFault } from "../../src/scheduler/turn/check/result_form.ts";
import { LocalHarness } from "../support/local_harness.ts";

const SCHEMA = {
  type: "object",
  properties: { files: { type: "array", items: { type: "string" } }, ok: { type: "boolean" } },
  required: ["files", "ok"],
  additionalProperties: false,
};

const GOOD = { files: ["a.ts", "b.ts"], ok: true };

/** Has the scripted agent say `text`, whose lines it would take for instructions. */
const say = (text: string) =>
  `raw ${JSON.stringify({ type: "item.completed", item: { id: "m", type: "agent_message", text } })}`;

Deno.test("result_schema: a valid answer is there as data, also where it stands between code fences", async () => {
  await using harness = await LocalHarness.start();
  for (
    const text of [JSON.stringify(GOOD), `Here it is:\n\`\`\`json\n${JSON.stringify(GOOD)}\n\`\`\`\nDone.`]
  ) {
    const { job_id } = await harness.run(say(text), { result_schema: SCHEMA });
    const job = await harness.ended(job_id);
    assert.deepEqual([job.status, job.turn, job.result_json, job.result], ["done", 1, GOOD, text]);
    await harness.restart();
    assert.deepEqual((await harness.service.poll({ job_id })).result_json, GOOD);
  }
});

Deno.test("result_schema: an answer in another form goes back once, with what is wrong", async () => {
  await using harness = await LocalHarness.start();
  // The scripted agent answers with the schema itself when it is asked for the form again, which it reads in its prompt.
  const { job_id } = await harness.run(say("All is well."), { result_schema: SCHEMA });
  const job = await harness.ended(job_id);
  assert.deepEqual([job.status, job.turn, job.result_json], ["done", 2, undefined]);
  assert.match(
    job.evidence?.doubts.join() ?? "",
    /\bThe answer is not valid by result_schema: it is not JSON/,
  );
  const asked = Deno.readTextFileSync(`${harness.state.home}/jobs/${job_id}/turns/2/prompt.md`);
  assert.match(asked, /it is not JSON/);
  assert.ok(asked.includes(JSON.stringify(SCHEMA)));
});

Deno.test("result_schema: a false answer names the place, and a check is run before it", async () => {
  await using harness = await LocalHarness.start();
  const { job_id } = await harness.run(say(JSON.stringify({ files: [1], ok: true })), {
    result_schema: SCHEMA,
    approval_policy: "full-auto",
    check: "true",
  });
  const job = await harness.ended(job_id);
  assert.deepEqual([job.turn, job.evidence?.check?.attempts], [2, 1]);
  const asked = Deno.readTextFileSync(`${harness.state.home}/jobs/${job_id}/turns/2/prompt.md`);
  assert.match(asked, /#\/files\/0/);
});

Deno.test("result_schema: what is no schema, or too long, is refused by name", async () => {
  await using harness = await LocalHarness.start();
  const refused = (result_schema: Record<string, unknown>) =>
    assert.rejects(() => harness.run("say x", { result_schema }), /result_schema: /);
  await refused({ $ref: "#/nowhere" });
  await refused({ type: "object", description: "x".repeat(30_000) });
});

Deno.test("result_schema: a word that means nothing is refused wherever it stands, before any work", async () => {
  const deep = (schema: unknown): Record<string, unknown> => ({ type: "object", properties: { a: schema } });
  const nonsense: readonly unknown[] = [
    { type: "nope" },
    { type: 5 },
    { type: [] },
    { pattern: "(" },
    { minLength: "3" },
    { minimum: "3" },
    { enum: "a" },
    { required: "a" },
    { required: [1] },
    { properties: [] },
    { items: "string" },
    { anyOf: {} },
    { additionalProperties: "no" },
    { $ref: "#/$defs/nowhere" },
    { $ref: "https://example.invalid/schema.json" },
    { $ref: 5 },
    { not: { type: "text" } },
    { patternProperties: { "(": {} } },
    "string",
  ];
  for (const schema of nonsense) {
    assert.match(await schemaFault(deep(schema)) ?? "accepted", /^is no JSON Schema/, JSON.stringify(schema));
  }
  for (const schema of nonsense.filter((entry) => typeof entry === "object")) {
    assert.match(await schemaFault({ ...schema as object }) ?? "accepted", /^is no JSON Schema/);
  }
});

Deno.test("result_schema: what schemas of any draft hold is taken", async () => {
  const good: readonly Record<string, unknown>[] = [
    {},
    SCHEMA,
    { $schema: "http://json-schema.org/draft-07/schema#", $id: "https://example.invalid/x", title: "T" },
    { definitions: { n: { type: ["string", "null"] } }, properties: { $ref: { $ref: "#/definitions/n" } } },
    { $defs: { tree: { properties: { next: { $ref: "#/$defs/tree" } } } }, $ref: "#/$defs/tree" },
    { properties: { self: { $ref: "#" } } },
    { properties: { type: { const: { type: "nope" } }, enum: { default: { $ref: "#/nowhere" } } } },
    { minimum: 0, exclusiveMinimum: true },
    { items: [{ type: "string" }, true], additionalItems: false, "x-order": 5, nullable: true },
    { oneOf: [{ format: "date" }, { pattern: "^\\d+$" }], if: {}, then: true, else: false },
  ];
  for (const schema of good) assert.equal(await schemaFault(schema), null, JSON.stringify(schema));
});
