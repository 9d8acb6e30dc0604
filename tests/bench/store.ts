/**
 * Benchmark, family `store`: whether a store of very many jobs is slower than one of few.
 *
 * @module
 */
import { BenchHome } from "./bench_home.ts";
import type { Bench, Family } from "./family.ts";
import { absent, figure, ratio, type Row } from "./figure.ts";
import { inTurn, timed } from "./measure.ts";
import type { McpSession } from "./mcp_session.ts";
import { installStore } from "./stores.ts";

/** As many as a list shows: a list of none would be quicker for no merit of its own. */
const FEW = 20;
const MANY = [100_000, 1_000_000] as const;

const BUDGET = { median: 10 };
const SAME = { median: 1.5 };

interface Sized {
  jobs: number;
  home: BenchHome;
  host: McpSession;
}

export const store: Family = {
  name: "store",
  async *measure(bench: Bench): AsyncGenerator<Row> {
    await using stack = new AsyncDisposableStack();
    const stores: Sized[] = [];
    for (const jobs of [FEW, ...bench.isQuick ? MANY.slice(0, 1) : MANY]) {
      // Nothing is ever too old or too large here.
      const home = stack.use(new BenchHome({ config: { retention: { days: 36_500, bytes: 2 ** 50 } } }));
      await installStore(jobs, databaseOf(home));
      const host = stack.use(home.host(bench.programs.source));
      await host.initialize();
      // The way to the daemon is loaded by a first call, which would look like a slow daemon.
      await host.call("job_list", { limit: 1 });
      stores.push({ jobs, home, host });
    }
    yield* sizesOf(stores);
    yield* startUps(bench, stores);
    yield* calls(bench, stores);
    if (bench.isQuick) yield absent("store of 1,000,000 jobs", "left out by --quick");
  },
};

async function* sizesOf(stores: readonly Sized[]): AsyncGenerator<Row> {
  for (const { jobs, home } of stores) {
    yield figure([Deno.statSync(databaseOf(home)).size / 1_000_000], {
      name: `size of a store of ${named(jobs)}`,
      unit: "MB",
    });
  }
}

/** A front-end that finds no daemon: until its next call is answered by a new one. */
async function* startUps(bench: Bench, stores: readonly Sized[]): AsyncGenerator<Row> {
  const runs: Record<string, () => Promise<number>> = {};
  for (const { jobs, home, host } of stores) {
    runs[`daemon started and first call answered, ${named(jobs)}`] = async () => {
      await home.stopDaemon();
      return await timed(() => host.call("job_list", { limit: 1 }));
    };
  }
  for (const { jobs, home, host } of stores.filter(({ jobs }) => jobs !== FEW)) {
    runs[`the same after a crash, so that the store is checked whole, ${named(jobs)}`] = async () => {
      await home.stopDaemon();
      Deno.removeSync(`${databaseOf(home)}.clean`);
      return await timed(() => host.call("job_list", { limit: 1 }));
    };
  }
  for (const [name, samples] of Object.entries(await inTurn(runs, bench.times(9), { warmUps: 1 }))) {
    yield figure(samples, { name, unit: "ms" });
  }
}

async function* calls(bench: Bench, stores: readonly Sized[]): AsyncGenerator<Row> {
  const lists: Record<string, () => Promise<number>> = {};
  const starts: Record<string, () => Promise<number>> = {};
  for (const { jobs, home, host } of stores) {
    lists[named(jobs)] = () => timed(() => host.call("job_list", { limit: 20 }));
    starts[named(jobs)] = async () => {
      let id = "";
      const ms = await timed(async () => id = await home.start(host, "nothing"));
      await host.call("job_wait", { job_ids: [id], timeout_seconds: 50 });
      return ms;
    };
  }
  yield* compared("newest 20 of", await inTurn(lists, bench.times(60)));
  yield* compared("codex_start answered among", await inTurn(starts, bench.times(40)));
}

async function* compared(what: string, samples: Record<string, number[]>): AsyncGenerator<Row> {
  const few = samples[named(FEW)] ?? [];
  for (const [name, taken] of Object.entries(samples)) {
    yield figure(taken, { name: `${what} ${name}`, unit: "ms", budget: BUDGET });
    if (taken === few) continue;
    yield figure([ratio(taken, few)], {
      name: `${what} ${name}, against ${named(FEW)}`,
      unit: "times",
      budget: SAME,
    });
  }
}

function databaseOf(home: BenchHome): string {
  return `${home.state.home}/queue.db`;
}

function named(jobs: number): string {
  return `${jobs.toLocaleString("en")} jobs`;
}
