/**
 * Benchmark, family `queue`: whether thousands of jobs that wait slow down one that need not.
 *
 * @module
 */
import { BenchHome } from "./bench_home.ts";
import type { Bench } from "./family.ts";
import { figure, ratio, type Row } from "./figure.ts";
import type { McpSession } from "./mcp_session.ts";
import { inTurn, pause, timed } from "./measure.ts";

const FEW = 1;
const MANY = 5_000;

/** Starts under way at once while the queue is filled. */
const AT_ONCE = 100;

const SAME = { median: 1.5 };

type Moment = "started" | "born" | "told" | "listed";

const MOMENTS: readonly (readonly [Moment, string])[] = [
  ["started", "start answered"],
  ["born", "first instruction of a job"],
  ["told", "end of a job told"],
  ["listed", "newest 20 jobs listed"],
];

/** All of them wait for one work tree, in which a job writes; the jobs that are measured only read, elsewhere. */
export async function* besideWaiting(bench: Bench): AsyncGenerator<Row> {
  const samples: Record<string, Record<Moment, number[]>> = {};
  const runs: Record<string, () => Promise<number>> = {};
  await using stack = new AsyncDisposableStack();
  for (const count of [FEW, MANY]) {
    const home = stack.use(new BenchHome());
    const host = stack.use(await home.connectedHost(bench.programs.source));
    await fill(home, host, count);
    const now: Record<Moment, number[]> = { started: [], born: [], told: [], listed: [] };
    samples[count] = now;
    runs[count] = async () => {
      const job = home.watchedJob();
      const began = performance.now();
      const id = await home.start(host, job.prompt);
      now.started.push(performance.now() - began);
      now.born.push(await job.born - began);
      const waited = host.call("job_wait", { job_ids: [id], timeout_seconds: 100 }).then(() =>
        performance.now()
      );
      await pause(30, 130);
      job.open();
      now.told.push(await waited - await job.ended);
      now.listed.push(await timed(() => host.call("job_list", { limit: 20 })));
      return 0;
    };
  }
  const counted = bench.times(40);
  await inTurn(runs, counted);
  const taken = (count: number, moment: Moment) => samples[count]?.[moment].slice(-counted) ?? [];
  for (const [moment, name] of MOMENTS) {
    const [few, many] = [taken(FEW, moment), taken(MANY, moment)];
    const named = `${name}, beside ${MANY.toLocaleString("en")} that wait`;
    yield figure(many, { name: named, unit: "ms" });
    yield figure([ratio(many, few)], { name: `${named}, against ${FEW}`, unit: "times", budget: SAME });
  }
}

async function fill(home: BenchHome, host: McpSession, count: number): Promise<void> {
  const tree = { cwd: home.path("tree"), approval_policy: "full-auto" };
  Deno.mkdirSync(tree.cwd);
  const writer = home.gatedJob();
  await home.start(host, writer.prompt, tree);
  await writer.born;
  for (let begun = 0; begun < count; begun += AT_ONCE) {
    const some = Math.min(AT_ONCE, count - begun);
    await Promise.all(Array.from({ length: some }, () => home.start(host, "nothing", tree)));
  }
}
