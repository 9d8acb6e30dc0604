import assert from "node:assert/strict";
import { AgentAsyncError } from "../../src/domain/errors.ts";
import { BadFrame, FrameReader } from "../../src/service/frame_reader.ts";
import { isMethodName } from "../../src/service/methods.ts";
import { ClientFrame, fromWireError, ServerFrame, toWireError } from "../../src/service/wire.ts";

const encode = (text: string) => new TextEncoder().encode(text);

function readAll(reader: FrameReader<ClientFrame>, bytes: Uint8Array, size: number): ClientFrame[] {
  const frames: ClientFrame[] = [];
  for (let offset = 0; offset < bytes.length; offset += size) {
    // One buffer for all chunks, as a connection has.
    const chunk = bytes.slice(offset, offset + size);
    frames.push(...reader.push(chunk));
    chunk.fill(0);
  }
  return frames;
}

Deno.test("frames come out whole, however the bytes are cut", () => {
  const frames: ClientFrame[] = [
    { hello: { protocol: 1, version: "1.0.0", pid: 7 } },
    { id: 1, method: "start", params: { prompt: '😀 "quotes" \\ [[[ {{{ é\r\n' } },
    { cancel: 1 },
  ];
  const bytes = encode(frames.map((frame) => `${JSON.stringify(frame)}\n`).join("\n"));
  for (const size of [1, 2, 3, 7, 50, 10_000]) {
    assert.deepEqual(readAll(new FrameReader(ClientFrame, 10_000), bytes, size), frames, `chunks of ${size}`);
  }
});

Deno.test("brackets inside strings are not levels, and levels beside each other do not add up", () => {
  const reader = new FrameReader(ClientFrame, 1_000_000);
  const text = '\\"'.repeat(10) + "[".repeat(2_000) + "\\\\";
  const params = { text, flat: Array.from({ length: 2_000 }, () => [{}]) };
  assert.deepEqual([...reader.push(encode(`${JSON.stringify({ id: 1, method: "x", params })}\n`))], [
    { id: 1, method: "x", params },
  ]);
});

Deno.test("what is no frame is a BadFrame", () => {
  const deep = `{"id":1,"method":"x","params":${"[".repeat(600)}${"]".repeat(600)}}`;
  for (const line of ["{", "null", "[]", '{"id":-1,"method":"x"}', '{"id":1}', deep, '"\\'.repeat(9)]) {
    assert.throws(() => [...new FrameReader(ClientFrame, 100_000).push(encode(`${line}\n`))], BadFrame, line);
  }
});

Deno.test("a frame over the limit is refused before its end is seen", () => {
  const reader = new FrameReader(ClientFrame, 100);
  assert.deepEqual([...reader.push(encode("x".repeat(100)))], []);
  assert.throws(() => [...reader.push(encode("x"))], BadFrame);
});

Deno.test("an error arrives as it was sent, and a bug without its stack", () => {
  const sent = new AgentAsyncError("conflict", "It is so.", { hint: "Do this." });
  const { code, message, hint } = fromWireError(toWireError(sent));
  assert.deepEqual({ code, message, hint }, { code: "conflict", message: "It is so.", hint: "Do this." });
  const bug = toWireError(new TypeError("x is undefined"));
  assert.deepEqual(bug, { code: "internal", message: "Unexpected failure in the daemon: x is undefined" });
  const later = fromWireError({ code: "from_the_future", message: "m" });
  assert.deepEqual([later.code, later.message], ["from_the_future", "m"]);
});

Deno.test("answers are told apart: a result may be anything", () => {
  assert.deepEqual(ServerFrame.parse({ id: 1, result: { error: 1 } }), { id: 1, result: { error: 1 } });
  assert.deepEqual(ServerFrame.parse({ id: 1, error: { code: "x", message: "m" } }), {
    id: 1,
    error: { code: "x", message: "m" },
  });
});

Deno.test("only methods of the table exist", () => {
  for (const name of ["start", "ping"]) assert.equal(isMethodName(name), true);
  for (const name of ["toString", "constructor", "__proto__", ""]) assert.equal(isMethodName(name), false);
});
