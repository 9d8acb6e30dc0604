/**
 * The server as a host sees it on the wire, line by line.
 *
 * @module
 */
import assert from "node:assert/strict";
// @ts-types="@modelcontextprotocol/sdk/types"
import { SUPPORTED_PROTOCOL_VERSIONS } from "@modelcontextprotocol/sdk/types.js";
import { MAX_CALLS_IN_FLIGHT } from "../../src/mcp/desk/calls_under_way.ts";
import { PROTOCOL_VERSIONS } from "../../src/mcp/desk/protocol_version.ts";
import { eventually } from "../support/eventually.ts";
import { initializeRequest, MemoryHost } from "../support/memory_host.ts";
import { ScriptedService, untilGivenUp } from "../support/scripted_service.ts";

Deno.test("initialize is answered with the host's version where it is known, else with our newest", async () => {
  await using host = new MemoryHost();
  for (const version of PROTOCOL_VERSIONS) {
    await host.send(initializeRequest(version, version));
    assert.equal((await host.answer(version)).result?.protocolVersion, version);
  }
  await host.send(initializeRequest("future", "2099-01-01"));
  assert.equal((await host.answer("future")).result?.protocolVersion, PROTOCOL_VERSIONS[0]);
});

Deno.test("the protocol versions are those of the SDK, its oldest aside", () => {
  assert.deepEqual(
    [...PROTOCOL_VERSIONS],
    SUPPORTED_PROTOCOL_VERSIONS.filter((version) => version !== "2024-10-07"),
  );
});

Deno.test("initialize tells name, version, capabilities and instructions, and is answered once", async () => {
  await using host = new MemoryHost();
  const { result } = await host.initialize();
  assert.deepEqual(result?.serverInfo, { name: "agent-async", title: "agent-async", version: "1.2.3" });
  assert.deepEqual(result?.capabilities, {
    tools: { listChanged: true },
    resources: { subscribe: true },
    prompts: {},
    experimental: { "claude/channel": {} },
    tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } },
  });
  assert.equal(typeof result?.instructions, "string");
  await host.call("job_list", {});
  assert.equal(host.received.filter((message) => message.result?.protocolVersion !== undefined).length, 1);
});

Deno.test("a probe that names no revision is refused at once; without a greeting ping and tools/list are answered", async () => {
  await using host = new MemoryHost();
  await host.send({ jsonrpc: "2.0", id: 1, method: "server/discover", params: {} });
  await host.send({ jsonrpc: "2.0", id: 2, method: "ping" });
  await host.send({ jsonrpc: "2.0", id: 3, method: "tools/list" });
  assert.equal((await host.answer(1)).error?.code, -32602);
  assert.deepEqual((await host.answer(2)).result, {});
  assert.ok(Array.isArray((await host.answer(3)).result?.tools));
  await host.initialize();
});

Deno.test("an unknown method after initialize is refused", async () => {
  await using host = new MemoryHost();
  await host.initialize();
  await host.send({ jsonrpc: "2.0", id: 1, method: "no/such/thing", params: {} });
  assert.equal((await host.answer(1)).error?.code, -32601);
});

Deno.test("a call without initialize is answered all the same", async () => {
  await using host = new MemoryHost();
  assert.equal((await host.call("job_list", {})).result?.isError, undefined);
});

const GARBAGE: { what: string; line: string; code: number; id: string | number | null }[] = [
  { what: "no JSON", line: "hello", code: -32700, id: null },
  { what: "half a message", line: '{"jsonrpc":"2.0","id":1,"meth', code: -32700, id: null },
  { what: "a batch", line: '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', code: -32600, id: null },
  { what: "a number", line: "7", code: -32600, id: null },
  { what: "null", line: "null", code: -32600, id: null },
  { what: "no version", line: '{"id":5,"method":"ping"}', code: -32600, id: 5 },
  { what: "an id of null", line: '{"jsonrpc":"2.0","id":null,"method":"ping"}', code: -32600, id: null },
  { what: "a broken id", line: '{"jsonrpc":"2.0","id":1.5,"method":"ping"}', code: -32600, id: null },
  { what: "a number as method", line: '{"jsonrpc":"2.0","id":6,"method":1}', code: -32600, id: 6 },
  { what: "neither method nor result", line: '{"jsonrpc":"2.0","id":7}', code: -32600, id: 7 },
  {
    what: "params that are a list",
    line: '{"jsonrpc":"2.0","id":8,"method":"tools/call","params":[]}',
    code: -32602,
    id: 8,
  },
];

for (const { what, line, code, id } of GARBAGE) {
  Deno.test(`garbage is refused and the session goes on: ${what}`, async () => {
    await using host = new MemoryHost();
    await host.initialize();
    await host.write(`${line}\n`);
    const answer = await host.message((message) => message.error !== undefined);
    assert.deepEqual([answer.error?.code, answer.id], [code, id]);
    assert.equal((await host.call("job_list", {}, "after")).result?.isError, undefined);
  });
}

Deno.test("what an SDK would drop in silence is answered", async () => {
  await using host = new MemoryHost();
  await host.initialize();
  const params = { name: "job_list", arguments: {} };
  await host.send({ jsonrpc: "2.0", id: 1, method: "tools/call", params, more: true });
  assert.equal((await host.answer(1)).error, undefined);
  await host.send({
    jsonrpc: "2.0",
    id: 2,
    method: "tools/call",
    params: { ...params, _meta: { progressToken: {} } },
  });
  assert.equal((await host.answer(2)).error?.code, -32600);
  await host.send({ jsonrpc: "2.0", id: 3, method: "tools/call", params: { name: 5 } });
  assert.deepEqual((await host.answer(3)).error, { code: -32602, message: "name: is required, as text" });
  await host.send({ jsonrpc: "2.0", id: 99, result: {} });
  await host.send({ jsonrpc: "2.0", id: 98, error: { code: -1, message: "no" } });
  await host.send({ jsonrpc: "2.0", method: "notifications/unheard-of", params: {} });
  assert.equal((await host.call("job_list", {})).error, undefined);
});

Deno.test("a call whose arguments are no object is told so in words, and null is none", async () => {
  await using host = new MemoryHost();
  await host.initialize();
  const call = async (id: number, given: unknown) => {
    await host.send({
      jsonrpc: "2.0",
      id,
      method: "tools/call",
      params: { name: "job_list", arguments: given },
    });
    return (await host.answer(id)).result;
  };
  for (const [id, given, kind] of [[1, "{}", "string"], [2, [1], "array"], [3, 5, "number"]] as const) {
    const text = `invalid_argument: the arguments of job_list must be an object, not of type ${kind}\n` +
      "Nothing was done. Next: the same call with an object.";
    assert.deepEqual(await call(id, given), { content: [{ type: "text", text }], isError: true });
  }
  assert.equal((await call(4, null))?.isError, undefined);
});

Deno.test("requests with one id are both answered", async () => {
  await using host = new MemoryHost();
  await host.initialize();
  const request = {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "job_list", arguments: {} },
  };
  await host.send(request);
  await host.send(request);
  await eventually(() => host.received.filter((message) => message.id === 1).length === 2, {
    what: "two answers",
  });
});

Deno.test("a message of 50 MB is refused in plain words and nothing is started", async () => {
  const service = new ScriptedService();
  await using host = new MemoryHost({ service });
  await host.initialize();
  const answer = await host.call("codex_start", { prompt: "x".repeat(50_000_000), cwd: "/work" });
  assert.match(JSON.stringify(answer.result?.content), /prompt: must have at most 1000000 characters/);
  assert.deepEqual(service.calls, []);
});

Deno.test("calls beyond the limit are refused, and cancelling still works", async () => {
  const service = new ScriptedService({ wait: (_request, options) => untilGivenUp(options) });
  await using host = new MemoryHost({ service });
  await host.initialize();
  const wait = { method: "tools/call", params: { name: "job_wait", arguments: {} } };
  for (let id = 0; id <= MAX_CALLS_IN_FLIGHT; id++) await host.send({ jsonrpc: "2.0", id, ...wait });
  assert.equal((await host.answer(MAX_CALLS_IN_FLIGHT)).error?.code, -32000);
  await host.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 0 } });
  assert.equal((await host.call("job_list", {})).error, undefined);
});

Deno.test("a host that closes its end still gets the answers to what it asked before", async () => {
  const host = new MemoryHost();
  await host.send(initializeRequest(1));
  await host.send({ jsonrpc: "2.0", id: 2, method: "tools/list" });
  await host.send({
    jsonrpc: "2.0",
    id: 3,
    method: "tools/call",
    params: { name: "job_list", arguments: {} },
  });
  await host.hangUp();
  await host.ended;
  for (const id of [1, 2, 3]) assert.ok((await host.answer(id)).result !== undefined);
});

Deno.test("the session behind the desk is opened by the first call, and a failure to open it is told", async () => {
  let opened = 0;
  const service = () => {
    opened++;
    return opened === 1 ? Promise.reject(new Error("no service")) : Promise.resolve(new ScriptedService());
  };
  await using host = new MemoryHost({ service });
  await host.initialize();
  await host.send({ jsonrpc: "2.0", id: 1, method: "tools/list" });
  await host.answer(1);
  assert.equal(opened, 0);
  assert.equal((await host.call("job_list", {})).error?.code, -32603);
  assert.equal((await host.call("job_list", {})).result?.isError, undefined);
  assert.equal(opened, 2);
});
