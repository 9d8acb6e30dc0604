/**
 * Benchmark, family `queue`: many short jobs through few slots, single jobs beside a direct spawn of the same agent (both
 * also with 1,000 other processes on the machine), and single jobs beside 5,000 that wait. What is compared takes turns in one run.
 *
 * @module
 */
import { bareJobs, type JobTimes } from "./bare_jobs.ts";
import { BenchHome } from "./bench_home.ts";
import { besideWaiting } from "./beside_waiting.ts";
import type { Bench, Family } from "./family.ts";
import { absent, figure, ratio, type Row } from "./figure.ts";
import type { McpSession } from "./mcp_session.ts";
import { inTurn, pause } from "./measure.ts";
import { OtherProcesses } from "./other_processes.ts";
import { mainThreadMs } from "./process_figures.ts";
import { formsOf } from "./programs.ts";

const JOBS = 200;
const SLOTS = 4;
const JOB_MS = 50;
const IDEAL_MS = JOBS * JOB_MS / SLOTS;

const OTHERS = 1_000;

export const queue: Family = {
  name: "queue",
  async *measure(bench: Bench): AsyncGenerator<Row> {
    // Nothing is removed before the end: for minutes after thousands of files are, some file systems look for a free inode
    // at length, and each file that a job makes takes twice the CPU.
    await using homes = new AsyncDisposableStack();
    yield* shortJobs(bench, homes, "");
    yield* singleJobs(bench, homes, "");
    yield* besideOthers(bench, homes);
    yield* besideWaiting(bench);
  },
};

async function* besideOthers(bench: Bench, homes: AsyncDisposableStack): AsyncGenerator<Row> {
  const beside = `, beside ${OTHERS} other processes`;
  await using others = new OtherProcesses(OTHERS);
  const why = await others.whyMissing();
  if (why !== null) return yield absent(`the same${beside}`, why);
  yield* shortJobs(bench, homes, beside);
  yield* singleJobs(bench, homes, beside);
}

/** From the first start to the end of the last job, all starts at once. */
async function* shortJobs(bench: Bench, homes: AsyncDisposableStack, where: string): AsyncGenerator<Row> {
  const runs: Record<string, () => Promise<number>> = {};
  const cpu: Record<string, number[]> = {};
  for (const { form, program } of formsOf(bench.programs)) {
    const home = homes.use(new BenchHome({ config: { limits: { total: SLOTS } } }));
    const host = homes.use(await home.connectedHost(program));
    const perJob = cpu[form] = new Array<number>();
    runs[form] = async () => {
      const before = mainThreadMs(home.daemon());
      const began = performance.now();
      const starts = Array.from({ length: JOBS }, () => home.start(host, `sleep ${JOB_MS / 1_000}`));
      await host.call("job_wait", { job_ids: await Promise.all(starts), mode: "all", timeout_seconds: 100 });
      const ms = performance.now() - began;
      if (before !== null) perJob.push(((mainThreadMs(home.daemon()) ?? 0) - before) / JOBS);
      return ms / IDEAL_MS;
    };
  }
  const name = `${JOBS} jobs of ${JOB_MS} ms through ${SLOTS} slots${where}`;
  for (const [form, samples] of Object.entries(await inTurn(runs, bench.times(8), { warmUps: 1 }))) {
    yield figure(samples, {
      name: `${name}, against the ideal ${IDEAL_MS / 1_000} s (${form})`,
      unit: "times",
      budget: { median: 1.5 },
    });
    const counted = (cpu[form] ?? []).slice(-samples.length);
    const cost = `${name}: CPU of the daemon's thread for each (${form})`;
    if (counted.length === 0) yield absent(cost, "the CPU of a thread is counted on Linux only");
    else yield figure(counted, { name: cost, unit: "ms", budget: { median: 5 } });
  }
}

/** One after the other, from the call to the first instruction, and from the end to being told. */
async function* singleJobs(bench: Bench, homes: AsyncDisposableStack, where: string): AsyncGenerator<Row> {
  const direct = homes.use(new BenchHome());
  const ways: Record<string, () => Promise<JobTimes>> = {
    "spawned directly": bareJobs(direct)["spawned directly"]!,
  };
  for (const { form, program } of formsOf(bench.programs)) {
    const home = homes.use(new BenchHome());
    const host = homes.use(await home.connectedHost(program));
    ways[form] = () => started(home, host);
  }
  const told: Record<string, number[]> = {};
  const runs: Record<string, () => Promise<number>> = {};
  for (const [form, run] of Object.entries(ways)) {
    const all = told[form] = new Array<number>();
    runs[form] = async () => {
      const { toBorn, toTold } = await run();
      all.push(toTold);
      return toBorn;
    };
  }
  const born = await inTurn(runs, bench.times(40));
  const floor = born["spawned directly"] ?? [];
  for (const [form, samples] of Object.entries(born)) {
    const isOurs = samples !== floor;
    yield figure(samples, {
      name: `first instruction of a job${where} (${form})`,
      unit: "ms",
      ...(isOurs ? { budget: { median: 10 } } : {}),
    });
    if (isOurs) {
      yield figure([ratio(samples, floor)], {
        name: `first instruction of a job${where}, against a direct spawn (${form})`,
        unit: "times",
        budget: { median: 3.5 },
      });
    }
    yield figure((told[form] ?? []).slice(-samples.length), {
      name: `end of a job told${where} (${form})`,
      unit: "ms",
      ...(isOurs ? { budget: { median: 5, p95: 15 } } : {}),
    });
  }
}

async function started(home: BenchHome, host: McpSession): Promise<JobTimes> {
  const job = home.watchedJob();
  const began = performance.now();
  const id = await home.start(host, job.prompt);
  const toBorn = await job.born - began;
  const told = host.call("job_wait", { job_ids: [id], timeout_seconds: 50 }).then(() => performance.now());
  await pause(30, 130);
  job.open();
  return { toBorn, toTold: await told - await job.ended };
}
