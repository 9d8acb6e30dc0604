/**
 * Benchmark, family `start_up`: from the start of a front-end's process to its answers.
 *
 * @module
 */
import { BenchHome } from "./bench_home.ts";
import type { Bench, Family } from "./family.ts";
import { absent, figure, type Row } from "./figure.ts";
import { inTurn } from "./measure.ts";
import { formsOf, type Program } from "./programs.ts";

const INITIALIZE = { median: 100 };

/** What a front-end finds when it starts. */
const CIRCUMSTANCES = ["no daemon", "daemon running"] as const;

export const startUp: Family = {
  name: "start_up",
  async *measure(bench: Bench): AsyncGenerator<Row> {
    const forms = formsOf(bench.programs);
    yield* greetings(bench, forms);
    yield* firstCalls(bench, forms);
    if ("why" in bench.programs.compiled) yield absent("compiled: start-up", bench.programs.compiled.why);
  },
};

type Forms = ReturnType<typeof formsOf>;

/** `initialize`, then `tools/list`, which need no daemon; with and without one in turn. */
async function* greetings(bench: Bench, forms: Forms): AsyncGenerator<Row> {
  await using busy = new BenchHome();
  await using host = await busy.connectedHost(bench.programs.source);
  void host;
  const listed: Record<string, number[]> = {};
  const runs: Record<string, () => Promise<number>> = {};
  for (const { form, program } of forms) {
    for (const circumstance of CIRCUMSTANCES) {
      const name = `${form}, ${circumstance}`;
      const lists = listed[name] = new Array<number>();
      runs[name] = async () => {
        if (circumstance === "daemon running") return await greet(busy, program, lists);
        await using home = new BenchHome();
        return await greet(home, program, lists);
      };
    }
  }
  const greeted = await inTurn(runs, bench.times(30));
  for (const [name, samples] of Object.entries(greeted)) {
    yield figure(samples, { name: `initialize answered (${name})`, unit: "ms", budget: INITIALIZE });
  }
  for (const [name, samples] of Object.entries(listed)) {
    // The warm-ups came first.
    const counted = samples.slice(-(greeted[name]?.length ?? 0));
    yield figure(counted, { name: `tools/list answered (${name})`, unit: "ms" });
  }
}

async function greet(home: BenchHome, program: Program, lists: number[]): Promise<number> {
  await using host = home.host(program);
  await host.initialize();
  const greeted = performance.now() - host.startedAt;
  await host.request("tools/list");
  lists.push(performance.now() - host.startedAt);
  return greeted;
}

/** The first `codex_start` of a session: with no daemon, one has to be started. */
async function* firstCalls(bench: Bench, forms: Forms): AsyncGenerator<Row> {
  await using busy = new BenchHome();
  await using first = await busy.connectedHost(bench.programs.source);
  void first;
  const runs: Record<string, () => Promise<number>> = {};
  for (const { form, program } of forms) {
    runs[`first codex_start answered, front-end and daemon both started (${form})`] = async () => {
      await using home = new BenchHome();
      return await firstStart(home, program);
    };
    runs[`first codex_start answered, front-end started, daemon running (${form})`] = () =>
      firstStart(busy, program);
  }
  for (const [name, samples] of Object.entries(await inTurn(runs, bench.times(15), { warmUps: 1 }))) {
    yield figure(samples, { name, unit: "ms" });
  }
}

async function firstStart(home: BenchHome, program: Program): Promise<number> {
  await using host = home.host(program);
  await host.initialize();
  const id = await home.start(host, "nothing");
  const answered = performance.now() - host.startedAt;
  await host.call("job_wait", { job_ids: [id], timeout_seconds: 50 });
  return answered;
}
