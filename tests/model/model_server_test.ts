/**
 * Tests of the scripted model itself: what it answers, what it keeps, and that one scenario never disturbs another.
 *
 * @module
 */
import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import {
  addFile,
  answer,
  cutStream,
  hang,
  mcpCall,
  plan,
  reasoning,
  refuse,
  shell,
  type Step,
  text,
  usageLimit,
} from "./scenario.ts";
import { ModelServer } from "./server.ts";

interface Ask {
  prompt?: string;
  tools?: string[];
  signal?: AbortSignal;
}

function ask(baseUrl: string, { prompt = "hello", tools = [], signal }: Ask = {}): Promise<Response> {
  return fetch(`${baseUrl}/responses`, {
    method: "POST",
    body: JSON.stringify({
      model: "mock-model",
      input: [
        { type: "message", role: "user", content: [{ type: "input_text", text: "context" }] },
        { type: "message", role: "assistant", content: [{ type: "output_text", text: "earlier" }] },
        { type: "message", role: "user", content: [{ type: "input_text", text: prompt }] },
        { type: "function_call_output", call_id: "c", output: "o" },
      ],
      tools: tools.map((name) => ({ type: "function", name })),
    }),
    signal: signal ?? null,
  });
}

/** The data of all events of a stream. */
async function events(response: Response): Promise<{ type: string; [field: string]: unknown }[]> {
  const all = await response.text();
  return all.split("\n").filter((line) => line.startsWith("data: ")).map((line) => JSON.parse(line.slice(6)));
}

async function itemsOf(response: Response): Promise<unknown[]> {
  return (await events(response)).flatMap(({ type, item }) =>
    type === "response.output_item.done" ? [item] : []
  );
}

Deno.test("model server: a step for each request, then the last resort", async () => {
  await using model = ModelServer.start();
  model.script("s", [text("one"), answer([reasoning("hm"), text("two")])], text("ever"));
  const texts = [];
  for (let turn = 0; turn < 4; turn++) {
    const items = await itemsOf(await ask(model.baseUrl("s")));
    texts.push(JSON.stringify(items).match(/"text":"[^"]*"/g));
  }
  assert.deepEqual(texts, [['"text":"one"'], ['"text":"hm"', '"text":"two"'], ['"text":"ever"'], [
    '"text":"ever"',
  ]]);
});

Deno.test("model server: a step that depends on what the agent has told", async () => {
  await using model = ModelServer.start();
  model.script("s", [({ userTexts, toolResults, body }) => {
    assert.ok(body !== null);
    return text(`${userTexts.join()} ${toolResults.join()}`);
  }]);
  const [item] = await itemsOf(await ask(model.baseUrl("s")));
  assert.match(JSON.stringify(item), /"text":"context,hello o"/);
});

Deno.test("model server: a whole stream with its usage", async () => {
  await using model = ModelServer.start();
  model.script("default", [
    answer([text("hi")], { usage: { input: 5, cached: 2, output: 3, reasoning: 1 } }),
  ]);
  const response = await ask(`${model.url}/v1`);
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  const message = {
    type: "message",
    id: "msg_resp_1_0",
    role: "assistant",
    content: [{ type: "output_text", text: "hi" }],
  };
  assert.deepEqual(await events(response), [
    { type: "response.created", response: { id: "resp_1" } },
    { type: "response.output_item.added", output_index: 0, item: message },
    { type: "response.output_item.done", output_index: 0, item: message },
    {
      type: "response.completed",
      response: {
        id: "resp_1",
        usage: {
          input_tokens: 5,
          input_tokens_details: { cached_tokens: 2 },
          output_tokens: 3,
          output_tokens_details: { reasoning_tokens: 1 },
          total_tokens: 8,
        },
      },
    },
  ]);
});

Deno.test("model server: calls are made with the tools that the agent offers", async () => {
  await using model = ModelServer.start();
  const calls = async (step: Step, tools: string[]) => {
    model.script("s", [step]);
    const [item] = await itemsOf(await ask(model.baseUrl("s"), { tools }));
    assert.ok(typeof item === "object" && item !== null && "name" in item);
    const args = "arguments" in item
      ? JSON.parse(String(item.arguments))
      : "input" in item
      ? item.input
      : null;
    return [item.name, args, "namespace" in item ? item.namespace : undefined];
  };
  assert.deepEqual(await calls(shell("ls"), ["exec_command"]), [
    "exec_command",
    { cmd: "ls", yield_time_ms: 30_000 },
    undefined,
  ]);
  assert.deepEqual(await calls(shell("ls"), ["shell_command"]), [
    "shell_command",
    { command: "ls" },
    undefined,
  ]);
  assert.deepEqual(await calls(shell("ls"), ["shell"]), [
    "shell",
    { command: ["bash", "-lc", "ls"] },
    undefined,
  ]);
  const patch = "*** Begin Patch\n*** Add File: a\n+x\n*** End Patch\n";
  assert.deepEqual(await calls(addFile("a", "x\n"), ["apply_patch"]), ["apply_patch", patch, undefined]);
  const [name, args] = await calls(addFile("a", "x"), ["shell_command"]);
  assert.deepEqual([name, args], ["shell_command", {
    command: `apply_patch <<'END_OF_PATCH'\n${patch}END_OF_PATCH`,
  }]);
  assert.deepEqual(await calls(mcpCall("docs", "find", { q: 1 }), []), ["find", { q: 1 }, "mcp__docs"]);
  assert.deepEqual(await calls(plan([{ text: "a", done: true }]), []), [
    "update_plan",
    { plan: [{ step: "a", status: "completed" }] },
    undefined,
  ]);
});

Deno.test("model server: the scenario is named by the path, else by the prompt, else it is the default one", async () => {
  await using model = ModelServer.start();
  for (const name of ["a", "b", "default"]) model.script(name, [], text(`from ${name}`));
  const said = async (baseUrl: string, prompt: string) =>
    JSON.stringify(await itemsOf(await ask(baseUrl, { prompt }))).match(/from \w+/)?.[0];
  assert.deepEqual(
    await Promise.all([
      said(model.baseUrl("a"), "x [[scenario b]]"),
      said(`${model.url}/v1`, "x [[scenario b]]"),
      said(`${model.url}/v1`, "[[scenario a]] and [[scenario b]]"),
      said(`${model.url}/v1`, "x"),
    ]),
    ["from a", "from b", "from b", "from default"],
  );
  assert.deepEqual(model.prompts("a"), ["x [[scenario b]]"]);
  assert.equal(model.modelRequests("b").length, 2);
});

Deno.test("model server: everything it was asked is kept", async () => {
  await using model = ModelServer.start();
  await (await ask(model.baseUrl("s"), { prompt: "p" })).body?.cancel();
  await (await ask(model.baseUrl("s"), { prompt: "p" })).body?.cancel();
  await (await fetch(`${model.baseUrl("s")}/models?client_version=1`)).body?.cancel();
  assert.equal(
    (await (await fetch(`${model.url}/elsewhere`)).text()).includes("knows no GET /elsewhere"),
    true,
  );
  assert.deepEqual(model.requests.map(({ method, path, scenario }) => [method, path, scenario]), [
    ["POST", "/v1/responses", "s"],
    ["POST", "/v1/responses", "s"],
    ["GET", "/v1/models", null],
    ["GET", "/elsewhere", null],
  ]);
  assert.deepEqual(model.prompts("s"), ["p"]);
});

Deno.test("model server: refusals", async () => {
  await using model = ModelServer.start();
  model.script("s", [
    refuse(500, { error: "x" }, { "retry-after": "3" }),
    usageLimit({ resetsInSeconds: 60 }),
  ]);
  const first = await ask(model.baseUrl("s"));
  assert.deepEqual([first.status, first.headers.get("retry-after"), await first.json()], [500, "3", {
    error: "x",
  }]);
  const second = await ask(model.baseUrl("s"));
  assert.deepEqual([second.status, (await second.json()).error.type], [429, "usage_limit_reached"]);
});

Deno.test("model server: a cut stream fails after its items, a hanging one until its reader goes", async () => {
  await using model = ModelServer.start();
  model.script("s", [cutStream([text("half")]), hang()]);
  await assert.rejects((await ask(model.baseUrl("s"))).text());
  const reader = new AbortController();
  const hanging = await ask(model.baseUrl("s"), { signal: reader.signal });
  reader.abort();
  await assert.rejects(hanging.text());
});

Deno.test("model server: an answer waits for what the test decides, and the server leaves without it", async () => {
  const model = ModelServer.start();
  const gate = Promise.withResolvers<void>();
  model.script("s", [
    answer([text("late")], { after: gate.promise }),
    hang(),
    answer([], { delayMs: 60_000 }),
  ]);
  const late = ask(model.baseUrl("s"));
  await eventually(() => model.requests.length === 1, { what: "the request" });
  gate.resolve();
  assert.match(JSON.stringify(await itemsOf(await late)), /late/);
  const hanging = ask(model.baseUrl("s")).then((response) => response.text()).catch(() => "cut");
  const delayed = ask(model.baseUrl("s")).then((response) => response.text()).catch(() => "cut");
  await eventually(() => model.requests.length === 3, { what: "the other requests" });
  await model[Symbol.asyncDispose]();
  await Promise.all([hanging, delayed]);
});
