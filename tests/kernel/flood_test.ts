import assert from "node:assert/strict";
import { EventLog } from "../../src/kernel/events/event_log.ts";
import { lastSeq } from "../../src/kernel/events/event_reader.ts";
import { LineTail } from "../../src/kernel/output/line_tail.ts";
import { systemClock } from "../../src/system/clock.ts";
import { KernelHome } from "../support/kernel_home.ts";

const FLOOD_BYTES = 200 * 1024 * 1024;

Deno.test("flood: an agent that prints 200 MB is read while it prints, in bounded memory", async () => {
  await using home = new KernelHome();
  const line = JSON.stringify({ type: "noise", text: "f".repeat(280) });
  const { turn, process, status } = await home.run(`yes '${line}' | head -c ${FLOOD_BYTES}`);
  using tail = new LineTail(turn.rawFile, { maxLineBytes: 8 * 1024 * 1024 });
  let lines = 0;
  let broken = 0;
  let peak = 0;
  const sink = (text: string) => {
    lines++;
    if (text !== line) broken++;
  };
  const before = Deno.memoryUsage().rss;
  for (let ended = false;;) {
    const { caughtUp } = tail.read(sink, 1024 * 1024);
    peak = Math.max(peak, Deno.memoryUsage().rss);
    if (caughtUp && ended) break;
    ended = process.exitRecord() !== null;
    if (caughtUp) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  tail.finish(sink);
  await status;
  assert.equal(process.exitRecord(), 0);
  assert.equal(tail.offset, FLOOD_BYTES);
  assert.equal(lines, Math.ceil(FLOOD_BYTES / (line.length + 1)));
  assert.ok(broken <= 1, `${broken} lines are not what was printed; only the last may be cut`);
  assert.ok(peak - before < 100 * 1024 * 1024, `${peak - before} bytes more memory`);
});

Deno.test("flood: 20 MB of events are recorded in bounded memory", async () => {
  await using home = new KernelHome();
  const directory = home.newJob();
  using log = EventLog.open(directory, systemClock);
  const text = "e".repeat(1_000);
  const before = Deno.memoryUsage().rss;
  for (let batch = 0; batch < 200; batch++) {
    log.append(
      1,
      Array.from({ length: 100 }, (_, n) => ({ raw: batch * 100 + n, body: { type: "raw", text } })),
    );
  }
  assert.equal(lastSeq(directory), 20_000);
  assert.ok(Deno.memoryUsage().rss - before < 100 * 1024 * 1024);
});
