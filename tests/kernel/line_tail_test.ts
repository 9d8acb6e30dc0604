import assert from "node:assert/strict";
import { LineTail } from "../../src/kernel/output/line_tail.ts";
import { seededRandom } from "../support/seeded_random.ts";

const LIMIT = 8 * 1024 * 1024;
const ALL = Number.MAX_SAFE_INTEGER;

class GrowingFile implements Disposable {
  readonly directory = Deno.makeTempDirSync({ prefix: "agent-async-test-" });
  readonly path = `${this.directory}/raw.jsonl`;

  append(data: string | Uint8Array): void {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    Deno.writeFileSync(this.path, bytes, { append: true, create: true });
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.directory, { recursive: true });
  }
}

type Seen = [line: string, startOffset: number];

function collector(): { seen: Seen[]; sink: (line: string, offset: number) => void } {
  const seen: Seen[] = [];
  return { seen, sink: (line, offset) => seen.push([line, offset]) };
}

Deno.test("LineTail: a file that is not there yet is empty, and is found when it comes", () => {
  using file = new GrowingFile();
  using tail = new LineTail(file.path, { maxLineBytes: LIMIT });
  const { seen, sink } = collector();
  assert.equal(tail.hasNews(), false);
  assert.deepEqual(tail.read(sink, ALL), { bytes: 0, caughtUp: true });
  file.append("one\ntw");
  assert.equal(tail.hasNews(), true);
  assert.deepEqual(tail.read(sink, ALL), { bytes: 6, caughtUp: true });
  assert.equal(tail.hasNews(), false);
  assert.deepEqual([seen, tail.offset, tail.readBytes], [[["one", 0]], 4, 6]);
  file.append("o\r\n\nlast");
  tail.read(sink, ALL);
  assert.deepEqual(seen, [["one", 0], ["two", 4], ["", 9]]);
  tail.finish(sink);
  tail.finish(sink);
  assert.deepEqual([seen.at(-1), tail.offset], [["last", 10], 14]);
});

Deno.test("LineTail: text in random pieces comes out as its lines, with their offsets", () => {
  const alphabet = ["a", "ä", "€", "😀", "\u0000", "\r", "\ufeff", '"', "x".repeat(500)];
  for (let seed = 1; seed <= 200; seed++) {
    const random = seededRandom(seed);
    const lines = Array.from(
      { length: 1 + random.below(40) },
      () => Array.from({ length: random.below(12) }, () => random.pick(alphabet)).join(""),
    );
    const endsWithNewline = random.below(2) === 0;
    const bytes = new TextEncoder().encode(lines.join("\n") + (endsWithNewline ? "\n" : ""));
    using file = new GrowingFile();
    using tail = new LineTail(file.path, { maxLineBytes: LIMIT });
    const { seen, sink } = collector();
    for (let at = 0; at < bytes.length;) {
      const end = Math.min(bytes.length, at + 1 + random.below(200));
      file.append(bytes.subarray(at, end));
      at = end;
      if (random.below(3) > 0) tail.read(sink, 1 + random.below(400));
    }
    while (!tail.read(sink, 300).caughtUp);
    tail.finish(sink);
    const expected: Seen[] = [];
    let offset = 0;
    for (const [index, line] of lines.entries()) {
      const isLast = index === lines.length - 1;
      if (!isLast || endsWithNewline || line !== "") expected.push([line.replace(/\r$/, ""), offset]);
      offset += new TextEncoder().encode(line).length + 1;
    }
    assert.deepEqual(seen, expected, `seed ${seed}`);
    assert.equal(tail.offset, bytes.length);
  }
});

Deno.test("LineTail: whatever bytes a file holds, each line is as if it had been read alone", () => {
  const alphabets = [
    ["a", "\r", "\n", "x".repeat(50)],
    ["a", "\r", "\n", "ä", "😀"],
    ["a", "\r", "\n", [0xff], [0xe2, 0x82], [0xf0, 0x9f, 0x98]],
  ].map((pieces) =>
    pieces.map((piece) => typeof piece === "string" ? new TextEncoder().encode(piece) : piece)
  );
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed);
    const maxLineBytes = random.pick([20, 100, LIMIT]);
    const bytes = Uint8Array.from(
      Array.from({ length: 10 }, () => {
        const alphabet = random.pick(alphabets);
        return Array.from({ length: random.below(30) }, () => [...random.pick(alphabet)]).flat();
      }).flat(),
    );
    using file = new GrowingFile();
    using tail = new LineTail(file.path, { maxLineBytes });
    const { seen, sink } = collector();
    file.append(bytes);
    while (!tail.read(sink, 1 + random.below(300)).caughtUp);
    tail.finish(sink);
    const expected: Seen[] = [];
    for (let start = 0; start < bytes.length;) {
      const newline = bytes.indexOf(0x0a, start);
      const end = newline < 0 ? bytes.length : newline;
      const line = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(start, end));
      const isTooLong = end - start > maxLineBytes;
      expected.push([
        isTooLong
          ? `[a line of ${end - start} bytes was left out: the limit is ${maxLineBytes} bytes]`
          : line.replace(/\r$/, ""),
        start,
      ]);
      start = end + 1;
    }
    assert.deepEqual(seen, expected, `seed ${seed}`);
    assert.equal(tail.offset, bytes.length);
  }
});

Deno.test("LineTail: invalid UTF-8 becomes replacement characters, and the next line is whole", () => {
  using file = new GrowingFile();
  using tail = new LineTail(file.path, { maxLineBytes: LIMIT });
  const { seen, sink } = collector();
  file.append(new Uint8Array([0x61, 0xff, 0xe2, 0x82, 0x0a, 0xe2, 0x82, 0xac, 0x0a, 0xf0]));
  tail.read(sink, ALL);
  tail.finish(sink);
  assert.deepEqual(seen, [["a\ufffd\ufffd", 0], ["€", 5], ["\ufffd", 9]]);
});

Deno.test("LineTail: a line at the limit is read, one above it is named and counted", () => {
  for (const size of [99, 100, 101, 600_000]) {
    using file = new GrowingFile();
    using tail = new LineTail(file.path, { maxLineBytes: 100 });
    const { seen, sink } = collector();
    file.append(`before\n${"x".repeat(size)}`);
    tail.read(sink, ALL);
    file.append("\nafter\n");
    tail.read(sink, ALL);
    const isTooLong = size > 100;
    assert.deepEqual(seen, [
      ["before", 0],
      [isTooLong ? `[a line of ${size} bytes was left out: the limit is 100 bytes]` : "x".repeat(size), 7],
      ["after", 8 + size],
    ]);
    assert.equal(tail.skippedBytes, isTooLong ? size : 0);
  }
});

Deno.test("LineTail: an unfinished line above the limit is named at the end", () => {
  using file = new GrowingFile();
  using tail = new LineTail(file.path, { maxLineBytes: 10 });
  const { seen, sink } = collector();
  file.append("y".repeat(500));
  tail.read(sink, ALL);
  tail.finish(sink);
  assert.deepEqual(seen, [["[a line of 500 bytes was left out: the limit is 10 bytes]", 0]]);
  assert.deepEqual([tail.offset, tail.skippedBytes], [500, 500]);
});

Deno.test("LineTail: a line of 100 MB costs no more memory than the limit", () => {
  using file = new GrowingFile();
  const chunk = new Uint8Array(1024 * 1024).fill(0x7a);
  file.append("first\n");
  for (let n = 0; n < 100; n++) file.append(chunk);
  file.append("\nlast\n");
  using tail = new LineTail(file.path, { maxLineBytes: LIMIT });
  const { seen, sink } = collector();
  const before = Deno.memoryUsage();
  let peak = 0;
  while (!tail.read(sink, 1024 * 1024).caughtUp) {
    const now = Deno.memoryUsage();
    peak = Math.max(peak, now.external + now.heapUsed - before.external - before.heapUsed);
  }
  assert.deepEqual(seen.map(([line]) => line), [
    "first",
    `[a line of ${100 * 1024 * 1024} bytes was left out: the limit is ${LIMIT} bytes]`,
    "last",
  ]);
  assert.ok(peak < 64 * 1024 * 1024, `${peak} bytes more`);
});

Deno.test("LineTail: of a file that became shorter nothing is read twice", () => {
  using file = new GrowingFile();
  using tail = new LineTail(file.path, { maxLineBytes: LIMIT });
  const { seen, sink } = collector();
  file.append("one\ntwo\n");
  tail.read(sink, ALL);
  Deno.truncateSync(file.path, 4);
  assert.equal(tail.hasNews(), true);
  assert.deepEqual(tail.read(sink, ALL), { bytes: 0, caughtUp: true });
  assert.equal(seen.length, 2);
});

Deno.test("LineTail: a line whose sink throws comes again, and those before it do not", () => {
  using file = new GrowingFile();
  using tail = new LineTail(file.path, { maxLineBytes: LIMIT });
  file.append("a\nb\nc\nd");
  const seen: string[] = [];
  let isBroken = true;
  const sink = (line: string) => {
    if (line === "b" && isBroken) throw new Error("disk full");
    seen.push(line);
  };
  assert.throws(() => tail.read(sink, ALL), /disk full/);
  assert.throws(() => tail.read(sink, ALL), /disk full/);
  assert.equal(tail.offset, 2);
  isBroken = false;
  tail.read(sink, ALL);
  tail.finish(sink);
  assert.deepEqual(seen, ["a", "b", "c", "d"]);
});
