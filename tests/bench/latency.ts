/**
 * Benchmark, family `latency`: from a call, or from what an agent does, to the answer.
 *
 * @module
 */
import { connectToDaemon } from "../../src/daemon/reach/connect_or_start.ts";
import { RemoteService } from "../../src/service/remote/service.ts";
import { systemClock } from "../../src/system/clock.ts";
import manifest from "../../deno.json" with { type: "json" };
import { BenchHome } from "./bench_home.ts";
import type { Bench, Family } from "./family.ts";
import { absent, figure, type Row } from "./figure.ts";
import type { McpSession } from "./mcp_session.ts";
import { inTurn, pause, timed } from "./measure.ts";
import { formsOf } from "./programs.ts";
import { writeTranscriptSource } from "./codex_lines.ts";

/** Waits that share a connection, of the 1,000 that a daemon allows each. */
const WAITS_PER_CONNECTION = 250;

const TRANSCRIPT_BYTES = 10_000_000;

export const latency: Family = {
  name: "latency",
  async *measure(bench: Bench): AsyncGenerator<Row> {
    yield* jobs(bench);
    yield* crowds(bench);
    yield* longTranscript(bench);
    if ("why" in bench.programs.compiled) yield absent("compiled: latency", bench.programs.compiled.why);
  },
};

/** One job after the other, from its start to the answer of the wait for its end. */
async function* jobs(bench: Bench): AsyncGenerator<Row> {
  const runs: Record<string, () => Promise<number>> = {};
  const moments: Record<string, { toBorn: number[]; toAnswer: number[] }> = {};
  await using stack = new AsyncDisposableStack();
  for (const { form, program } of formsOf(bench.programs)) {
    const home = stack.use(new BenchHome());
    const host = stack.use(await home.connectedHost(program));
    const toBorn: number[] = [];
    const toAnswer: number[] = [];
    moments[form] = { toBorn, toAnswer };
    runs[form] = async () => {
      const job = home.watchedJob();
      const began = performance.now();
      const id = await home.start(host, job.prompt);
      const started = performance.now() - began;
      toBorn.push(await job.born - began);
      const answered = waited(host, id);
      await pause(30, 130);
      job.open();
      toAnswer.push(await answered - await job.ended);
      return started;
    };
  }
  const place = stack.use(new BenchHome());
  runs[SYNCS] = () => timed(() => twoSyncs(place.path("synced")));
  const { [SYNCS]: syncs = [], ...started } = await inTurn(runs, bench.times(60));
  yield figure(syncs, {
    name: "two syncs of this disk: a new file of 4 KB, then 4 KB more in one that is there",
    unit: "ms",
    note: "in turn with the starts below, each of which makes two such syncs before it is answered",
  });
  const syncMs = syncs.toSorted((a, b) => a - b)[Math.floor(syncs.length / 2)] ?? 0;
  for (const [form, samples] of Object.entries(started)) {
    const counted = (all: readonly number[] = []) => all.slice(-samples.length);
    const { toBorn, toAnswer } = moments[form] ?? {};
    yield figure(samples, {
      name: `codex_start answered, job durable (${form})`,
      unit: "ms",
      // What two syncs take is the disk's, and no program's.
      budget: { median: 10 + syncMs },
    });
    yield figure(counted(toBorn), {
      name: `codex_start to the agent's first instruction (${form})`,
      unit: "ms",
      budget: { median: 10 },
    });
    yield figure(counted(toAnswer), {
      name: `exit of the agent to job_wait answered (${form})`,
      unit: "ms",
      budget: { median: 5, p95: 15 },
    });
  }
}

const SYNCS = "two syncs";

/** What an accepted start asks of the disk: one new file, then the commit of the store, which appends to its journal. */
async function twoSyncs(path: string): Promise<void> {
  const bytes = new Uint8Array(4_096).fill(7);
  for (const name of [`${path}-${crypto.randomUUID()}`, `${path}-journal`]) {
    using file = await Deno.open(name, { append: true, create: true });
    await file.write(bytes);
    await file.syncData();
  }
}

async function waited(host: McpSession, id: string): Promise<number> {
  await host.call("job_wait", { job_ids: [id], timeout_seconds: 50 });
  return performance.now();
}

/** Many who wait for one job; measured at the socket, where all of them can be one process. */
async function* crowds(bench: Bench): AsyncGenerator<Row> {
  await using home = new BenchHome();
  await using host = await home.connectedHost(bench.programs.source);
  for (const waiters of [1, 100, 1_000]) {
    using clients = new DisposableStack();
    const services = Array.from(
      { length: Math.ceil(waiters / WAITS_PER_CONNECTION) },
      () => clients.use(serviceIn(home)),
    );
    const samples: number[] = [];
    for (let round = -1; round < bench.times(waiters === 1_000 ? 8 : 20); round += 1) {
      const job = home.watchedJob();
      const id = await home.start(host, job.prompt);
      await job.born;
      const waits = Array.from({ length: waiters }, (_, index) => {
        const service = services[index % services.length];
        return service?.wait({ job_ids: [id], timeout_seconds: 60 });
      });
      // The daemon has read every wait when it answers what was asked behind the last of them.
      await Promise.all(services.map((service) => service.ping()));
      await pause(30, 130);
      job.open();
      const ended = await job.ended;
      await Promise.all(waits);
      if (round >= 0) samples.push(performance.now() - ended);
    }
    yield figure(samples, {
      name: `exit of the agent to the last of ${waiters} waiters answered (source)`,
      unit: "ms",
    });
  }
}

function serviceIn(home: BenchHome): RemoteService {
  const { home: directory } = home.state;
  return new RemoteService({
    clock: systemClock,
    connect: async () => {
      const options = { home: directory, version: manifest.version, clock: systemClock };
      const connection = await connectToDaemon(options);
      if (connection === null) throw new Error("The daemon is gone");
      return connection;
    },
  });
}

async function* longTranscript(bench: Bench): AsyncGenerator<Row> {
  const runs: Record<string, () => Promise<number>> = {};
  await using stack = new AsyncDisposableStack();
  let characters = 0;
  for (const { form, program } of formsOf(bench.programs)) {
    const home = stack.use(new BenchHome());
    const host = stack.use(await home.connectedHost(program));
    const source = home.path("transcript.jsonl");
    writeTranscriptSource(source, TRANSCRIPT_BYTES);
    const id = await home.start(host, `print ${source}\n`);
    await host.call("job_wait", { job_ids: [id], timeout_seconds: 100 });
    const size = Deno.statSync(`${home.state.home}/jobs/${id}/output.txt`).size;
    if (size < TRANSCRIPT_BYTES) throw new Error(`The transcript has ${size} bytes`);
    runs[form] = () =>
      timed(async () => {
        const { structuredContent } = await host.call("job_poll", { job_id: id });
        characters = JSON.stringify(structuredContent).length;
      });
  }
  for (const [form, samples] of Object.entries(await inTurn(runs, bench.times(40)))) {
    yield figure(samples, {
      name: `job_poll of a 10 MB transcript (${form})`,
      unit: "ms",
      budget: { median: 20 },
    });
  }
  yield figure([characters], { name: "job_poll of a 10 MB transcript: its result", unit: "characters" });
}
