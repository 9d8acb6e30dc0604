/**
 * Revision 2026-07-28 on the wire: no greeting, every request says who asks, nothing is told unasked.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { ListedAgent } from "../../src/mcp/agent_titles.ts";
import type { CallOptions } from "../../src/service/call.ts";
import { eventually } from "../support/eventually.ts";
import { MemoryHost, modernRequest } from "../support/memory_host.ts";
import { aReceipt, JOB_ID, ScriptedService, untilGivenUp } from "../support/scripted_service.ts";

const SERVER = { name: "agent-async", title: "agent-async", version: "1.2.3" };
const META = { "io.modelcontextprotocol/serverInfo": SERVER };
const SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId";

Deno.test("server/discover tells revision, capabilities, instructions and server, and for how long", async () => {
  await using host = new MemoryHost();
  const { result } = await host.ask("server/discover");
  const { instructions, ...rest } = result ?? {};
  assert.equal(typeof instructions, "string");
  assert.deepEqual(rest, {
    resultType: "complete",
    supportedVersions: ["2026-07-28"],
    capabilities: {
      tools: { listChanged: true },
      resources: { subscribe: true },
      prompts: {},
      experimental: { "claude/channel": {} },
      extensions: { "io.modelcontextprotocol/tasks": {} },
    },
    ttlMs: 300_000,
    cacheScope: "public",
    _meta: META,
  });
});

Deno.test("another revision is refused with those there are, and nothing is begun", async () => {
  const service = new ScriptedService();
  await using host = new MemoryHost({ service });
  const call = { name: "job_list", arguments: {} };
  for (const version of ["2099-01-01", "2025-11-25"]) {
    const { error } = await host.ask("tools/call", call, { version });
    assert.deepEqual(error, {
      code: -32022,
      message: "Unsupported protocol version",
      data: { supported: ["2026-07-28"], requested: version },
    });
  }
  assert.deepEqual(service.calls, []);
});

const VERSION = "io.modelcontextprotocol/protocolVersion";
const CLIENT = "io.modelcontextprotocol/clientInfo";
const CAPABILITIES = "io.modelcontextprotocol/clientCapabilities";

const BAD_ENVELOPES: Record<string, [Record<string, unknown>, RegExp]> = {
  "no capabilities": [{ [CAPABILITIES]: undefined }, /clientCapabilities is required, as an object/],
  "capabilities that are a list": [{ [CAPABILITIES]: [] }, /clientCapabilities is required/],
  "a number as revision": [{ [VERSION]: 5 }, /protocolVersion must be a text/],
  "a client without a version": [{ [CLIENT]: { name: "x" } }, /clientInfo must be an object with name/],
  "an unknown level": [{ "io.modelcontextprotocol/logLevel": "loud" }, /logLevel is no level/],
};

for (const [what, [meta, message]] of Object.entries(BAD_ENVELOPES)) {
  Deno.test(`an envelope that cannot be meant is refused: ${what}`, async () => {
    await using host = new MemoryHost();
    const { error } = await host.ask("tools/list", { _meta: meta });
    assert.equal(error?.code, -32602);
    assert.match(error?.message ?? "", message);
  });
}

Deno.test("answers to questions that are none are refused", async () => {
  await using host = new MemoryHost();
  for (const inputResponses of [null, 5, [], { a: "yes" }]) {
    const { error } = await host.ask("tools/call", { name: "job_list", arguments: {}, inputResponses });
    assert.equal(error?.code, -32602);
  }
});

Deno.test("a host need not say who it is", async () => {
  await using host = new MemoryHost();
  const { result } = await host.ask("tools/list", { _meta: { [CLIENT]: undefined } });
  assert.equal(result?.resultType, "complete");
});

Deno.test("once this era is spoken a request without an envelope is refused, and initialize begins the older one", async () => {
  await using host = new MemoryHost();
  await host.ask("tools/list");
  await host.send({ jsonrpc: "2.0", id: 1, method: "tools/list" });
  assert.equal((await host.answer(1)).error?.code, -32602);
  const { result } = await host.initialize();
  assert.equal(result?.protocolVersion, "2025-11-25");
  await host.send({ jsonrpc: "2.0", id: 2, method: "tools/list" });
  const older = (await host.answer(2)).result ?? {};
  assert.deepEqual(Object.keys(older), ["tools"]);
});

Deno.test("what this era has dropped is an unknown method", async () => {
  await using host = new MemoryHost();
  for (const method of ["initialize", "ping", "logging/setLevel", "resources/subscribe", "no/such/thing"]) {
    assert.equal((await host.ask(method)).error?.code, -32601, method);
  }
});

Deno.test("every list says how long it is good for and is the same each time", async () => {
  await using host = new MemoryHost();
  const hints: Record<string, unknown[]> = {
    "tools/list": [30_000, "private"],
    "prompts/list": [300_000, "public"],
    "resources/list": [0, "private"],
    "resources/templates/list": [300_000, "public"],
  };
  for (const [method, hint] of Object.entries(hints)) {
    const { result } = await host.ask(method);
    const again = (await host.ask(method)).result;
    assert.deepEqual([result?.resultType, result?.ttlMs, result?.cacheScope, result?._meta], [
      "complete",
      ...hint,
      META,
    ], method);
    assert.deepEqual(again, result);
  }
});

Deno.test("a resource that is read has a hint, and one that is not there the code of this era", async () => {
  await using host = new MemoryHost();
  const { result } = await host.ask("resources/read", { uri: `job://${JOB_ID}` });
  assert.deepEqual([result?.resultType, result?.ttlMs, result?.cacheScope], ["complete", 0, "private"]);
  assert.ok(Array.isArray(result?.contents));
  assert.equal((await host.ask("resources/read", { uri: "nothing://x" })).error?.code, -32602);
  assert.equal((await host.ask("resources/read", {})).error?.code, -32602);
});

Deno.test("a call is answered as in the older era, in this era's form, with the tool as this host calls it", async () => {
  const service = new ScriptedService({
    start: () =>
      Promise.resolve(aReceipt({ message: "The job is running. Do other work, then call job_wait." })),
  });
  await using host = new MemoryHost({ service });
  const start = { name: "codex_start", arguments: { prompt: "Work", cwd: "/work" } };
  const { result } = await host.ask("tools/call", start, { name: "claude-code" });
  assert.deepEqual([result?.resultType, result?._meta, result?.ttlMs], ["complete", META, undefined]);
  assert.match(JSON.stringify(result?.structuredContent), /then call mcp__agent-async__job_wait/);
  const other = await host.ask("tools/call", start, { name: "opencode" });
  assert.match(JSON.stringify(other.result?.structuredContent), /then call agent-async_job_wait/);
});

Deno.test("prompts and faults of a call are answered in this era too", async () => {
  await using host = new MemoryHost();
  const prompt = await host.ask("prompts/get", { name: "jobs" });
  assert.deepEqual([prompt.result?.resultType, prompt.result?.ttlMs], ["complete", undefined]);
  assert.equal((await host.ask("prompts/get", { name: "none" })).error?.code, -32602);
  assert.equal((await host.ask("tools/call", { name: 5 })).error?.code, -32602);
  const fault = await host.ask("tools/call", { name: "job_poll", arguments: {} });
  assert.deepEqual([fault.result?.isError, fault.result?.resultType], [true, "complete"]);
});

Deno.test("a call that is cancelled gets no answer, and its progress comes while it waits", async () => {
  let isGivenUp = false;
  const service = new ScriptedService({
    wait: (_request, options) => untilGivenUp(options).finally(() => isGivenUp = true),
    feed: (_request, options?: CallOptions) =>
      options === undefined ? Promise.resolve({ notifications: [], cursor: 1 }) : untilGivenUp(options),
  });
  await using host = new MemoryHost({ service });
  const params = { name: "job_wait", arguments: { job_ids: [JOB_ID] } };
  await host.send(modernRequest(7, "tools/call", { params }));
  await eventually(() => service.asked("wait").length === 1, { what: "the wait" });
  await host.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 7 } });
  await eventually(() => isGivenUp, { what: "the end of the wait" });
  await host.ask("tools/list");
  assert.equal(host.received.some(({ id }) => id === 7), false);
});

Deno.test("a subscription to tools is acknowledged, then told of a new agent under its id, until it is cancelled", async () => {
  const agents: ListedAgent[] = [{ name: "codex", available: true }];
  await using host = new MemoryHost({ agents: () => Promise.resolve([...agents]), lookEveryMs: 5 });
  const notifications = { toolsListChanged: true, promptsListChanged: true };
  await host.send(modernRequest("sub", "subscriptions/listen", { params: { notifications } }));
  const { params } = await host.message(({ method }) =>
    method === "notifications/subscriptions/acknowledged"
  );
  assert.deepEqual(params, { notifications: { toolsListChanged: true }, _meta: { [SUBSCRIPTION]: "sub" } });
  await host.ask("tools/list");
  agents.push({ name: "claude", available: true });
  const changes = () => host.received.filter(({ method }) => method === "notifications/tools/list_changed");
  // Looked for by a timer that holds no process.
  await eventually(() => changes().length === 1, { what: "the first change" });
  await host.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: "sub" } });
  await host.send(modernRequest("next", "subscriptions/listen", { params: { notifications } }));
  await eventually(() => host.received.some(({ params }) => JSON.stringify(params ?? "").includes("next")), {
    what: "the second subscription",
  });
  agents.pop();
  await eventually(() => changes().length === 2, { what: "the second change" });
  assert.deepEqual(changes().map(({ params }) => params), [
    { _meta: { [SUBSCRIPTION]: "sub" } },
    { _meta: { [SUBSCRIPTION]: "next" } },
  ]);
  assert.equal(host.received.some(({ id }) => id === "sub"), false);
});

Deno.test("without a subscription nothing is told of tools", async () => {
  const agents: ListedAgent[] = [{ name: "codex", available: true }];
  await using host = new MemoryHost({ agents: () => Promise.resolve([...agents]), lookEveryMs: 5 });
  const first = (await host.ask("tools/list")).result;
  agents.push({ name: "claude", available: true });
  await eventually(
    async () => JSON.stringify((await host.ask("tools/list")).result) !== JSON.stringify(first),
    {
      what: "the other agent",
    },
  );
  assert.equal(host.received.some(({ method }) => method !== undefined), false);
});

Deno.test("a subscription to resources leaves out what there is not, and hears of the others' changes", async () => {
  const { promise: changed, resolve: change } = Promise.withResolvers<void>();
  const entry = {
    cursor: 2,
    job_id: JOB_ID,
    turn: 1,
    status: "done" as const,
    time: "2026-01-01T00:00:00.000Z",
  };
  const service = new ScriptedService({
    feed: async (request, options) => {
      if (request.cursor === undefined) return { notifications: [], cursor: 1 };
      if (request.cursor > 1) return await untilGivenUp(options);
      await changed;
      return { notifications: [entry], cursor: 2 };
    },
  });
  await using host = new MemoryHost({ service });
  const uri = `job://${JOB_ID}`;
  const notifications = { resourceSubscriptions: ["nothing://x", uri] };
  await host.send(modernRequest(4, "subscriptions/listen", { params: { notifications } }));
  const { params } = await host.message(({ method }) =>
    method === "notifications/subscriptions/acknowledged"
  );
  assert.deepEqual(params, { notifications: { resourceSubscriptions: [uri] }, _meta: { [SUBSCRIPTION]: 4 } });
  change();
  const update = await host.message(({ method }) => method === "notifications/resources/updated");
  assert.deepEqual(update.params, { uri, _meta: { [SUBSCRIPTION]: 4 } });
});

Deno.test("a filter that cannot be meant is refused", async () => {
  await using host = new MemoryHost();
  const bad = [undefined, [], { toolsListChanged: 1 }, { resourceSubscriptions: "job://" }];
  for (const notifications of bad) {
    assert.equal((await host.ask("subscriptions/listen", { notifications })).error?.code, -32602);
  }
});

Deno.test("a server that leaves ends its subscriptions in so many words", async () => {
  const host = new MemoryHost();
  await host.send(modernRequest(9, "subscriptions/listen", { params: { notifications: {} } }));
  await host.message(({ method }) => method === "notifications/subscriptions/acknowledged");
  await host.hangUp();
  await host.ended;
  const { result } = await host.answer(9);
  assert.deepEqual(result, { resultType: "complete", _meta: { [SUBSCRIPTION]: 9 } });
});
