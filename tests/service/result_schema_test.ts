/** Answers as data: what an agent says last, read by the schema that its start has asked for. */
import assert from "node:assert/strict";
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
