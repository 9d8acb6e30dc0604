/**
 * The test command: installs the agents that the tests drive, checks the types, runs `deno test` over `tests/`, a few
 * files at a time on each processor, and ends with one plain line, `N passed, N failed`. Arguments go to one single
 * `deno test`: `deno task test tests/domain --filter usage`.
 *
 * @module
 */
import { agentExecutable, REAL_AGENTS } from "./support/agents.ts";
import { fromFileUrl } from "./support/from_file_url.ts";
import { batchesOf, runInLanes, testFiles } from "./support/test_batches.ts";
import {
  countsOf,
  readFaults,
  readIgnored,
  readSummary,
  type TestSummary,
  verdict,
} from "./support/test_summary.ts";

const TOP = fromFileUrl(new URL("../", import.meta.url));

/** Batches at once, at most: each test starts processes of its own. */
const MOST_LANES = 4;

/** Ms for one run of `deno`; the longest batch takes a minute on an idle machine, the whole suite ten. */
const RUN_MS = 30 * 60_000;

interface Run {
  readonly code: number;
  readonly output: string;
}

async function main(given: readonly string[]): Promise<number> {
  await installAgents();
  const runs = given.length > 0 ? [await deno([...TEST, ...given], { isLive: true })] : await runAll();
  if (runs.length > 1) {
    for (const { output } of runs) await print(readFaults(output));
    for (const name of runs.flatMap(({ output }) => readIgnored(output))) await print(`not run: ${name}\n`);
  }
  const { line, code } = verdict(runs.map(counted));
  await print(`${line}\n`);
  return code;
}

/** Before the first test, so that no test's own time limit pays for it. */
async function installAgents(): Promise<void> {
  for (const agent of REAL_AGENTS) {
    try {
      await agentExecutable(agent);
    } catch (error) {
      // The tests that need it fail and say so; the others still count.
      console.error(error instanceof Error ? error.message : error);
    }
  }
}

const TEST = ["test", "-A", "--quiet"];

/** The types once for all, then the tests. */
async function runAll(): Promise<Run[]> {
  const types = await deno(["check", "--quiet", "main.ts", "src", "tests"], { isLive: true });
  if (types.code !== 0) return [types];
  return await runInLanes(batchesOf(testFiles(`${TOP}tests`)), {
    lanes: Math.min(MOST_LANES, navigator.hardwareConcurrency),
    work: (files) => deno([...TEST, "--no-check", ...files], { isLive: false }),
  });
}

/** @param options.isLive whether what it prints is shown as it comes, or all of it at the end */
async function deno(args: readonly string[], { isLive }: { isLive: boolean }): Promise<Run> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: TOP,
    env: testEnvironment(),
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: isLive ? "inherit" : "piped",
  }).spawn();
  const late = setTimeout(() => {
    console.error(`Killed after ${RUN_MS / 60_000} minutes: deno ${args.join(" ")}`);
    child.kill("SIGKILL");
  }, RUN_MS);
  const complaints = isLive ? "" : new Response(child.stderr).text();
  let output = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += text;
    if (isLive) await print(text);
  }
  const { code } = await child.status;
  clearTimeout(late);
  if (!isLive) await print(output + await complaints);
  return { code, output };
}

function counted({ code, output }: Run): TestSummary {
  return countsOf(readSummary(output), code);
}

/** Without what an agent-async around this run, or a person's own settings of it, would change. */
function testEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(Deno.env.toObject()).filter(([name]) => !name.startsWith("AGENT_ASYNC_")),
  );
}

async function print(text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
}

Deno.exit(await main(Deno.args));
