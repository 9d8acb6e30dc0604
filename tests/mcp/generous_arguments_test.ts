/**
 * Arguments as hosts and models really send them, in calls to every tool of every toolset: what is meant is done, what
 * was changed is told, what cannot be meant is refused by name.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readGenerously } from "../../src/mcp/tools/definition/generous_value.ts";
import { isRecord } from "../../src/mcp/desk/json_rpc.ts";
import { TOOLSET_NAMES, type ToolsetName } from "../../src/mcp/tools/toolset_names.ts";
import { withFixedMarks } from "../support/fence_marks.ts";
import { MemoryHost } from "../support/memory_host.ts";
import { JOB_ID, ScriptedService } from "../support/scripted_service.ts";

const OTHER_ID = "def12345";

/** One value for each parameter that some tool requires. */
const REQUIRED: Readonly<Record<string, unknown>> = {
  prompt: "Do it",
  cwd: "/work",
  title: "Title",
  job_id: JOB_ID,
  agent: "codex",
};

const AGENTS = ["codex", "cursor", "gemini", "claude"].map((name) => ({ name, available: true }));

interface Asked {
  requests: unknown[];
  structured: Record<string, unknown>;
  isError: boolean;
  text: string;
}

interface Parameter {
  tool: string;
  toolset: ToolsetName;
  name: string;
  schema: Record<string, unknown>;
  base: Record<string, unknown>;
  isRequired: boolean;
}

async function ask(toolset: ToolsetName, tool: string, args: Record<string, unknown>): Promise<Asked> {
  const service = new ScriptedService();
  await using host = new MemoryHost({
    service,
    toolsets: [toolset],
    agents: () => Promise.resolve(AGENTS),
    hostDirectory: "/host",
    env: { HOME: "/home/someone", PATH: "/bin", AGENT_ASYNC_JOB_ID: JOB_ID },
  });
  const { result } = await host.call(tool, args);
  assert.ok(result !== undefined);
  const content = Array.isArray(result.content) ? result.content : [];
  const requests = service.calls.filter(({ method }) => method !== "feed" || tool.startsWith("codex_async"));
  return {
    requests: requests.map(({ request }) => inWholeSeconds(request)),
    structured: isRecord(result.structuredContent) ? withFixedMarks(result.structuredContent) : {},
    isError: result.isError === true,
    text: String(content[0]?.text ?? ""),
  };
}

/** Some waits subtract what the call itself has taken. */
function inWholeSeconds(request: unknown): unknown {
  if (!isRecord(request)) return request;
  return Object.fromEntries(
    Object.entries(request).map(([name, value]) => {
      return [name, name.endsWith("_seconds") && typeof value === "number" ? Math.round(value) : value];
    }),
  );
}

/** Every parameter of every tool, as `tools/list` has them. */
async function parameters(): Promise<Parameter[]> {
  const found: Parameter[] = [];
  for (const toolset of TOOLSET_NAMES) {
    await using host = new MemoryHost({ toolsets: [toolset], agents: () => Promise.resolve(AGENTS) });
    await host.initialize();
    await host.send({ jsonrpc: "2.0", id: 1, method: "tools/list" });
    const { tools } = (await host.answer(1)).result ?? {};
    assert.ok(Array.isArray(tools) && tools.length > 0);
    for (const { name: tool, inputSchema } of tools) {
      const required: string[] = inputSchema.required ?? [];
      const base = Object.fromEntries(required.map((name) => [name, REQUIRED[name]]));
      for (const [name, schema] of Object.entries(inputSchema.properties ?? {})) {
        assert.ok(isRecord(schema));
        found.push({ tool, toolset, name, schema, base, isRequired: required.includes(name) });
      }
    }
  }
  return found;
}

/** What a caller would give in good faith, and the same in the other forms that reach us. */
function forms({ name, schema }: Parameter): { good: unknown; others: unknown[] } | null {
  if (Array.isArray(schema.enum)) {
    const word = String(schema.enum.at(-1));
    return { good: word, others: [` ${word.toUpperCase()} `] };
  }
  switch (schema.type) {
    case "number":
    case "integer": {
      const good = typeof schema.minimum === "number" && schema.minimum > 0 ? schema.minimum : 5;
      return { good, others: [String(good), ` ${good} `] };
    }
    case "boolean":
      return { good: true, others: ["true", "TRUE", 1, "1"] };
    case "array": {
      const items = isRecord(schema.items) ? schema.items : {};
      const isIds = ["job_ids", "after"].includes(name);
      const entry = Array.isArray(items.enum) ? items.enum[0] : isIds ? JOB_ID : "gemini";
      return { good: [entry], others: [entry, JSON.stringify([entry]), [entry, ""], [null, entry]] };
    }
    default:
      return null;
  }
}

Deno.test("every argument of every tool is understood as text, and one value as a list", async () => {
  let checked = 0;
  for (const parameter of await parameters()) {
    const { tool, toolset, name, base } = parameter;
    const known = forms(parameter);
    if (known === null) continue;
    const expected = await ask(toolset, tool, { ...base, [name]: known.good });
    assert.equal(expected.isError, false, expected.text);
    for (const other of known.others) {
      const asked = await ask(toolset, tool, { ...base, [name]: other });
      assert.deepEqual(asked, expected, `${tool}(${name}: ${JSON.stringify(other)})`);
      checked++;
    }
  }
  assert.ok(checked > 100);
});

Deno.test("an optional argument that is empty or null counts as left out, in every tool", async () => {
  let checked = 0;
  for (const { tool, toolset, name, base, isRequired } of await parameters()) {
    if (isRequired) continue;
    const expected = await ask(toolset, tool, base);
    for (const nothing of name === "job_ids" ? [null] : ["", "  ", null]) {
      assert.deepEqual(await ask(toolset, tool, { ...base, [name]: nothing }), expected, `${tool}(${name})`);
      checked++;
    }
  }
  assert.ok(checked > 100);
});

Deno.test("a number beyond its range is taken as the nearest allowed one, and told, in every tool", async () => {
  let checked = 0;
  for (const { tool, toolset, name, schema, base } of await parameters()) {
    if (!["number", "integer"].includes(String(schema.type)) || name === "pr_number") continue;
    for (const [given, bound] of [[1e15, schema.maximum], [-1e15, schema.minimum]] as const) {
      if (typeof bound !== "number") continue;
      for (const form of [given, String(given)]) {
        const asked = await ask(toolset, tool, { ...base, [name]: form });
        const { adjusted_arguments, ...structured } = asked.structured;
        assert.ok(Array.isArray(adjusted_arguments) && adjusted_arguments.length === 1, tool);
        assert.match(adjusted_arguments[0], new RegExp(`^${name}: .*, so ${bound} was taken$`));
        assert.match(asked.text, new RegExp(`\nAdjusted arguments: ${name}: `));
        const expected = await ask(toolset, tool, { ...base, [name]: bound });
        assert.deepEqual([asked.requests, structured], [expected.requests, expected.structured]);
        checked++;
      }
    }
  }
  assert.ok(checked > 30);
});

Deno.test("times and limits beyond their range: what people write is told with what was taken", async () => {
  const wait = await ask("jobs", "job_wait", { job_ids: [JOB_ID], timeout_seconds: 3600 });
  assert.deepEqual(wait.structured.adjusted_arguments, [
    "timeout_seconds: 3600 is more than the most, so 100 was taken",
  ]);
  const list = await ask("jobs", "job_list", { limit: "0" });
  assert.deepEqual(list.structured.adjusted_arguments, ["limit: 0 is less than the least, so 1 was taken"]);
  const start = await ask("jobs", "codex_start", { prompt: "x", cwd: "/", timeout_seconds: 0 });
  assert.deepEqual(start.structured.adjusted_arguments, ["timeout_seconds: 0 is too little, so 1 was taken"]);
  assert.ok(isRecord(start.requests[0]));
  assert.equal(start.requests[0].timeout_seconds, 1);
});

Deno.test("job_id and job_ids are understood for each other, and united", async () => {
  const ids = async (args: Record<string, unknown>, tool = "job_wait") => {
    const { requests, isError, text } = await ask("jobs", tool, args);
    assert.equal(isError, false, text);
    assert.ok(isRecord(requests[0]));
    return requests[0].job_ids ?? requests[0].job_id;
  };
  assert.deepEqual(await ids({ job_id: JOB_ID }), [JOB_ID]);
  assert.deepEqual(await ids({ job_id: JOB_ID.toUpperCase(), job_ids: [OTHER_ID, JOB_ID] }), [
    JOB_ID,
    OTHER_ID,
  ]);
  assert.deepEqual(await ids({ job_ids: `${JOB_ID}, ${OTHER_ID}` }), [JOB_ID, OTHER_ID]);
  assert.deepEqual(await ids({ job_id: "", job_ids: [JOB_ID] }), [JOB_ID]);
  assert.equal(await ids({ job_ids: [JOB_ID] }, "job_poll"), JOB_ID);
  assert.equal(await ids({ job_ids: `["${JOB_ID}"]`, job_id: JOB_ID }, "job_cancel"), JOB_ID);
});

Deno.test("ids that are given and name no job, or more than a tool takes, are refused and nothing is asked", async () => {
  for (const nothing of [[], "[]", "", [""], [null]]) {
    const { isError, text, requests } = await ask("jobs", "job_wait", { job_ids: nothing });
    assert.deepEqual([isError, requests], [true, []], JSON.stringify(nothing));
    assert.match(text, /^invalid_argument: job_ids: must not be empty: leave it out to wait for any job/);
  }
  const many = await ask("jobs", "job_cancel", { job_ids: [JOB_ID, OTHER_ID] });
  assert.deepEqual([many.isError, many.requests], [true, []]);
  assert.match(many.text, /job_ids: this tool takes one job/);
  const none = await ask("jobs", "job_poll", { job_id: "" });
  assert.match(none.text, /^invalid_argument: job_id: is required/);
});

Deno.test("an id of another shape is no such job, in every tool that takes one", async () => {
  for (const { tool, toolset, name, base } of await parameters()) {
    if (name !== "job_id" && name !== "job_ids") continue;
    const { isError, text, requests } = await ask(toolset, tool, { ...base, [name]: "job-17" });
    assert.deepEqual([isError, requests], [true, []], tool);
    assert.match(text, /^not_found: There is no job "job-17"\nNext: /, tool);
  }
});

Deno.test("half of a surrogate pair is refused by name in every text of every tool, and nothing is asked", async () => {
  let checked = 0;
  for (const { tool, toolset, name, schema, base } of await parameters()) {
    const isText = schema.type === "string" && schema.enum === undefined;
    const isTexts = schema.type === "array" && isRecord(schema.items) && schema.items.type === "string";
    // What is no id at all is told as that.
    if (!isText && !isTexts || ["job_id", "job_ids", "after"].includes(name)) continue;
    const value = `cut \u{1f600}${"\u{1f600}".slice(0, 1)}`;
    const given = isTexts ? [value] : value;
    const { isError, text, requests } = await ask(toolset, tool, { ...base, [name]: given });
    assert.deepEqual([isError, requests], [true, []], `${tool} ${name}`);
    assert.ok(text.includes(`${name}`), `${tool} ${name}: ${text}`);
    if (!text.includes("its character 6 is half of one (U+D83D)")) {
      // The name of an agent has a form of its own.
      assert.ok(isTexts || name === "agent", `${tool} ${name}: ${text}`);
      continue;
    }
    checked++;
  }
  assert.ok(checked > 30, String(checked));
});

Deno.test("what cannot be meant is refused by name", async () => {
  const refused: [string, Record<string, unknown>, RegExp][] = [
    ["job_wait", { job_ids: [JOB_ID], timeout_seconds: "soon" }, /timeout_seconds: must be a number/],
    ["job_list", { limit: "2.5" }, /limit: must be a whole number/],
    ["job_list", { limit: [3] }, /limit: must be a number, not an array/],
    ["codex_start", { prompt: "x", cwd: "/", retry_on_limit: "maybe" }, /retry_on_limit: must be a boolean/],
    ["codex_start", { prompt: "x", cwd: "/", after: ["nope"] }, /after\[0\]: a job id is/],
  ];
  for (const [tool, args, says] of refused) {
    const { isError, text, requests } = await ask("jobs", tool, args);
    assert.deepEqual([isError, requests], [true, []], tool);
    assert.match(text, says);
  }
});

Deno.test("Gemini's pull requests and pages take the defaults of the earlier server: a number in text, nothing as empty text", async () => {
  const prompt = async (tool: string, args: Record<string, unknown>) => {
    const { requests, isError, text } = await ask("agents", tool, { cwd: "/work", ...args });
    assert.equal(isError, false, text);
    assert.ok(isRecord(requests[0]));
    return requests[0].prompt;
  };
  assert.equal(
    await prompt("gemini_pr_start", { pr_number: "12" }),
    await prompt("gemini_pr_start", { pr_number: 12 }),
  );
  const nothing = { pr_number: "", pr_goal: "", base_branch: "", compare_branch: "", instructions: "" };
  assert.equal(await prompt("gemini_pr_start", nothing), await prompt("gemini_pr_start", {}));
  const page = { title: "T" };
  const empty = { ...page, page_url: "", space_key: "", source_context: "", audience: "", instructions: "" };
  assert.equal(await prompt("gemini_confluence_start", empty), await prompt("gemini_confluence_start", page));
  // It names a thing: the nearest number would be another pull request.
  const { text } = await ask("agents", "gemini_pr_start", { cwd: "/work", pr_number: 0 });
  assert.match(text, /^invalid_argument: pr_number: must be more than 0/);
});

Deno.test("money and tokens are never moved into a range: the check that follows refuses them by name", () => {
  for (const name of ["max_cost_usd", "max_tokens"]) {
    const schema = { type: "number", exclusiveMinimum: 0, maximum: 1_000 };
    assert.deepEqual(readGenerously(name, "2000", schema), { value: 2_000 });
    assert.deepEqual(readGenerously(name, -1, schema), { value: -1 });
  }
});

Deno.test("words of a fixed list may stand in one string, between commas", () => {
  const types = { type: "array", items: { type: "string", enum: ["message", "usage"] } };
  assert.deepEqual(readGenerously("types", "message, Usage", types).value, ["message", "usage"]);
  assert.deepEqual(readGenerously("types", "message,,", types).value, ["message"]);
  assert.deepEqual(readGenerously("types", "message,frob", types).value, ["message", "frob"]);
});
