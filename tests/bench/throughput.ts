/**
 * Benchmark, family `throughput`: how much a daemon takes in a second: agents' output, readers of events, starts.
 *
 * @module
 */
import { z } from "zod";
import { BenchHome } from "./bench_home.ts";
import { writeCodexLines } from "./codex_lines.ts";
import type { Bench, Family } from "./family.ts";
import { figure, type Row } from "./figure.ts";
import { inTurn } from "./measure.ts";
import type { McpSession } from "./mcp_session.ts";
import { formsOf } from "./programs.ts";

const MEGABYTE = 1_000_000;

/**
 * What is printed in one round, by one agent or by fifty together: much enough that a job's start and end, and the
 * first calls of what reads it, do not count for a third.
 */
const ROUND_BYTES = 20 * MEGABYTE;

/** Starts at once: below the 256 calls that a front-end takes in at once. */
const BURST = 200;

const Page = z.object({
  structuredContent: z.object({ events: z.array(z.unknown()), cursor: z.number(), more: z.boolean() }),
});

export const throughput: Family = {
  name: "throughput",
  async *measure(bench: Bench): AsyncGenerator<Row> {
    yield* output(bench, { agents: 1, isTalkative: true });
    yield* output(bench, { agents: 1, isTalkative: false });
    yield* output(bench, { agents: 50, isTalkative: true });
    yield* reading(bench);
    yield* starts(bench);
  },
};

/** From the moment at which the agents begin to print to the end of the last job. */
async function* output(
  bench: Bench,
  { agents, isTalkative }: { agents: number; isTalkative: boolean },
): AsyncGenerator<Row> {
  const runs: Record<string, () => Promise<number>> = {};
  const lines: Record<string, number> = {};
  await using stack = new AsyncDisposableStack();
  for (const { form, program } of formsOf(bench.programs)) {
    const home = stack.use(new BenchHome());
    const host = stack.use(await home.connectedHost(program));
    const source = home.path("output.jsonl");
    const written = writeCodexLines(source, { bytes: ROUND_BYTES / agents, isTalkative });
    lines[form] = written.lines / written.bytes;
    runs[form] = async () => {
      const jobs = Array.from({ length: agents }, () => home.gatedJob());
      const ids = [];
      for (const job of jobs) ids.push(await home.start(host, `${job.prompt}print ${source}\n`));
      await Promise.all(jobs.map((job) => job.born));
      const began = performance.now();
      for (const job of jobs) job.open();
      await host.call("job_wait", { job_ids: ids, mode: "all", timeout_seconds: 100 });
      return written.bytes * agents / MEGABYTE / ((performance.now() - began) / 1_000);
    };
  }
  const length = Object.values(lines).map((perByte) => Math.round(1 / perByte))[0];
  const who = `${agents === 1 ? "1 agent" : `${agents} agents at once`}, lines of ${length} bytes,`;
  for (const [form, samples] of Object.entries(await inTurn(runs, bench.times(10), { warmUps: 1 }))) {
    yield figure(samples, {
      name: `output of ${who} read, parsed, appended as events (${form})`,
      unit: "MB/s",
      ...(agents === 1 ? { budget: { median: 50 } } : {}),
      note: `${ROUND_BYTES / MEGABYTE} MB of Codex's lines, to the answer of job_wait`,
    });
    const perMegabyte = (lines[form] ?? 0) * MEGABYTE;
    const events = samples.map((sample) => sample * perMegabyte);
    yield figure(events, { name: `output of ${who} in lines (${form})`, unit: "events/s" });
  }
}

/** A whole job's events through `job_events`, page by page. */
async function* reading(bench: Bench): AsyncGenerator<Row> {
  const runs: Record<string, () => Promise<number>> = {};
  const crowds: Record<string, () => Promise<number>> = {};
  const bytesPerEvent: Record<string, number> = {};
  await using stack = new AsyncDisposableStack();
  for (const { form, program } of formsOf(bench.programs)) {
    const home = stack.use(new BenchHome());
    const host = stack.use(await home.connectedHost(program));
    const source = home.path("output.jsonl");
    writeCodexLines(source, { bytes: 4 * MEGABYTE });
    const id = await home.start(host, `print ${source}\n`);
    await host.call("job_wait", { job_ids: [id], timeout_seconds: 100 });
    const file = `${home.state.home}/jobs/${id}/events.jsonl`;
    const total = Deno.readTextFileSync(file).split("\n").length - 1;
    bytesPerEvent[form] = Deno.statSync(file).size / total;
    const read = async (readers: number) => {
      const began = performance.now();
      const counts = await Promise.all(Array.from({ length: readers }, () => readAll(host, id)));
      if (counts.some((events) => events !== total)) {
        throw new Error(`${counts} of ${total} events were read`);
      }
      return readers * total / ((performance.now() - began) / 1_000);
    };
    runs[form] = () => read(1);
    crowds[form] = () => read(50);
  }
  for (const [form, samples] of Object.entries(await inTurn(runs, bench.times(8), { warmUps: 1 }))) {
    yield figure(samples, {
      name: `events read through job_events, pages of 500 (${form})`,
      unit: "events/s",
    });
    const megabytes = samples.map((sample) => sample * (bytesPerEvent[form] ?? 0) / MEGABYTE);
    yield figure(megabytes, { name: `events read through job_events, as stored (${form})`, unit: "MB/s" });
  }
  for (const [form, samples] of Object.entries(await inTurn(crowds, bench.times(5), { warmUps: 1 }))) {
    yield figure(samples, {
      name: `events read through job_events by 50 readers at once (${form})`,
      unit: "events/s",
    });
  }
}

async function readAll(host: McpSession, id: string): Promise<number> {
  let cursor = 0;
  let count = 0;
  for (let more = true; more;) {
    const answer = await host.call("job_events", { job_id: id, cursor, limit: 500 });
    const page = Page.parse(answer).structuredContent;
    count += page.events.length;
    ({ cursor, more } = page);
  }
  return count;
}

/** Behind a job that holds the only slot, so that the agents' own starts are not measured. */
async function* starts(bench: Bench): AsyncGenerator<Row> {
  const runs: Record<string, () => Promise<number>> = {};
  await using stack = new AsyncDisposableStack();
  for (const { form, program } of formsOf(bench.programs)) {
    const home = stack.use(new BenchHome({ config: { limits: { total: 1 } } }));
    const host = stack.use(await home.connectedHost(program));
    const holder = home.gatedJob();
    await home.start(host, holder.prompt);
    await holder.born;
    runs[form] = async () => {
      const began = performance.now();
      await Promise.all(Array.from({ length: BURST }, () => home.start(host, "nothing")));
      return BURST / ((performance.now() - began) / 1_000);
    };
  }
  for (const [form, samples] of Object.entries(await inTurn(runs, bench.times(8), { warmUps: 1 }))) {
    yield figure(samples, {
      name: `starts answered, each durable, ${BURST} at once (${form})`,
      unit: "starts/s",
    });
  }
}
