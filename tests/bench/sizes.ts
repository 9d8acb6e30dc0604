/**
 * Benchmark, family `sizes`: what a model has to read, and what a person has to download.
 *
 * @module
 */
import { BenchHome } from "./bench_home.ts";
import type { Bench, Family } from "./family.ts";
import { absent, figure, type Row } from "./figure.ts";
import { writeCodexLines } from "./codex_lines.ts";
import { z } from "zod";

/** Other agents, as far as being found needs it. */
const OTHER_AGENTS = {
  "cursor-agent": "2026.10.01-abc1234",
  gemini: "0.61.0",
  claude: "2.1.197 (Claude Code)",
};

const Definition = z.object({ name: z.string(), description: z.string(), inputSchema: z.unknown() });

const Texts = z.object({
  content: z.array(z.object({ text: z.string() })),
  structuredContent: z.unknown(),
});

export const sizes: Family = {
  name: "sizes",
  async *measure(bench: Bench): AsyncGenerator<Row> {
    yield* definitions(bench);
    yield* conversation(bench);
    yield* delegation(bench);
    const { compiled } = bench.programs;
    if ("why" in compiled) return yield absent("executable", compiled.why);
    const megabytes = Deno.statSync(compiled[0]).size / 1_000_000;
    yield figure([megabytes], { name: "executable", unit: "MB", budget: { median: 125 } });
  },
};

async function* definitions(bench: Bench): AsyncGenerator<Row> {
  const others = Deno.makeTempDirSync({ prefix: "agent-async-bench-" });
  try {
    for (const [name, version] of Object.entries(OTHER_AGENTS)) {
      Deno.writeTextFileSync(`${others}/${name}`, `#!/bin/sh\necho '${version}'\n`, { mode: 0o755 });
    }
    const cases = [
      { who: "Codex alone", budget: 12_000, agents: [] },
      { who: "all four agents", budget: 14_000, agents: [others] },
    ];
    for (const { who, budget, agents } of cases) {
      await using home = new BenchHome({ agents });
      await using host = home.host(bench.programs.source);
      const { instructions } = await host.initialize();
      const { tools } = await host.request("tools/list");
      const definitions = z.array(Definition).parse(tools);
      yield figure([definitions.reduce((sum, tool) => sum + JSON.stringify(tool).length, 0)], {
        name: `definitions of the default tools, ${who}`,
        unit: "characters",
        note: "name, description and input schema: what a model reads",
        budget: { median: budget },
      });
      if (agents.length > 0) continue;
      for (const tool of definitions) {
        yield figure([JSON.stringify(tool).length], {
          name: `definition of ${tool.name}`,
          unit: "characters",
        });
      }
      yield figure([String(instructions).length], {
        name: "instructions of the server",
        unit: "characters",
        budget: { median: 1_200 },
      });
    }
  } finally {
    Deno.removeSync(others, { recursive: true });
  }
}

/** What a model pays for one delegated task: the receipt, and the wait that brings an answer of 200 characters. */
async function* delegation(bench: Bench): AsyncGenerator<Row> {
  await using home = new BenchHome();
  await using host = await home.connectedHost(bench.programs.source);
  const started = await host.call("codex_start", {
    prompt: `say ${"answer ".repeat(29).slice(0, 200)}\n`,
    cwd: home.state.cwd,
  });
  const id = z.object({ job_id: z.string() }).parse(started.structuredContent).job_id;
  const waited = await host.call("job_wait", { job_ids: [id] });
  const sizes = [started, waited].map((answer) => JSON.stringify(answer.structuredContent).length);
  yield figure([sizes.reduce((sum, size) => sum + size, 0)], {
    name: "a delegated task: receipt and one wait, an answer of 200 characters, structured",
    unit: "characters",
    budget: { median: 1_200 },
  });
}

/** `codex_start`, `job_wait` and a first page of `job_events` of a job that did 30 things. */
async function* conversation(bench: Bench): AsyncGenerator<Row> {
  await using home = new BenchHome();
  await using host = await home.connectedHost(bench.programs.source);
  const source = home.path("output.jsonl");
  writeCodexLines(source, { bytes: 1 });
  const prompt = `print ${source}\n`;
  const answers = [];
  const started = await host.call("codex_start", { prompt, cwd: home.state.cwd });
  answers.push(started);
  const id = z.object({ job_id: z.string() }).parse(started.structuredContent).job_id;
  answers.push(await host.call("job_wait", { job_ids: [id] }), await host.call("job_events", { job_id: id }));
  const texts = answers.map((answer) => Texts.parse(answer));
  const sum = (sizeOf: (answer: z.infer<typeof Texts>) => number) => {
    return texts.reduce((total, answer) => total + sizeOf(answer), 0);
  };
  yield figure([sum((answer) => answer.content.reduce((size, { text }) => size + text.length, 0))], {
    name: "start, wait, read: the answers as text",
    unit: "characters",
  });
  yield figure([sum((answer) => JSON.stringify(answer.structuredContent).length)], {
    name: "start, wait, read: the answers as structured content",
    unit: "characters",
  });
}
