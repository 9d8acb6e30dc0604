/**
 * Benchmark, family `talks`: from what an agent asks to whoever waits for it, and from an answer back to the agent.
 *
 * @module
 */
import { z } from "zod";
import { fromFileUrl } from "../support/from_file_url.ts";
import { BenchHome } from "./bench_home.ts";
import type { Bench, Family } from "./family.ts";
import { absent, figure, type Row } from "./figure.ts";
import type { McpSession } from "./mcp_session.ts";
import { pause } from "./measure.ts";
import { formsOf, type Program } from "./programs.ts";

const AGENT = fromFileUrl(new URL("../fixtures/agents/asking/claude.js", import.meta.url));

/** Questions before the first that counts. */
const WARM_UPS = 2;

const Waited = z.object({
  structuredContent: z.object({
    asking: z.array(z.object({
      questions: z.array(z.object({ question_id: z.string(), detail: z.string() })),
    })).optional(),
  }),
});

const Events = z.object({
  structuredContent: z.object({ events: z.array(z.object({ text: z.string() })) }),
});

export const talks: Family = {
  name: "talks",
  async *measure(bench: Bench): AsyncGenerator<Row> {
    for (const { form, program } of formsOf(bench.programs)) yield* talk(bench, form, program);
    if ("why" in bench.programs.compiled) yield absent("compiled: talks", bench.programs.compiled.why);
  },
};

/** One job that asks one thing after the other, and a host that waits for each and answers it. */
async function* talk(bench: Bench, form: string, program: Program): AsyncGenerator<Row> {
  const bin = Deno.makeTempDirSync({ prefix: "agent-async-bench-" });
  const words = `DENO_DIR='${bin}/cache' exec '${Deno.execPath()}' run -A --no-check '${AGENT}' "$@"`;
  Deno.writeTextFileSync(`${bin}/claude`, `#!/bin/sh\n${words}\n`);
  Deno.chmodSync(`${bin}/claude`, 0o755);
  try {
    await using home = new BenchHome({ agents: [bin] });
    await using host = await home.connectedHost(program);
    const count = bench.times(40) + WARM_UPS;
    const steps = Array.from({ length: count }, (_, nth) => `do timed q${nth}\ndo sleep 60`);
    const prompt = ["Talk.", ...steps].join("\n");
    const job = { approval_policy: "ask", agent: "claude" };
    const id = await start(host, { prompt, cwd: home.state.cwd, ...job });
    const toWaiter: number[] = [];
    const answered: number[] = [];
    for (let nth = 0; nth < count; nth++) {
      const { question_id, detail } = await asked(host, id, nth);
      toWaiter.push(now() - Number(/ ([\d.]+)/.exec(detail.slice(detail.indexOf(`q${nth}`)))?.[1]));
      await pause(30, 130);
      answered.push(now());
      await host.call("job_answer", { job_id: id, question_id, option: "allow" });
    }
    await host.call("job_wait", { job_ids: [id], timeout_seconds: 50 });
    const read = await moments(host, id);
    yield figure(toWaiter.slice(WARM_UPS), {
      name: `question of an agent to job_wait answered (${form})`,
      unit: "ms",
      budget: { median: 25 },
    });
    yield figure(answered.map((at, nth) => (read[nth] ?? NaN) - at).slice(WARM_UPS), {
      name: `job_answer called to the answer read by the agent (${form})`,
      unit: "ms",
      budget: { median: 25 },
    });
  } finally {
    Deno.removeSync(bin, { recursive: true });
  }
}

async function start(host: McpSession, args: Record<string, unknown>): Promise<string> {
  const answer = await host.call("job_start", args);
  return z.object({ structuredContent: z.object({ job_id: z.string() }) }).parse(answer).structuredContent
    .job_id;
}

/** The question with this number, as soon as a wait tells of it. */
async function asked(
  host: McpSession,
  id: string,
  nth: number,
): Promise<{ question_id: string; detail: string }> {
  for (;;) {
    const answer = Waited.parse(await host.call("job_wait", { job_ids: [id], timeout_seconds: 50 }));
    const open = answer.structuredContent.asking?.flatMap(({ questions }) => questions) ?? [];
    const wanted = open.find(({ question_id }) => question_id === `1-q${nth}`);
    if (wanted !== undefined) return wanted;
  }
}

/** When the agent read each answer, in order. */
async function moments(host: McpSession, id: string): Promise<number[]> {
  const args = { job_id: id, limit: 500, types: ["message"] };
  const { structuredContent: { events } } = Events.parse(await host.call("job_events", args));
  return events.flatMap(({ text }) => Number(/q\d+ ([\d.]+)/.exec(text)?.[1] ?? NaN));
}

/** Epoch ms, with its fractions: the agent's clock is the same. */
function now(): number {
  return performance.timeOrigin + performance.now();
}
