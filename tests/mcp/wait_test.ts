/**
 * Waiting through the protocol: progress, cancellation, and hosts that go away.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { CallOptions } from "../../src/service/call.ts";
import { eventually } from "../support/eventually.ts";
import { MemoryHost } from "../support/memory_host.ts";
import { aBrief, aResult, JOB_ID, ScriptedService, untilGivenUp } from "../support/scripted_service.ts";

/** A service whose waits end only when they are given up, and that counts those. */
function waitingService() {
  const counts = { waiting: 0, givenUp: 0 };
  const wait = async (_request: unknown, options?: CallOptions) => {
    counts.waiting++;
    try {
      return await untilGivenUp(options);
    } finally {
      counts.givenUp++;
    }
  };
  return { counts, service: new ScriptedService({ wait, feed: feedOnce() }) };
}

/** Answers at once for the first two readings, then only when given up. */
function feedOnce() {
  let readings = 0;
  return (_request: unknown, options?: CallOptions) =>
    ++readings <= 2 ? Promise.resolve({ notifications: [], cursor: readings }) : untilGivenUp(options);
}

const waitCall = (id: number, meta: Record<string, unknown> = {}) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name: "job_wait", arguments: { job_ids: [JOB_ID, "bbb22222"] }, _meta: meta },
});

Deno.test("a wait with a progress token tells how the jobs stand", async () => {
  const { service } = waitingService();
  await using host = new MemoryHost({ service });
  await host.initialize();
  await host.send(waitCall(1, { progressToken: "token" }));
  const { params } = await host.message((message) => message.method === "notifications/progress");
  assert.equal(params?.progressToken, "token");
  assert.equal(params?.total, 50);
  assert.equal(params?.message, "1 of 2 jobs running; abc12345: running: npm test");
});

Deno.test("progress ends with the answer, and without a token there is none", async () => {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const service = new ScriptedService({
    feed: feedOnce(),
    wait: async () => {
      await ended;
      return { timed_out: false, jobs: [aResult()], unfinished: [aBrief()], cursor: 4 };
    },
  });
  await using host = new MemoryHost({ service });
  await host.initialize();
  await host.send(waitCall(1));
  await host.send(waitCall(2, { progressToken: 7 }));
  await host.message((message) => message.method === "notifications/progress");
  end();
  for (const id of [1, 2]) assert.equal((await host.answer(id)).result?.isError, undefined);
  const tokens = host.received.filter((message) => message.method === "notifications/progress")
    .map((message) => message.params?.progressToken);
  assert.deepEqual(new Set(tokens), new Set([7]));
});

Deno.test("a cancelled wait is given up, gets no answer, and hurts no other call", async () => {
  const { counts, service } = waitingService();
  await using host = new MemoryHost({ service });
  await host.initialize();
  await host.send(waitCall(1, { progressToken: 1 }));
  await eventually(() => counts.waiting === 1, { what: "the wait" });
  await host.send({
    jsonrpc: "2.0",
    method: "notifications/cancelled",
    params: { requestId: 1, reason: "bored" },
  });
  await eventually(() => counts.givenUp === 1, { what: "the wait to be given up" });
  assert.equal((await host.call("job_list", {})).result?.isError, undefined);
  assert.equal(host.received.some((message) => message.id === 1), false);
  assert.deepEqual(service.asked("cancel"), []);
});

Deno.test("a start that is cancelled before the session is loaded starts nothing", async () => {
  const service = new ScriptedService();
  const loaded = Promise.withResolvers<ScriptedService>();
  await using host = new MemoryHost({ service: () => loaded.promise });
  const params = { name: "codex_start", arguments: { prompt: "x", cwd: "/" } };
  await host.send({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
  await host.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } });
  await host.initialize();
  loaded.resolve(service);
  assert.equal((await host.call("job_list", {})).result?.isError, undefined);
  assert.deepEqual(service.asked("start"), []);
});

Deno.test("cancelling what is unknown or finished changes nothing", async () => {
  await using host = new MemoryHost();
  await host.initialize();
  for (const params of [{ requestId: "nobody" }, {}, { requestId: {} }, undefined]) {
    await host.send({ jsonrpc: "2.0", method: "notifications/cancelled", params });
  }
  assert.equal((await host.call("job_list", {})).result?.isError, undefined);
});

Deno.test("a host that goes away ends its waits and the server", async () => {
  const { counts, service } = waitingService();
  const host = new MemoryHost({ service });
  await host.initialize();
  await host.send(waitCall(1));
  await eventually(() => counts.waiting === 1, { what: "the wait" });
  await host.hangUp();
  await host.ended;
  assert.equal(counts.givenUp, 1);
});
