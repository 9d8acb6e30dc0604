/**
 * Benchmark, family `peers`: what else there is for the same work, in the same run and in turn with us. One that
 * cannot be had is named as such.
 *
 * @module
 */
import { BenchHome } from "./bench_home.ts";
import type { Bench, Family } from "./family.ts";
import { absent, figure, ratio, type Row } from "./figure.ts";
import { inTurn, pause } from "./measure.ts";
import { McpSession, type McpSessionOptions } from "./mcp_session.ts";
import { bareJobs } from "./bare_jobs.ts";
import { PUBLISHED, type PublishedServer } from "./published_servers.ts";
import { formsOf } from "./programs.ts";

/** Ms until a server has done what it does after an answer. */
const SETTLE_MS = 500;

export const peers: Family = {
  name: "peers",
  async *measure(bench: Bench): AsyncGenerator<Row> {
    yield* jobs(bench);
    yield* servers(bench);
  },
};

/** The way from asking for a job to its first instruction, and from its end to being told. */
async function* jobs(bench: Bench): AsyncGenerator<Row> {
  await using home = new BenchHome();
  await using host = await home.connectedHost(bench.programs.source);
  const ways = {
    ...bareJobs(home),
    "agent-async": async () => {
      const job = home.watchedJob();
      const began = performance.now();
      const id = await home.start(host, job.prompt);
      const toBorn = await job.born - began;
      const told = host.call("job_wait", { job_ids: [id], timeout_seconds: 50 }).then(() =>
        performance.now()
      );
      await pause(30, 130);
      job.open();
      return { toBorn, toTold: await told - await job.ended };
    },
  };
  const told: Record<string, number[]> = {};
  const runs: Record<string, () => Promise<number>> = {};
  for (const [name, run] of Object.entries(ways)) {
    const all = told[name] = new Array<number>();
    runs[name] = async () => {
      const { toBorn, toTold } = await run();
      all.push(toTold);
      return toBorn;
    };
  }
  const born = await inTurn(runs, bench.times(30));
  const floor = born["spawned directly"] ?? [];
  for (const [name, samples] of Object.entries(born)) {
    yield figure(samples, { name: `start to the agent's first instruction: ${name}`, unit: "ms" });
    if (samples !== floor) {
      yield figure([ratio(samples, floor)], {
        name: `start to the agent's first instruction: ${name}, against the floor`,
        unit: "times",
      });
    }
  }
  for (const [name, samples] of Object.entries(told)) {
    const counted = samples.slice(-(born[name]?.length ?? 0));
    yield figure(counted, { name: `end of the agent to being told: ${name}`, unit: "ms" });
  }
}

/** MCP servers for the same purpose: from their start to the answer to `initialize`, and what they keep in memory. */
async function* servers(bench: Bench): AsyncGenerator<Row> {
  await using home = new BenchHome();
  const ours = formsOf(bench.programs).map(({ form, program }) => ({
    name: `agent-async (${form})`,
    command: [...program, "mcp"],
  }));
  const named = Object.entries(bench.peers).map(([name, command]) => ({ name, command }));
  const found: { name: string; command: readonly string[] }[] = [...ours, ...named];
  for (const server of PUBLISHED.filter(({ name }) => bench.peers[name] === undefined)) {
    const command = await install(server);
    if ("why" in command) yield absent(`server: ${server.name}`, command.why);
    else found.push({ name: server.name, command });
  }
  const memory: Record<string, number[]> = {};
  const runs: Record<string, () => Promise<number>> = {};
  // Theirs need what is beside the machine's agents, such as the runtime that they are written for.
  const env = { ...home.env, PATH: `${home.env.PATH}:${Deno.env.get("PATH") ?? ""}` };
  for (const { name, command } of found) {
    const why = await whyUnusable({ command, env, cwd: home.state.cwd });
    if (why !== null) {
      yield absent(`server: ${name}`, why);
      continue;
    }
    const resident = memory[name] = new Array<number>();
    runs[name] = async () => {
      await using host = new McpSession({ command, env, cwd: home.state.cwd });
      await host.initialize();
      const greeted = performance.now() - host.startedAt;
      await host.request("tools/list");
      await pause(SETTLE_MS);
      if (Deno.build.os === "linux") resident.push(host.memoryMb());
      return greeted;
    };
  }
  const greeted = await inTurn(runs, bench.times(15), { warmUps: 1 });
  for (const [name, samples] of Object.entries(greeted)) {
    yield figure(samples, { name: `server, initialize answered: ${name}`, unit: "ms" });
  }
  for (const [name, samples] of Object.entries(memory)) {
    if (samples.length === 0) yield absent(`server, resident: ${name}`, "memory is counted on Linux only");
    else yield figure(samples, { name: `server, resident: ${name}`, unit: "MB" });
  }
}

/** `null` for one that answers. */
async function whyUnusable(options: McpSessionOptions): Promise<string | null> {
  try {
    await using host = new McpSession(options);
    await host.initialize();
    return null;
  } catch (error) {
    const cause = error instanceof SuppressedError ? error.suppressed : error;
    return `it does not answer: ${cause instanceof Error ? cause.message : cause}`;
  }
}

async function install(server: PublishedServer): Promise<readonly string[] | { why: string }> {
  try {
    return await server.install();
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
}
