/** Output that is nested deeper than anything honest is kept and shown, and no answer about its job is lost. */
import assert from "node:assert/strict";
import { isDeeperThan } from "../../src/domain/reading/json_depth.ts";
import { MAX_JSON_LEVELS, parsedJson } from "../../src/domain/reading/parsed_json.ts";
import { MAX_FRAME_DEPTH } from "../../src/service/wire.ts";
import { LocalHarness } from "../support/local_harness.ts";

const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;

Deno.test("parsedJson: what is nested too deep is no JSON, brackets in texts do not count", () => {
  assert.equal(JSON.stringify(parsedJson(nested(MAX_JSON_LEVELS))), nested(MAX_JSON_LEVELS));
  for (const levels of [MAX_JSON_LEVELS + 1, 100_000]) assert.equal(parsedJson(nested(levels)), undefined);
  const words = `"${'[{\\"'.repeat(1_000)}"`;
  assert.equal(parsedJson(words), JSON.parse(words));
  const wide = `[${"[],".repeat(1_000)}[]]`;
  assert.deepEqual(parsedJson(wide), JSON.parse(wide));
});

Deno.test("a tool call with deeply nested arguments leaves events and results that the wire carries", async () => {
  await using harness = await LocalHarness.start();
  const call = (levels: number) =>
    `raw {"type":"item.completed","item":{"id":"t${levels}","type":"mcp_tool_call","server":"s","tool":"t",` +
    `"arguments":${nested(levels)},"status":"completed"}}`;
  // The first is a call as any other; of the others the line is shown as it came.
  const prompt = [call(300), call(480), call(3_000), "say after"].join("\n");
  const { job_id } = await harness.run(prompt);
  const job = await harness.ended(job_id);
  assert.deepEqual([job.status, job.result], ["done", "after"]);
  for (const truncate of [0, 1_024]) {
    const page = await harness.service.events({ job_id, truncate, limit: 500 });
    assert.ok(!isDeeperThan(JSON.stringify(page), MAX_FRAME_DEPTH - 10));
    const shown = page.events.map(({ type }) => type).filter((type) =>
      type === "tool_call" || type === "raw"
    );
    assert.deepEqual(shown, ["tool_call", "raw", "raw"]);
  }
});

Deno.test("an answer that is nested too deep is no result_json", async () => {
  await using harness = await LocalHarness.start();
  const answer = `${"[".repeat(700)}${"]".repeat(700)}`;
  const { job_id } = await harness.run(`say ${answer}`, { result_schema: {} });
  const job = await harness.ended(job_id);
  assert.deepEqual([job.status, job.result_json], ["done", undefined]);
  assert.match(job.evidence?.doubts.join() ?? "", /not valid by result_schema: it is not JSON/);
});
