/**
 * What hosts' models read of the tools: checked in as it is, within its budget, and complete.
 *
 * After a wanted change: `UPDATE_SNAPSHOTS=1 deno test -A tests/mcp/tools_list_test.ts`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { INSTRUCTIONS } from "../../src/mcp/instructions.ts";
import { definitionOf, type ToolDefinition } from "../../src/mcp/define_tool.ts";
import { isRecord } from "../../src/mcp/json_rpc.ts";
import { readToolsetNames, TOOLSET_NAMES } from "../../src/mcp/toolset_names.ts";
import { listedTools } from "../../src/mcp/toolsets.ts";
import { MemoryHost } from "../support/memory_host.ts";

const SNAPSHOT = new URL("../fixtures/mcp/tools_list.json", import.meta.url);
const ALL_FOUR = ["codex", "cursor", "gemini", "claude"];

function definitions(agents: readonly string[]): ToolDefinition[] {
  return listedTools([...TOOLSET_NAMES], agents.map((name) => ({ name, available: true }))).map(definitionOf);
}

async function served(agents: { name: string; available: boolean }[]): Promise<{ name: string }[]> {
  await using host = new MemoryHost({ agents: () => Promise.resolve(agents) });
  const client = await host.client();
  return (await client.listTools()).tools;
}

Deno.test("tools/list is what the snapshot says", async () => {
  const tools = await served([{ name: "codex", available: true }]);
  if (Deno.env.get("UPDATE_SNAPSHOTS") === "1") {
    await Deno.mkdir(new URL(".", SNAPSHOT), { recursive: true });
    await Deno.writeTextFile(SNAPSHOT, `${JSON.stringify(tools, null, 2)}\n`);
  }
  assert.deepEqual(tools, JSON.parse(await Deno.readTextFile(SNAPSHOT)));
});

Deno.test("the default set is the contract's", async () => {
  const names = (await served([{ name: "codex", available: true }])).map((tool) => tool.name);
  assert.deepEqual(names, [
    "codex_start",
    "job_poll",
    "job_wait",
    "job_events",
    "job_reply",
    "job_cancel",
    "job_list",
    "queue_status",
  ]);
});

Deno.test("codex has its start always, other agents when they are there", async () => {
  const starts = async (agents: { name: string; available: boolean }[]) =>
    (await served(agents)).map((tool) => tool.name).filter((name) => name.endsWith("_start"));
  assert.deepEqual(await starts([]), ["codex_start"]);
  assert.deepEqual(
    await starts([{ name: "codex", available: false }, { name: "gemini", available: false }]),
    [
      "codex_start",
    ],
  );
  assert.deepEqual(await starts([{ name: "aider", available: true }, { name: "codex", available: true }]), [
    "codex_start",
    "aider_start",
  ]);
});

Deno.test("a search for agents that fails costs the other agents, not the list", async () => {
  await using host = new MemoryHost({ agents: () => Promise.reject(new Error("no PATH")) });
  const client = await host.client();
  assert.equal((await client.listTools()).tools.at(0)?.name, "codex_start");
});

Deno.test("the definitions stay within their budgets", () => {
  const one = JSON.stringify(definitions(["codex"])).length;
  const four = JSON.stringify(definitions(ALL_FOUR)).length;
  assert.ok(one <= 10_000, `${one} characters with Codex alone, at most 10,000`);
  assert.ok(four <= 16_000, `${four} characters with four agents, at most 16,000`);
  assert.ok(INSTRUCTIONS.length <= 1_200, `${INSTRUCTIONS.length} characters of instructions, at most 1,200`);
});

for (const tool of definitions(ALL_FOUR)) {
  Deno.test(`the definition of ${tool.name} is complete`, () => {
    assert.match(tool.name, /^[a-z][a-z0-9_-]{0,63}$/);
    assert.ok(tool.title.length > 0 && tool.title.length <= 40, "title");
    assert.ok(tool.description.length >= 100, "description");
    assert.match(tool.description, /job_[a-z]+|_start/, "a description names a sibling");
    assert.match(tool.description, /at once|Answers|answers/, "a description says what happens in time");
    assert.deepEqual(Object.keys(tool.annotations).sort(), [
      "destructiveHint",
      "idempotentHint",
      "openWorldHint",
      "readOnlyHint",
    ]);
    for (const schema of [tool.inputSchema, tool.outputSchema]) {
      assert.equal(schema.type, "object");
      assert.ok(isRecord(schema.properties));
      for (const key of ["anyOf", "oneOf", "allOf", "$ref", "$defs"]) assert.ok(!(key in schema), key);
    }
    for (const [name, parameter] of Object.entries(tool.inputSchema.properties ?? {})) {
      assert.match(name, /^[a-z_]+$/);
      assert.ok(
        isRecord(parameter) && typeof parameter.description === "string",
        `${name} has no description`,
      );
      assert.equal(typeof parameter.type, "string", `${name} has no plain type`);
    }
  });
}

Deno.test("toolsets: all is every one, an unknown one is refused with the known ones", () => {
  assert.deepEqual(readToolsetNames(["all"]), [...TOOLSET_NAMES]);
  assert.deepEqual(readToolsetNames(["jobs", "all", "jobs"]), [...TOOLSET_NAMES]);
  assert.throws(() => readToolsetNames(["job"]), {
    message: /^toolsets: there is no "job"; there are jobs, .*all$/,
  });
  assert.throws(() => readToolsetNames([]), { message: /^toolsets: / });
});

Deno.test("a server with an unknown toolset does not begin", async () => {
  const host = new MemoryHost({ toolsets: ["nothing"] });
  await assert.rejects(host.ended, { message: /^toolsets: / });
});
