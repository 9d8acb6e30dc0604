/**
 * A host that writes and never reads.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CONGESTED_BYTES, Outbox } from "../../src/mcp/desk/outbox.ts";
import { initializeRequest, MemoryHost } from "../support/memory_host.ts";

Deno.test("a host that never reads is not listened to for ever, and its end is ours", async () => {
  const host = new MemoryHost({}, { reads: false });
  await host.send(initializeRequest(1));
  const ping = `${JSON.stringify({ jsonrpc: "2.0", id: "x".repeat(100_000), method: "ping" })}\n`;
  let taken = 0;
  let isStuck = false;
  while (!isStuck && taken < 1_000) {
    const write = host.write(ping).then(() => true);
    const { promise: late, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), 500);
    isStuck = !(await Promise.race([write, late]));
    clearTimeout(timer);
    if (!isStuck) taken++;
  }
  assert.ok(isStuck, "the server takes in without bound");
  assert.ok(taken * 100_000 < CONGESTED_BYTES * 2, `${taken} messages taken in`);
  await host.vanish();
  await host.ended;
});

Deno.test("an outbox whose reader is gone says so and lets everybody go", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const outbox = new Outbox(writable);
  const sent = outbox.send({ text: "x".repeat(CONGESTED_BYTES + 1) });
  assert.ok(outbox.isCongested);
  const room = outbox.room(new AbortController().signal);
  await readable.cancel(new Error("EPIPE"));
  await Promise.all([sent, room, outbox.flushed()]);
  assert.ok(outbox.gone.aborted);
  await outbox.send({ after: true });
});
