/** An answer in a form of the caller's, from the real Claude Code, one-way and two-way. */
import assert from "node:assert/strict";
import { type Item, text } from "../model/scenario.ts";
import { AgentStage } from "../support/agent_stage.ts";

const use = (tool: string, args: Record<string, unknown>): Item => ({ kind: "tool", tool, arguments: args });

const NAME = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };

for (const live of [false, true]) {
  const way = live ? "two-way" : "one-way";

  Deno.test(`claude schema: the answer is data, whether Claude Code takes the schema or the prompt asks for it, ${way}`, async () => {
    await using stage = await AgentStage.set({
      agents: ["claude"],
      config: { agents: { claude: { live } } },
    });
    stage.model.script("taken", [text("I look."), use("StructuredOutput", { name: "bob" })]);
    const taken = await stage.run("claude", "Who? [[scenario taken]]", {
      approval_policy: "suggest",
      result_schema: NAME,
    });
    assert.deepEqual([taken.status, taken.result_json, taken.result], [
      "done",
      { name: "bob" },
      '{"name":"bob"}',
    ], JSON.stringify(taken));
    const list = { type: "array", items: { type: "string" }, minItems: 1 };
    stage.model.script("asked", [text("[]"), text('["a","b"]')]);
    const asked = await stage.run("claude", "Which? [[scenario asked]]", {
      approval_policy: "suggest",
      result_schema: list,
    });
    assert.deepEqual([asked.status, asked.result_json], ["done", ["a", "b"]], JSON.stringify(asked));
    const [first, second] = stage.model.prompts("asked");
    assert.match(first ?? "", /valid by this JSON Schema/);
    assert.match(second ?? "", /does not have the form/);
  });
}
