/**
 * JSON-RPC to the letter, and what real hosts make of it: nothing is answered to a notification, `null` for parameters,
 * a last message without its newline, the batches of revision 2025-03-26.
 *
 * @module
 */
import assert from "node:assert/strict";
import { initializeRequest, MemoryHost, type WireMessage } from "../support/memory_host.ts";
import { ScriptedService, untilGivenUp } from "../support/scripted_service.ts";

const CALL = { name: "job_list", arguments: {} };

function request(id: number, method = "tools/call", params: unknown = CALL) {
  return { jsonrpc: "2.0", id, method, params };
}

Deno.test("nothing is ever answered to a notification, whatever its params are", async () => {
  await using host = new MemoryHost();
  await host.initialize();
  const before = host.received.length;
  for (const params of [null, [1], "text", 5, {}]) {
    await host.send({ jsonrpc: "2.0", method: "notifications/initialized", params });
    await host.send({ jsonrpc: "2.0", method: "notifications/unheard-of", params });
    await host.send({ jsonrpc: "2.0", method: "notifications/cancelled", params });
    await host.send({ jsonrpc: "2.0", method: "tools/list", params });
  }
  await host.call("job_list", {}, "after");
  assert.deepEqual(host.received.slice(before).map((message) => message.id), ["after"]);
});

Deno.test("params of null are none, for every kind of request", async () => {
  await using host = new MemoryHost();
  await host.send({ ...initializeRequest(1), params: null });
  assert.equal((await host.answer(1)).error, undefined);
  for (
    const [id, method] of [[2, "ping"], [3, "tools/list"], [4, "resources/list"], [
      5,
      "prompts/list",
    ]] as const
  ) {
    await host.send(request(id, method, null));
    assert.ok((await host.answer(id)).result !== undefined, method);
  }
  await host.send(request(6, "tools/call", null));
  assert.equal((await host.answer(6)).error?.code, -32602);
});

Deno.test("null is a member left out, in every request that the session takes", async () => {
  await using host = new MemoryHost();
  await host.initialize();
  const calls = [
    ["tools/call", { ...CALL, _meta: null, task: null }],
    ["tools/call", { name: "job_list", arguments: null, _meta: { progressToken: null } }],
    ["resources/read", { uri: "job://", _meta: null }],
    ["resources/subscribe", { uri: "job://", _meta: { progressToken: null } }],
  ] as const;
  for (const [index, [method, params]] of calls.entries()) {
    await host.send(request(10 + index, method, params));
    const { error, result } = await host.answer(10 + index);
    assert.deepEqual([error, result?.isError], [undefined, undefined], method);
  }
});

Deno.test("a resource without a uri is refused by the name of what is missing", async () => {
  await using host = new MemoryHost();
  await host.initialize();
  let id = 10;
  for (const method of ["resources/read", "resources/subscribe", "resources/unsubscribe"]) {
    for (const params of [null, {}, { uri: null }, { uri: 5 }, { uri: ["job://"] }]) {
      await host.send(request(++id, method, params));
      const { error } = await host.answer(id);
      assert.deepEqual([error?.code, error?.message], [-32602, "uri: is required, as text"]);
    }
  }
});

Deno.test("a whole last message without its newline is answered", async () => {
  const host = new MemoryHost();
  await host.send(initializeRequest(1));
  await host.write(JSON.stringify(request(2)));
  await host.hangUp();
  await host.ended;
  assert.equal((await host.answer(2)).result?.isError, undefined);
});

Deno.test("a wait that the host's end cuts off is told so, and that the jobs go on", async () => {
  const host = new MemoryHost({
    service: new ScriptedService({ wait: (_request, options) => untilGivenUp(options) }),
  });
  await host.initialize();
  await host.send(request(1, "tools/call", { name: "job_wait", arguments: {} }));
  await host.hangUp();
  await host.ended;
  const { result } = await host.answer(1);
  assert.match(JSON.stringify(result), /The host has closed its end, which ends this wait\. The jobs go on/);
});

/** The first array that comes. */
function batchAnswer(host: MemoryHost): Promise<WireMessage[]> {
  return host.message((message) => Array.isArray(message)).then((message) =>
    Array.isArray(message) ? message : []
  );
}

async function hostOf(version: string, service = new ScriptedService()): Promise<MemoryHost> {
  const host = new MemoryHost({ service });
  await host.send(initializeRequest("init", version));
  assert.equal((await host.answer("init")).result?.protocolVersion, version);
  return host;
}

Deno.test("2025-03-26: the requests of a batch are answered in one array, what is none of them is refused in it", async () => {
  await using host = await hostOf("2025-03-26");
  await host.send([
    request(1),
    { jsonrpc: "2.0", method: "notifications/initialized" },
    request(2, "ping", {}),
    7,
    request(3, "tools/list", {}),
    request(4, "no/such/thing", {}),
  ]);
  const answers = await batchAnswer(host);
  assert.deepEqual(
    answers.map(({ id, error }) => [id, error?.code]).sort(),
    [[null, -32600], [1, undefined], [2, undefined], [3, undefined], [4, -32601]].sort(),
  );
  // One by one goes on as before.
  assert.equal((await host.call("job_list", {}, "one")).result?.isError, undefined);
});

Deno.test("2025-03-26: a batch of notifications is not answered, an empty one is refused, a cancelled request is left out", async () => {
  const service = new ScriptedService({ wait: (_request, options) => untilGivenUp(options) });
  await using host = await hostOf("2025-03-26", service);
  const before = host.received.length;
  await host.send([{ jsonrpc: "2.0", method: "notifications/initialized" }]);
  await host.send([]);
  assert.equal((await host.message((message) => message.id === null)).error?.code, -32600);
  assert.equal(host.received.length, before + 1);
  await host.send([request(1), request(2, "tools/call", { name: "job_wait", arguments: {} })]);
  await host.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 2 } });
  assert.deepEqual((await batchAnswer(host)).map(({ id }) => id), [1]);
});

Deno.test("every other revision has no batches", async () => {
  for (const version of ["2025-11-25", "2025-06-18", "2024-11-05"]) {
    await using host = await hostOf(version);
    await host.send([request(1)]);
    const refusal = await host.message((message) => message.error !== undefined);
    assert.deepEqual([refusal.id, refusal.error?.code], [null, -32600]);
  }
});
