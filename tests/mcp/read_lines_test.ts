/**
 * Lines out of a byte stream.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Line, readLines } from "../../src/mcp/desk/read_lines.ts";

const signal = new AbortController().signal;
const bytes = (text: string) => new TextEncoder().encode(text);

async function linesOf(chunks: Uint8Array[], maxBytes?: number): Promise<Line[]> {
  const input = ReadableStream.from(chunks);
  return await Array.fromAsync(readLines(input, { signal, ...(maxBytes === undefined ? {} : { maxBytes }) }));
}

Deno.test("lines come whole however their bytes are cut, multibyte characters too", async () => {
  const all = bytes('{"a":"é😀"}\r\n\n  \n{"b":1}\n');
  const expected = await linesOf([all]);
  assert.deepEqual(expected.map((line) => line.kind === "line" && JSON.parse(line.text)), [{ a: "é😀" }, {
    b: 1,
  }]);
  for (let cut = 1; cut < all.length; cut++) {
    assert.deepEqual(await linesOf([all.slice(0, cut), all.slice(cut)]), expected);
  }
});

Deno.test("half a message at the end is left out, a whole one without its newline is not", async () => {
  assert.deepEqual(await linesOf([bytes('one\n{"a":')]), [{ kind: "line", text: "one" }]);
  const whole = [bytes('one\n{"a"'), bytes(":1}")];
  assert.deepEqual(await linesOf(whole), [{ kind: "line", text: "one" }, { kind: "line", text: '{"a":1}' }]);
});

Deno.test("a stream that fails in the middle has no last message", async () => {
  let pulls = 0;
  const input = new ReadableStream<Uint8Array>({
    pull: (controller) =>
      pulls++ === 0 ? controller.enqueue(bytes('{"a":1}')) : controller.error(new Error("EPIPE")),
  });
  assert.deepEqual(await Array.fromAsync(readLines(input, { signal })), []);
});

Deno.test("invalid UTF-8 is kept apart from every real character", async () => {
  assert.deepEqual(await linesOf([new Uint8Array([0x22, 0xff, 0x22, 0x0a])]), [{
    kind: "line",
    text: '"\udcff"',
  }]);
});

Deno.test("a line over the limit is passed over and told, and the next one is read", async () => {
  const chunks = [bytes("x".repeat(600)), bytes("x".repeat(600)), bytes("\nnext\n")];
  assert.deepEqual(await linesOf(chunks, 1_000), [
    { kind: "too_long", bytes: 1_200 },
    { kind: "line", text: "next" },
  ]);
});

Deno.test("an aborted signal ends the reading of a stream that stays silent", async () => {
  const stop = new AbortController();
  const lines = readLines(new ReadableStream<Uint8Array>(), { signal: stop.signal });
  const next = lines.next();
  stop.abort();
  assert.equal((await next).done, true);
});

Deno.test("a stream that fails is a host that has gone", async () => {
  const input = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new Error("EPIPE")),
  });
  assert.deepEqual(await Array.fromAsync(readLines(input, { signal })), []);
});
