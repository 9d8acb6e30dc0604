import assert from "node:assert/strict";
import { isoTime } from "../../src/domain/job/ids.ts";
import { EVENT_TYPES, type EventType, type JobEvent } from "../../src/domain/event/event.ts";
import type { EventBody } from "../../src/domain/event/event_body.ts";
import { EventLog } from "../../src/kernel/events/event_log.ts";
import { lastSeq, readEvents, readTranscript, transcriptTail } from "../../src/kernel/events/event_reader.ts";
import { KernelHome } from "../support/kernel_home.ts";
import { type SeededRandom, seededRandom } from "../support/seeded_random.ts";

const clock = { now: () => Date.UTC(2031, 0, 1), steady: () => 0 };
const WHOLE = { limit: 1_000, truncate: 0, maxChars: Infinity };

/** As a reader gets them, numbered from behind `before`. */
function asEvents(entries: readonly { body: EventBody }[], before: number): JobEvent[] {
  const time = isoTime(clock.now());
  return entries.map(({ body }, index) => ({ seq: before + index + 1, turn: 1, time, ...body }));
}

function someBody(random: SeededRandom): EventBody {
  const text =
    random.pick(["", "ä", "😀", "newline\n", '"type":"message"', "{}"]).repeat(1 + random.below(8)) +
    "x".repeat(random.pick([0, 10, 300, 9_000]));
  switch (random.below(4)) {
    case 0:
      return { type: "message", text };
    case 1:
      return { type: "reasoning", text };
    case 2:
      return { type: "raw", text };
    default:
      return { type: "command", id: `${random.below(99)}`, state: "completed", command: text, exit_code: 0 };
  }
}

Deno.test("readEvents: pages equal those of naive reading, for any cursor, limit, size and types", async () => {
  for (let seed = 1; seed <= 25; seed++) {
    const random = seededRandom(seed);
    await using home = new KernelHome();
    const directory = home.newJob();
    const all: JobEvent[] = [];
    using log = EventLog.open(directory, clock);
    for (let batch = 0; batch < 1 + random.below(12); batch++) {
      const entries = Array.from({ length: random.below(9) }, () => ({ raw: batch, body: someBody(random) }));
      all.push(...asEvents(entries, all.length));
      log.append(1, entries);
    }
    assert.equal(lastSeq(directory), all.length);
    for (let round = 0; round < 40; round++) {
      const after = random.below(all.length + 3);
      const limit = 1 + random.below(8);
      const maxChars = random.pick([1, 500, 20_000, Infinity]);
      const types = random.pick<readonly EventType[] | undefined>([
        undefined,
        ["message"],
        ["raw", "command"],
        ["plan"],
      ]);
      const read = await readEvents(directory, { after, limit, maxChars, truncate: 0, types });
      const context = JSON.stringify({ seed, after, limit, maxChars, types });
      assert.deepEqual(read, naivePage(all, { after, limit, maxChars, types }), context);
    }
  }
});

interface PageOptions {
  after: number;
  limit: number;
  maxChars: number;
  types: readonly EventType[] | undefined;
}

function naivePage(all: readonly JobEvent[], { after, limit, maxChars, types }: PageOptions) {
  const events: JobEvent[] = [];
  let cursor = after;
  let chars = 0;
  for (const event of all.slice(after)) {
    if (types === undefined || types.includes(event.type)) {
      chars += JSON.stringify(event).length;
      if (events.length === limit || (events.length > 0 && chars > maxChars)) {
        return { events, cursor, more: true };
      }
      events.push(event);
    }
    cursor = event.seq;
  }
  return { events, cursor, more: false };
}

Deno.test("readEvents: reading on with the cursor gives every event once", async () => {
  await using home = new KernelHome();
  const directory = home.newJob();
  using log = EventLog.open(directory, clock);
  const random = seededRandom(7);
  const entries = Array.from({ length: 300 }, () => ({ raw: 0, body: someBody(random) }));
  log.append(1, entries);
  const seen: JobEvent[] = [];
  for (let cursor = 0, more = true; more;) {
    const page = await readEvents(directory, { after: cursor, limit: 7, truncate: 0, maxChars: 10_000 });
    seen.push(...page.events);
    ({ cursor, more } = page);
  }
  assert.deepEqual(seen, asEvents(entries, 0));
});

Deno.test("readEvents: long and short events in any order are all read", async () => {
  await using home = new KernelHome();
  const directory = home.newJob();
  using log = EventLog.open(directory, clock);
  const sizes = [1, 1_000_000, 300_000, 700_000, 5, 262_144, 524_288, 10, 200_000, 3_000_000, 1, 1];
  for (const size of sizes) log.append(1, [{ raw: 0, body: { type: "raw", text: "s".repeat(size) } }]);
  for (let after = 0; after < sizes.length; after++) {
    const { events } = await readEvents(directory, { ...WHOLE, after });
    assert.deepEqual(events.map((event) => event.type === "raw" ? event.text.length : 0), sizes.slice(after));
  }
});

Deno.test("readEvents: a job without events, and a last line that is still being written", async () => {
  await using home = new KernelHome();
  const directory = home.newJob();
  assert.deepEqual(await readEvents(directory, { ...WHOLE, after: 0 }), {
    events: [],
    cursor: 0,
    more: false,
  });
  assert.equal(lastSeq(directory), 0);
  using log = EventLog.open(directory, clock);
  assert.deepEqual(await readEvents(directory, { ...WHOLE, after: 5 }), {
    events: [],
    cursor: 5,
    more: false,
  });
  log.append(1, [{ raw: 0, body: { type: "raw", text: "whole" } }]);
  Deno.writeTextFileSync(directory.eventsFile, '{"seq":2,"turn":1,"ti', { append: true });
  const { events, cursor } = await readEvents(directory, { ...WHOLE, after: 0 });
  assert.deepEqual([events.length, cursor, lastSeq(directory)], [1, 1, 1]);
});

Deno.test("readEvents: a damaged line hides no other", async () => {
  await using home = new KernelHome();
  const directory = home.newJob();
  const entries = Array.from(
    { length: 40 },
    (_, n) => ({ raw: n, body: { type: "raw", text: `event ${n + 1}` } as const }),
  );
  {
    using log = EventLog.open(directory, clock);
    log.append(1, entries);
  }
  const lines = Deno.readTextFileSync(directory.eventsFile).split("\n");
  lines[19] = "\0".repeat(500);
  lines[20] = "";
  Deno.writeTextFileSync(directory.eventsFile, lines.join("\n"));
  for (let after = 0; after <= 40; after++) {
    const { events } = await readEvents(directory, { ...WHOLE, after });
    const expected = entries.map((_, n) => n + 1).filter((seq) => seq > after && seq !== 20 && seq !== 21);
    assert.deepEqual(events.map(({ seq }) => seq), expected, `after ${after}`);
  }
});

Deno.test("readEvents: cuts strings at any depth, never half a character, and says how much is missing", async () => {
  await using home = new KernelHome();
  const directory = home.newJob();
  using log = EventLog.open(directory, clock);
  log.append(1, [
    { raw: 0, body: { type: "message", text: "abcdefgh" } },
    { raw: 1, body: { type: "message", text: "abcd😀" } },
    { raw: 2, body: { type: "message", text: "abcde" } },
    {
      raw: 3,
      body: {
        type: "tool_call",
        id: "identifier",
        state: "completed",
        tool: "t",
        arguments: { list: ["123456789", { deep: "123456789" }], n: 5, none: null },
      },
    },
  ]);
  const { events } = await readEvents(directory, { ...WHOLE, after: 0, truncate: 5 });
  assert.deepEqual(
    events.map(({ seq: _seq, turn: _turn, time, ...rest }) => {
      assert.equal(time, "2031-01-01T00:00:00.000Z");
      return rest;
    }),
    [
      { type: "message", text: "abcde... (3 more characters)" },
      { type: "message", text: "abcd... (2 more characters)" },
      { type: "message", text: "abcde" },
      {
        type: "tool_call",
        id: "ident... (5 more characters)",
        state: "completed",
        tool: "t",
        arguments: {
          list: ["12345... (4 more characters)", { deep: "12345... (4 more characters)" }],
          n: 5,
          none: null,
        },
      },
    ],
  );
});

Deno.test("readEvents: every type can be asked for by itself", async () => {
  await using home = new KernelHome();
  const directory = home.newJob();
  using log = EventLog.open(directory, clock);
  log.append(1, [{ raw: -1, body: { type: "status", state: "a", message: '","type":"raw"' } }]);
  log.append(1, [{ raw: 0, body: { type: "raw", text: "b" } }]);
  for (const type of EVENT_TYPES) {
    const { events, cursor } = await readEvents(directory, { ...WHOLE, after: 0, types: [type] });
    assert.deepEqual(events.map((event) => event.type), type === "status" || type === "raw" ? [type] : []);
    assert.equal(cursor, 2);
  }
});

Deno.test("readTranscript: pieces of any size join to the whole, each of whole characters", async () => {
  await using home = new KernelHome();
  const directory = home.newJob();
  assert.deepEqual(readTranscript(directory, 0, 100), { text: "", offset: 0, more: false });
  const text = "aä€😀\n".repeat(50);
  Deno.writeTextFileSync(directory.outputFile, text);
  const bytes = new TextEncoder().encode(text).length;
  for (let size = 1; size < 40; size++) {
    let whole = "";
    let offset = 0;
    for (let more = true; more;) {
      const piece = readTranscript(directory, offset, size);
      assert.ok(piece.offset > offset);
      whole += piece.text;
      ({ offset, more } = piece);
    }
    assert.deepEqual([whole, offset], [text, bytes], `pieces of ${size}`);
  }
  assert.deepEqual(readTranscript(directory, bytes, 10), { text: "", offset: bytes, more: false });
  assert.deepEqual(readTranscript(directory, bytes + 9, 10), { text: "", offset: bytes + 9, more: false });
});

Deno.test("transcriptTail: the last lines and characters, whole, saying whether something is missing", async () => {
  await using home = new KernelHome();
  const directory = home.newJob();
  assert.deepEqual(transcriptTail(directory, 10, 100), { text: "", cut: false });
  Deno.writeTextFileSync(directory.outputFile, "one\ntwo\n€€€€\n");
  assert.deepEqual(transcriptTail(directory, 10, 100), { text: "one\ntwo\n€€€€", cut: false });
  assert.deepEqual(transcriptTail(directory, 2, 100), { text: "two\n€€€€", cut: true });
  assert.deepEqual(transcriptTail(directory, 10, 3), { text: "€€€", cut: true });
  assert.deepEqual(transcriptTail(directory, 0, 100), { text: "", cut: true });
  const long = "😀".repeat(4_000_000);
  Deno.writeTextFileSync(directory.outputFile, `${long}\nend\n`);
  const { text, cut } = transcriptTail(directory, 100, 8_000);
  assert.deepEqual([text.length, text.endsWith("😀\nend"), text.includes("\ufffd"), cut], [
    8_000,
    true,
    false,
    true,
  ]);
});
