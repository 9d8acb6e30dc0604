import assert from "node:assert/strict";
import type { JobEvent } from "../../src/domain/event/event.ts";
import type { EventBody } from "../../src/domain/event/event_body.ts";
import { isAgentAsyncError } from "../../src/domain/errors.ts";
import { renderEvent } from "../../src/domain/event/transcript.ts";
import { EventLog } from "../../src/kernel/events/event_log.ts";
import { readEvents } from "../../src/kernel/events/event_reader.ts";
import type { JobDirectory } from "../../src/kernel/job_directories.ts";
import { KernelHome } from "../support/kernel_home.ts";
import { NOT_LINUX, testUnless } from "../support/skippable.ts";
import { CANNOT_MOUNT, mountSmallDisk } from "../support/small_disk.ts";

const TIME = Date.UTC(2031, 4, 6, 7, 8, 9, 10);
const clock = { now: () => TIME, steady: () => 0 };

const message = (text: string): EventBody => ({ type: "message", text });

async function allEvents(directory: JobDirectory): Promise<JobEvent[]> {
  const { events, more } = await readEvents(directory, {
    after: 0,
    limit: 1_000_000,
    truncate: 0,
    maxChars: Infinity,
  });
  assert.equal(more, false);
  return events;
}

function withoutPlace(events: readonly JobEvent[]) {
  return events.map(({ seq: _seq, time: _time, turn: _turn, ...body }) => body);
}

/** A raw output as an agent writes it, and the events of each of its lines. */
interface Raw {
  offset: number;
  events: EventBody[];
}

/** What a daemon does that reads a turn's raw output from its beginning: nothing lost, nothing twice. */
function replay(log: EventLog, turn: number, raw: readonly Raw[]): void {
  const known = log.resumePoint(turn);
  for (const { offset, events } of raw) {
    const skip = known === null || offset > known.raw ? 0 : offset < known.raw ? events.length : known.count;
    log.append(turn, events.slice(skip).map((body) => ({ raw: offset, body })));
  }
}

Deno.test("EventLog: numbers across turns, renders the transcript, keeps the files private", async () => {
  await using home = new KernelHome();
  const directory = home.newJob();
  using log = EventLog.open(directory, clock);
  assert.deepEqual([log.lastSeq, log.lastEventAt, log.resumePoint(1)], [0, null, null]);
  log.append(1, [{ raw: 0, body: message("häi 😀") }, {
    raw: 40,
    body: message("\ud800 half"),
  }]);
  assert.deepEqual((await allEvents(directory))[0], {
    seq: 1,
    turn: 1,
    time: "2031-05-06T07:08:09.010Z",
    type: "message",
    text: "häi 😀",
  });
  log.append(2, [{ raw: null, body: { type: "status", state: "running", message: "turn 2" } }]);
  log.append(2, []);
  assert.deepEqual([log.lastSeq, log.lastEventAt], [3, TIME]);
  assert.deepEqual((await allEvents(directory)).map(({ seq, turn, type }) => [seq, turn, type]), [
    [1, 1, "message"],
    [2, 1, "message"],
    [3, 2, "status"],
  ]);
  assert.equal(Deno.readTextFileSync(directory.outputFile), "\nhäi 😀\n\n\n\ufffd half\n\n[turn 2]\n");
  const lines = Deno.readTextFileSync(directory.eventsFile).trimEnd().split("\n");
  const outs = lines.map((line) => JSON.parse(line).out);
  assert.equal(outs.at(-1), Deno.statSync(directory.outputFile).size);
  assert.ok(lines.every((line, index) => line.startsWith(`{"seq":${index + 1},`)));
  for (const path of [directory.outputFile, directory.eventsFile]) {
    assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  }
});

Deno.test("EventLog: continues after it was opened again", async () => {
  await using home = new KernelHome();
  const directory = home.newJob();
  {
    using log = EventLog.open(directory, clock);
    log.append(1, [{ raw: 0, body: message("one") }]);
  }
  using log = EventLog.open(directory, clock);
  assert.deepEqual([log.lastSeq, log.lastEventAt, log.resumePoint(1)], [1, TIME, {
    raw: 0,
    input: null,
    count: 1,
  }]);
  log.append(1, [{ raw: 9, body: message("two") }]);
  assert.deepEqual(withoutPlace(await allEvents(directory)), [message("one"), message("two")]);
});

Deno.test("EventLog: the resume point passes over what has no place, and other turns", async () => {
  await using home = new KernelHome();
  using log = EventLog.open(home.newJob(), clock);
  const status: EventBody = { type: "status", state: "x", message: "x" };
  log.append(1, [{ raw: -1, body: status }, { raw: 0, body: message("a") }, { raw: 0, body: message("b") }]);
  log.append(1, [{ raw: null, body: status }]);
  log.append(2, [{ raw: null, body: status }]);
  assert.deepEqual(log.resumePoint(1), { raw: 0, input: null, count: 2 });
  assert.equal(log.resumePoint(2), null);
  log.append(2, [{ raw: -1, body: status }]);
  assert.deepEqual(log.resumePoint(2), { raw: -1, input: null, count: 1 });
  log.append(2, [{ raw: 0, body: message("a") }, { raw: 0, body: message("b") }, {
    raw: 0,
    body: message("c"),
  }]);
  assert.deepEqual([log.resumePoint(1), log.resumePoint(2)], [{ raw: 0, input: null, count: 2 }, {
    raw: 0,
    input: null,
    count: 3,
  }]);
  assert.equal(log.resumePoint(3), null);
});

Deno.test("EventLog: torn at any byte of a batch, and replayed, it is as if nothing had happened", async () => {
  await using home = new KernelHome();
  const raw: Raw[] = [
    { offset: 0, events: [message("häi"), message("second of the line")] },
    { offset: 31, events: [] },
    { offset: 44, events: [{ type: "command", id: "1", state: "started", command: "ls\nä" }] },
    { offset: 90, events: [message("one"), message("two 😀"), message("three")] },
  ];
  const whole = home.newJob();
  {
    using log = EventLog.open(whole, clock);
    replay(log, 1, raw.slice(0, 1));
  }
  const events = Deno.statSync(whole.eventsFile).size;
  const output = Deno.statSync(whole.outputFile).size;
  {
    using log = EventLog.open(whole, clock);
    // One batch, as a daemon writes what one read of the raw output gave.
    log.append(
      1,
      raw.slice(1).flatMap(({ offset, events }) => events.map((body) => ({ raw: offset, body }))),
    );
  }
  const expected = [Deno.readTextFileSync(whole.eventsFile), Deno.readTextFileSync(whole.outputFile)];
  const torn = home.newJob();
  const tear = (eventsBytes: number, outputBytes: number) => {
    Deno.writeFileSync(torn.eventsFile, Deno.readFileSync(whole.eventsFile).subarray(0, eventsBytes));
    Deno.writeFileSync(torn.outputFile, Deno.readFileSync(whole.outputFile).subarray(0, outputBytes));
    {
      using log = EventLog.open(torn, clock);
      replay(log, 1, raw);
    }
    const found = [Deno.readTextFileSync(torn.eventsFile), Deno.readTextFileSync(torn.outputFile)];
    assert.deepEqual(found, expected, `torn at ${eventsBytes} and ${outputBytes}`);
  };
  const [allEvents, allOutput] = [Deno.statSync(whole.eventsFile).size, Deno.statSync(whole.outputFile).size];
  // The transcript is written first: torn in it there is no event of the batch, torn in the events it is whole.
  for (let bytes = output; bytes <= allOutput; bytes++) tear(events, bytes);
  for (let bytes = events; bytes <= allEvents; bytes++) tear(bytes, allOutput);
  // A loss of power may keep any part of either, and a file that was deleted keeps nothing.
  for (let bytes = 0; bytes <= allEvents; bytes += 7) {
    for (let rest = 0; rest <= allOutput; rest += 5) tear(bytes, rest);
  }
});

Deno.test("EventLog: zeros at the end, as a loss of power leaves them, are cut", async () => {
  await using home = new KernelHome();
  const directory = home.newJob();
  {
    using log = EventLog.open(directory, clock);
    log.append(1, [{ raw: 0, body: message("one") }]);
  }
  for (const junk of ["\0".repeat(5000), "\0\0\n\0\0", '{"seq":2,"turn":1}\n', "\n\n"]) {
    Deno.writeTextFileSync(directory.eventsFile, junk, { append: true });
    using log = EventLog.open(directory, clock);
    assert.equal(log.lastSeq, 1);
  }
  assert.equal((await allEvents(directory)).length, 1);
  assert.equal(Deno.readTextFileSync(directory.eventsFile).split("\n").length, 2);
});

const FULL_DISK =
  "EventLog: on a full disk nothing is half recorded, and the same call works when there is room";

testUnless(CANNOT_MOUNT, FULL_DISK, async () => {
  await using home = new KernelHome();
  const small = `${home.root}/small`;
  Deno.mkdirSync(small);
  using _disk = mountSmallDisk(small, "256k");
  await using full = new KernelHome({ statePath: `${small}/state` });
  const directory = full.newJob();
  using log = EventLog.open(directory, clock);
  log.append(1, [{ raw: 0, body: message("fits") }]);
  const before = [Deno.readTextFileSync(directory.eventsFile), Deno.readTextFileSync(directory.outputFile)];
  Deno.writeFileSync(`${small}/ballast`, new Uint8Array(100_000));
  // First the transcript itself finds no room, then only the events do not.
  for (const size of [200_000, 80_000]) {
    const entries = [{ raw: 7, body: message("x".repeat(size)) }];
    assert.throws(() => log.append(1, entries), (error) => isAgentAsyncError(error, "disk_full"));
    assert.equal(log.lastSeq, 1);
    assert.deepEqual(
      [Deno.readTextFileSync(directory.eventsFile), Deno.readTextFileSync(directory.outputFile)],
      before,
    );
  }
  Deno.removeSync(`${small}/ballast`);
  log.append(1, [{ raw: 7, body: message("x".repeat(80_000)) }]);
  assert.deepEqual((await allEvents(directory)).map(({ seq }) => seq), [1, 2]);
  assert.equal(
    Deno.statSync(directory.outputFile).size,
    renderEvent(message("fits")).length + renderEvent(message("x".repeat(80_000))).length,
  );
});

Deno.test("EventLog: opening a large log reads only its end", async () => {
  await using home = new KernelHome();
  const directory = home.newJob();
  {
    using log = EventLog.open(directory, clock);
    const text = "y".repeat(1000);
    for (let batch = 0; batch < 40; batch++) {
      log.append(1, Array.from({ length: 500 }, (_, n) => ({ raw: batch * 500 + n, body: message(text) })));
    }
    log.append(1, [{ raw: 30_000, body: message("z".repeat(3_000_000)) }]);
  }
  const began = performance.now();
  using log = EventLog.open(directory, clock);
  assert.deepEqual([log.lastSeq, log.resumePoint(1)], [20_001, { raw: 30_000, input: null, count: 1 }]);
  const ms = performance.now() - began;
  const readAllBegan = performance.now();
  await allEvents(directory);
  const allMs = performance.now() - readAllBegan;
  assert.ok(ms < allMs / 2, `${ms} ms, and ${allMs} ms for all of it`);
});

testUnless(NOT_LINUX, "EventLog: one that cannot be opened keeps no file descriptor", async () => {
  await using home = new KernelHome();
  const directory = home.newJob();
  EventLog.open(directory, clock).close();
  const open = () => [...Deno.readDirSync("/proc/self/fd")].length;
  const before = open();
  const { openSync } = Deno;
  Deno.openSync = (path, options) => {
    if (path === directory.outputFile) throw new Error("(os error 24)");
    return openSync(path, options);
  };
  try {
    assert.throws(() => EventLog.open(directory, clock), /os error 24/);
  } finally {
    Deno.openSync = openSync;
  }
  assert.equal(open(), before);
  const { truncateSync } = Deno.FsFile.prototype;
  Deno.FsFile.prototype.truncateSync = () => {
    throw new Error("(os error 5)");
  };
  try {
    Deno.writeTextFileSync(directory.outputFile, "torn");
    assert.throws(() => EventLog.open(directory, clock), /os error 5/);
  } finally {
    Deno.FsFile.prototype.truncateSync = truncateSync;
  }
  assert.equal(open(), before);
});
