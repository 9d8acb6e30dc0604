/**
 * What hosts' models read of the tools: checked in as it is, within its budget, and complete.
 *
 * After a wanted change: `UPDATE_SNAPSHOTS=1 deno test -A tests/mcp/tools_list_test.ts`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { instructions } from "../../src/mcp/instructions.ts";
import { BUILT_IN_AGENTS, NO_AGENT_NAMES } from "../../src/config/agent_settings.ts";
import { definitionOf, type ToolDefinition } from "../../src/mcp/tools/definition/define_tool.ts";
import { isRecord } from "../../src/mcp/desk/json_rpc.ts";
import { readToolsetNames, TOOLSET_NAMES, type ToolsetName } from "../../src/mcp/tools/toolset_names.ts";
import { listedTools } from "../../src/mcp/tools/toolsets.ts";
import { AgentAsyncError } from "../../src/domain/errors.ts";
import { MemoryHost } from "../support/memory_host.ts";
import { ScriptedService } from "../support/scripted_service.ts";

const SNAPSHOTS = new URL("../fixtures/mcp/", import.meta.url);
const ALL_FOUR = ["codex", "cursor", "gemini", "claude"];

function definitions(
  agents: readonly string[],
  toolsets: readonly ToolsetName[] = ["jobs"],
): ToolDefinition[] {
  const choice = { toolsets, isInsideJob: false };
  return listedTools(choice, agents.map((name) => ({ name, available: true }))).map(definitionOf);
}

async function served(
  agents: { name: string; available: boolean }[],
  toolsets: string[] = ["jobs"],
  env: Record<string, string> = { HOME: "/home/someone" },
): Promise<{ name: string }[]> {
  await using host = new MemoryHost({ agents: () => Promise.resolve(agents), toolsets, env });
  const client = await host.client();
  return (await client.listTools()).tools;
}

for (const toolset of TOOLSET_NAMES) {
  Deno.test(`tools/list of the toolset ${toolset} is what the snapshot says`, async () => {
    const snapshot = new URL(`tools_list${toolset === "jobs" ? "" : `_${toolset}`}.json`, SNAPSHOTS);
    const tools = await served([{ name: "codex", available: true }], [toolset]);
    if (Deno.env.get("UPDATE_SNAPSHOTS") === "1") {
      await Deno.writeTextFile(snapshot, `${JSON.stringify(tools, null, 2)}\n`);
    }
    assert.deepEqual(tools, JSON.parse(await Deno.readTextFile(snapshot)));
  });
}

const CONTRACT: Record<ToolsetName, string[]> = {
  jobs: [
    "codex_start",
    "job_poll",
    "job_wait",
    "job_answer",
    "job_events",
    "job_reply",
    "job_diff",
    "job_apply",
    "job_cancel",
    "job_list",
    "queue_status",
  ],
  codex: [
    "codex_start",
    "codex_poll",
    "codex_wait",
    "codex_await_any",
    "codex_list",
    "codex_cancel",
    "codex_queue_status",
  ],
  agents: [
    "codex_start",
    "codex_wait",
    "cursor_start",
    "cursor_wait",
    "gemini_start",
    "gemini_wait",
    "codex_await_any",
    "gemini_confluence_start",
    "gemini_pr_start",
    "job_list",
    "job_cancel",
    "queue_status",
    "agent_notify_done",
  ],
  starts: ["codex_start"],
  stream: [
    "codex_async_start",
    "codex_async_events",
    "codex_async_reply",
    "codex_async_notifications",
    "codex_async_wait",
  ],
};

for (const toolset of TOOLSET_NAMES) {
  Deno.test(`the toolset ${toolset} is the contract's, whatever is installed`, async () => {
    assert.deepEqual((await served([], [toolset])).map((tool) => tool.name), CONTRACT[toolset]);
  });
}

Deno.test("all is every tool once, and of two of one name the fuller one", async () => {
  const names = (await served([], ["all"])).map((tool) => tool.name);
  assert.deepEqual(names, [...new Set(Object.values(CONTRACT).flat())]);
  const start = (toolsets: ToolsetName[]) =>
    definitions([], toolsets).find(({ name }) => name === "codex_start");
  assert.deepEqual(start(["codex", "jobs"]), start(["jobs"]));
  assert.deepEqual(start(["codex", "agents"]), start(["agents"]));
  assert.deepEqual(Object.keys(start(["codex"])?.inputSchema.properties ?? {}), [
    "prompt",
    "cwd",
    "approval_policy",
  ]);
});

Deno.test("no agent's start has the name of a tool of another kind", () => {
  const starts = definitions(ALL_FOUR, TOOLSET_NAMES).flatMap(({ name }) =>
    name.match(/^(.*)_start$/)?.[1] ?? []
  );
  const others = starts.filter((name) => !BUILT_IN_AGENTS.some((agent) => agent === name));
  assert.deepEqual(others.sort(), NO_AGENT_NAMES);
});

Deno.test("inside a job there is agent_notify_done, whatever the toolset", async () => {
  const env = { HOME: "/home/someone", AGENT_ASYNC_JOB_ID: "abc12345" };
  const names = (await served([], ["jobs"], env)).map((tool) => tool.name);
  assert.deepEqual(names, [...CONTRACT.jobs, "agent_notify_done"]);
});

Deno.test("the default toolset has two starts at most: codex_start for Codex or nothing, job_start for others", async () => {
  const found = (...names: string[]) => names.map((name) => ({ name, available: true }));
  const starts = async (agents: { name: string; available: boolean }[]) =>
    (await served(agents)).map((tool) => tool.name).filter((name) => name.endsWith("_start"));
  assert.deepEqual(await starts([]), ["codex_start"]);
  assert.deepEqual(await starts(found("codex")), ["codex_start"]);
  const missing = [{ name: "codex", available: false }, { name: "gemini", available: false }];
  assert.deepEqual(await starts(missing), ["codex_start"]);
  assert.deepEqual(await starts([...found("claude"), ...missing]), ["job_start"]);
  assert.deepEqual(await starts(found(...ALL_FOUR, "aider")), ["codex_start", "job_start"]);
});

Deno.test("job_start names the agents that are found, Codex too", () => {
  const agents = (found: string[]) => {
    const properties = definitions(found).find(({ name }) => name === "job_start")?.inputSchema.properties;
    return isRecord(properties) && isRecord(properties.agent) ? properties.agent.enum : undefined;
  };
  assert.deepEqual(agents([...ALL_FOUR, "aider"]), [...ALL_FOUR, "aider"]);
  assert.deepEqual(agents(["gemini"]), ["gemini"]);
});

Deno.test("the toolset starts has one start for each agent that is found", async () => {
  const agents = ["codex", "claude", "aider"].map((name) => ({ name, available: true }));
  const tools = await served([...agents, { name: "gemini", available: false }], ["starts"]);
  assert.deepEqual(tools.map(({ name }) => name), ["codex_start", "claude_start", "aider_start"]);
});

Deno.test("a search for agents that fails costs the other agents, not the list", async () => {
  await using host = new MemoryHost({ agents: () => Promise.reject(new Error("no PATH")) });
  const client = await host.client();
  assert.equal((await client.listTools()).tools.at(0)?.name, "codex_start");
});

Deno.test("the definitions stay within their budgets", () => {
  // What hosts hand to their models of a tool.
  const size = (agents: string[]) =>
    JSON.stringify(
      definitions(agents).map(({ name, description, inputSchema }) => ({ name, description, inputSchema })),
    ).length;
  const one = size(["codex"]);
  const four = size(ALL_FOUR);
  assert.ok(one <= 12_000, `${one} characters with Codex alone, at most 12,000`);
  assert.ok(four <= 14_000, `${four} characters with four agents, at most 14,000`);
});

Deno.test("each start says what its agent may do under the default policy", () => {
  const policies = definitions([...ALL_FOUR, "aider"], ["jobs", "starts"]).flatMap(
    ({ name, inputSchema: { properties } }) => {
      const policy = isRecord(properties) ? properties.approval_policy : undefined;
      return /_start$/.test(name) && isRecord(policy) ? [`${name}: ${policy.description}`] : [];
    },
  );
  const says = (name: string, words: string, full = "no limits") =>
    `${name}: suggest: reads only; auto-edit (default unless configured): ${words}; ` +
    `ask: what goes beyond its own rules becomes a question; full-auto: ${full}`;
  assert.deepEqual(policies, [
    says("codex_start", "writes in cwd, commands sandboxed, no network, no commits"),
    says("job_start", "edits in cwd, commands sandboxed or refused, no commits"),
    says("cursor_start", "edits in cwd, runs no commands"),
    says(
      "gemini_start",
      "edits in cwd, runs no commands",
      "no limits to commands; its file tools stay in cwd",
    ),
    says("claude_start", "edits in cwd, runs few commands"),
    says("aider_start", "writes in cwd"),
  ]);
});

const COMBINATIONS: ToolsetName[][] = [...TOOLSET_NAMES.map((name) => [name]), ["codex", "stream"], [
  ...TOOLSET_NAMES,
]];

for (const toolsets of COMBINATIONS) {
  Deno.test(`the instructions for ${toolsets} are short and name only tools that are there`, () => {
    const text = instructions(toolsets);
    assert.ok(text.length <= 1_200, `${text.length} characters of instructions, at most 1,200`);
    const named = [...text.matchAll(/\b(?:job|codex|queue)_(?!ids?\b)[a-z_]+\b(?! \(of the toolset)/g)].map((
      [name],
    ) => name);
    const there = definitions(ALL_FOUR, toolsets).map((tool) => tool.name);
    const absent = named.filter((name) => !there.includes(name));
    // The stream has no list of jobs but the feed.
    assert.deepEqual(absent, []);
  });
}

for (const toolsets of COMBINATIONS) {
  Deno.test(`the descriptions for ${toolsets} name only tools that are there, or say where they are`, () => {
    const tools = definitions([], toolsets);
    const there = tools.map(({ name }) => name);
    const absent = tools.flatMap(({ name, description }) =>
      [...description.matchAll(/\b(?:(?:job|codex)_(?!ids?\b)[a-z_]+|queue_status)\b(?! \(of the toolset)/g)]
        .flatMap(([named]) => there.includes(named) ? [] : [`${name} names ${named}`])
    );
    assert.deepEqual(absent, []);
  });
}

for (const tool of definitions(ALL_FOUR, TOOLSET_NAMES)) {
  Deno.test(`the definition of ${tool.name} is complete`, () => {
    assert.match(tool.name, /^[a-z][a-z0-9_-]{0,63}$/);
    assert.ok(tool.title.length > 0 && tool.title.length <= 40, "title");
    assert.ok(tool.description.length >= 100, "description");
    assert.match(tool.description, /job_[a-z]+|_start|codex_[a-z_]+/, "a description names a sibling");
    const everything = definitions(ALL_FOUR, TOOLSET_NAMES).map(({ name }) => name);
    for (const [named] of tool.description.matchAll(/\b(?:job|codex|gemini|cursor|queue|agent)_[a-z_]+/g)) {
      assert.ok(everything.includes(named) || /^job_ids?$/.test(named), `names ${named}, which is nowhere`);
    }
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
      assert.ok(!JSON.stringify(schema).includes('"type":['), "a value has one type, or alternatives");
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

Deno.test("job_answer is listed only where models may answer, and may be called all the same", async () => {
  const service = new ScriptedService({
    answer: () =>
      Promise.reject(new AgentAsyncError("conflict", "Cannot answer job abc12345: only a person may")),
  });
  await using host = new MemoryHost({ service, mayAnswer: () => Promise.resolve(false) });
  const client = await host.client();
  const names = (await client.listTools()).tools.map(({ name }) => name);
  assert.deepEqual(names, CONTRACT.jobs.filter((name) => name !== "job_answer"));
  const { content, isError } = await client.callTool({
    name: "job_answer",
    arguments: { job_id: "abc12345", option: "yes" },
  });
  assert.equal(isError, true);
  assert.match(JSON.stringify(content), /only a person may/);
});
