/**
 * Benchmark, family `memory`: what stays in memory, and what a daemon does while its jobs say nothing.
 *
 * @module
 */
import { BenchHome } from "./bench_home.ts";
import type { Bench, Family } from "./family.ts";
import { absent, figure, type Row } from "./figure.ts";
import { inTurn, pause } from "./measure.ts";
import { anonymousMb, cpuSeconds, proportionalMb, residentMb } from "./process_figures.ts";
import { formsOf, type Program } from "./programs.ts";

/** Of the executable: from source a front-end has Deno's loader of modules in memory too. */
const FRONT_END = { budget: { median: 65 } };

/** Running jobs of the budgets. */
const JOBS = 50;

/** Ms until a process has done what it does after an answer, such as compiling what it uses most. */
const SETTLE_MS = 1_000;

/**
 * Ms after the last start in which a daemon is not idle yet: turns count as silent only after a while, and V8 tidies up
 * after the starts some 8 s behind the last of them (its memory reducer: 30 to 40 ms each of the daemon's thread and of
 * another). That is a row of its own.
 */
const AFTERMATH_MS = 10_000;

/** Ms over which an idle daemon's use of the processor is counted. */
const IDLE_MS = { quick: 10_000, full: 60_000 };

export const memory: Family = {
  name: "memory",
  async *measure(bench: Bench): AsyncGenerator<Row> {
    if (Deno.build.os !== "linux") return yield absent("memory", "is counted on Linux only");
    yield* frontEnds(bench);
    for (const { form, program } of formsOf(bench.programs)) yield* daemon(bench, { form, program });
  },
};

async function* frontEnds(bench: Bench): AsyncGenerator<Row> {
  await using home = new BenchHome();
  await using first = await home.connectedHost(bench.programs.source);
  const id = await home.start(first, "nothing");
  const greeted: Record<string, () => Promise<number>> = {};
  const used: Record<string, number[]> = {};
  const own: Record<string, number[]> = {};
  for (const { form, program } of formsOf(bench.programs)) {
    const after = used[form] = new Array<number>();
    const anonymous = own[form] = new Array<number>();
    greeted[form] = async () => {
      await using host = home.host(program);
      await host.initialize();
      await host.request("tools/list");
      await pause(SETTLE_MS);
      const before = residentMb(host.pid);
      await host.call("job_wait", { job_ids: [id] });
      await host.call("job_events", { job_id: id });
      await host.call("job_poll", { job_id: id });
      await pause(SETTLE_MS);
      after.push(residentMb(host.pid));
      anonymous.push(anonymousMb(host.pid));
      return before;
    };
  }
  for (const [form, samples] of Object.entries(await inTurn(greeted, bench.times(9), { warmUps: 0 }))) {
    const budget = form.startsWith("compiled") ? FRONT_END : {};
    yield figure(samples, {
      name: `front-end, resident, greeted and listed (${form})`,
      unit: "MB",
      ...budget,
    });
    yield figure(used[form] ?? [], {
      name: `front-end, resident, after three calls (${form})`,
      unit: "MB",
      ...budget,
    });
    yield figure(own[form] ?? [], {
      name: `front-end, of that without the shared executable (${form})`,
      unit: "MB",
    });
  }
}

async function* daemon(
  bench: Bench,
  { form, program }: { form: string; program: Program },
): AsyncGenerator<Row> {
  await using home = new BenchHome();
  await using host = await home.connectedHost(program);
  // One job first: what the first one loads is not what each costs.
  const first = await home.start(host, "nothing");
  await host.call("job_wait", { job_ids: [first], timeout_seconds: 50 });
  await pause(SETTLE_MS);
  const pid = home.daemon();
  const idle = residentMb(pid);
  const jobs = Array.from({ length: JOBS }, () => home.gatedJob());
  const ids: string[] = [];
  for (const job of jobs) ids.push(await home.start(host, job.prompt));
  await Promise.all(jobs.map((job) => job.born));
  await pause(SETTLE_MS);
  const busy = residentMb(pid);
  const wrappers = ids.map((id) => proportionalMb(wrapperOf(home, id)));
  const wrapper = wrappers.reduce((sum, mb) => sum + mb, 0) / JOBS;
  yield figure([idle], { name: `daemon, resident, no job running (${form})`, unit: "MB" });
  yield figure([busy], {
    name: `daemon, resident, ${JOBS} jobs running (${form})`,
    unit: "MB",
    budget: { median: 120 },
  });
  yield figure([Math.max(0, busy - idle) / JOBS + wrapper], {
    name: `our memory per running job, wrapper included (${form})`,
    unit: "MB",
    budget: { median: 1 },
  });
  yield figure([await percentOfCore(pid, AFTERMATH_MS)], {
    name: `daemon, the ${AFTERMATH_MS / 1_000} s after ${JOBS} jobs have begun (${form})`,
    unit: "% of a core",
  });
  yield figure([await percentOfCore(pid, bench.isQuick ? IDLE_MS.quick : IDLE_MS.full)], {
    name: `idle daemon, ${JOBS} silent jobs running (${form})`,
    unit: "% of a core",
    budget: { median: 1 },
  });
}

/** Of the next `ms`. */
async function percentOfCore(pid: number, ms: number): Promise<number> {
  const before = cpuSeconds(pid);
  await pause(ms);
  return (cpuSeconds(pid) - before) / (ms / 1_000) * 100;
}

function wrapperOf(home: BenchHome, id: string): number {
  return Number.parseInt(Deno.readTextFileSync(`${home.state.home}/jobs/${id}/turns/1/pid`));
}
