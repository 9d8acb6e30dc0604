/** What an agent prints, however much and however broken: the daemon stays small and the job ends truthfully. */
import assert from "node:assert/strict";
import type { JobResult } from "../../src/domain/job/result.ts";
import { EventsPage, WaitResult } from "../../src/service/read_requests.ts";
import { daemonPid, HostSession, shutDown } from "../support/program.ts";
import { makeStateHome, type StateHome } from "../support/state_home.ts";

const MEBIBYTE = 1024 ** 2;
const GIBIBYTE = 1024 * MEBIBYTE;
/** KiB that a daemon may take, whatever agents print. */
const MEMORY_LIMIT_KIB = 200_000;
/** Of 100 s each: a busy machine takes a minute to print 1 GB and to read it. */
const MAX_WAITS = 5;

const TimedOut = WaitResult.pick({ timed_out: true });

/** A state directory and a host, whose jobs and daemon end before the directory goes. */
async function setUp(stack: AsyncDisposableStack, config: Record<string, unknown> = {}) {
  const state = stack.use(makeStateHome(config));
  stack.defer(() => shutDown(state));
  return { state, host: stack.use(await HostSession.start(state)) };
}

/** Runs a job to its end, with as many waits as it takes: a poll in between would take time from the reading. */
async function run(host: HostSession, prompt: string): Promise<JobResult> {
  const id = await host.start(prompt);
  for (let waits = 0; waits < MAX_WAITS; waits++) {
    const waited = await host.call("job_wait", { job_ids: [id], timeout_seconds: 100 }, TimedOut);
    if (!waited.timed_out) break;
  }
  return await host.poll(id);
}

/** KiB: the most that the daemon has ever had resident. */
function peakMemory(state: StateHome): number {
  const status = Deno.readTextFileSync(`/proc/${daemonPid(state)}/status`);
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]);
}

Deno.test("output: 1 GB and a line of 100 MB, and the daemon stays under 200 MB", async () => {
  await using stack = new AsyncDisposableStack();
  const { state, host } = await setUp(stack, { limits: { output_bytes: 4 * GIBIBYTE } });

  // Short lines are the hardest for a byte, and take their time.
  const short = 64 * MEBIBYTE;
  const flood = await run(
    host,
    `flood ${GIBIBYTE - short} 2000\nbytes \\n\nflood ${short}\nbytes \\n\nsay after the flood`,
  );
  assert.deepEqual(
    [flood.status, flood.reason, flood.exit_code, flood.result, flood.possibly_truncated],
    ["done", "completed", 0, "after the flood", false],
  );
  assert.ok(flood.output.length <= 8_000);
  assert.match(flood.output, /\n\{"type":"flood","text":"\d+"\}\n.*\nafter the flood\n.*\[turn 1 done\]$/s);
  // The last events, by number: nothing of the flood was left out.
  const { events } = await host.call(
    "job_events",
    { job_id: flood.job_id, cursor: flood.cursor - 3 },
    EventsPage,
  );
  assert.deepEqual(events.map(({ seq, type }) => [seq - flood.cursor, type]), [
    [-2, "message"],
    [-1, "usage"],
    [0, "status"],
  ]);
  assert.ok(flood.cursor > (GIBIBYTE - short) / 2_100 + short / 100);

  const line = await run(host, `line ${100 * MEBIBYTE}\nsay after the line`);
  assert.deepEqual([line.status, line.result, line.possibly_truncated], ["done", "after the line", true]);
  assert.match(line.output, /\[a line of 1048576\d\d bytes was left out: the limit is 8388608 bytes\]/);

  const memory = peakMemory(state);
  assert.ok(memory < MEMORY_LIMIT_KIB, `the daemon took ${memory} KiB`);
});

Deno.test("output: more than the limit ends the job with what it had said", async () => {
  await using stack = new AsyncDisposableStack();
  const { host } = await setUp(stack, { limits: { output_bytes: 2 * MEBIBYTE } });
  const job = await run(host, `say before\nflood ${8 * MEBIBYTE}\nwait never`);
  assert.deepEqual(
    [job.status, job.reason, job.result, job.possibly_truncated],
    ["error", "output_limit", "before", true],
  );
  assert.match(job.output, /"type":"flood"/);
});

Deno.test("output: bytes that are no UTF-8 and lines that are no JSON are kept as far as they can be read", async () => {
  await using stack = new AsyncDisposableStack();
  const { host } = await setUp(stack);
  const job = await run(host, 'bytes caf\\303\\251 \\377 \\303\\n\nraw {"type":\nbytes \\r\\n\nsay after');
  assert.deepEqual([job.status, job.reason, job.result], ["done", "completed", "after"]);
  const { events } = await host.call("job_events", { job_id: job.job_id, types: ["raw"] }, EventsPage);
  assert.deepEqual(events.map((event) => event.text), ["café \ufffd \ufffd", '{"type":']);
});

Deno.test("output: half a line, then death: an error with the exit code, and the half line can be read", async () => {
  await using stack = new AsyncDisposableStack();
  const { host } = await setUp(stack);
  const half = '{"type":"item.completed","item":{"id":"item_1","type":"agent_mess';
  const job = await run(host, `say whole\nhalf ${half}\ndie KILL`);
  assert.deepEqual(
    [job.status, job.reason, job.exit_code, job.result, job.possibly_truncated],
    ["error", "exit_code", 137, "whole", true],
  );
  assert.ok(job.output.includes(`\nwhole\n\n${half}\n`), job.output);
});
