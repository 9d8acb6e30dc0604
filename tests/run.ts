/**
 * The test command: installs the agents that the tests drive, checks the types, runs `deno test` over `tests/`, a few
 * files at a time on each processor, names what took longest, and ends with one plain line, `N passed, N failed`.
 * Arguments choose rooms, or go to one single `deno test`; `--help` tells which.
 *
 * @module
 */
import { messageOf } from "../src/domain/errors.ts";
import { conformanceSuite } from "./conformance/suite.ts";
import { agentExecutable, PRESET_AGENTS, presetInstall, REAL_AGENTS } from "./support/agents.ts";
import { fromFileUrl } from "./support/from_file_url.ts";
import { suiteOf } from "./support/rooms.ts";
import { batchesOf, runInLanes } from "./support/test_batches.ts";
import { readRequest } from "./support/test_request.ts";
import {
  countsOf,
  readDurations,
  readFaults,
  readIgnored,
  readSummary,
  slowestLines,
  type TestSummary,
  verdict,
} from "./support/test_summary.ts";

const TOP = fromFileUrl(new URL("../", import.meta.url));

const SUITE = suiteOf(fromFileUrl(new URL(".", import.meta.url)).replace(/[\\/]$/, ""));

/** Batches at once, at most: each test starts processes of its own. */
const MOST_LANES = 4;

/**
 * Ms for one run of `deno`: ten times what the longest batch takes on an idle machine. A single run of many files has
 * as much for each of them.
 */
const FILE_MS = 20 * 60_000;

/** How many of the slowest tests the end names. */
const SLOWEST = 10;

interface Run {
  readonly code: number;
  readonly output: string;
}

async function main(given: readonly string[]): Promise<number> {
  const request = readRequest(given, SUITE);
  switch (request.kind) {
    case "help":
      await print(request.text);
      return 0;
    case "refused":
      console.error(request.message);
      return 2;
    case "rooms": {
      const { files, options, leftOut } = request;
      if (files.some((file) => SUITE.slow.includes(file))) await installAgents();
      const run = await deno([...TEST, ...options, ...files], { isLive: true, ms: files.length * FILE_MS });
      for (const file of leftOut) await print(`slow, left out: ${file.slice(TOP.length)}\n`);
      return await told([run]);
    }
    case "given":
      await installAgents();
      return await told([await deno([...TEST, ...request.args], { isLive: true, ms: GIVEN_MS })]);
    case "all":
      await installAgents();
      return await told(await runAll());
  }
}

/** Prints the end of these runs. @returns the exit code. */
async function told(runs: readonly Run[]): Promise<number> {
  if (runs.length > 1) {
    for (const { output } of runs) await print(readFaults(output));
    for (const name of runs.flatMap(({ output }) => readIgnored(output))) await print(`not run: ${name}\n`);
  }
  const slowest = slowestLines(runs.flatMap(({ output }) => readDurations(output)), SLOWEST);
  if (slowest.length > 0) await print(`${["slowest tests:", ...slowest].join("\n")}\n`);
  const { line, code } = verdict(runs.map(counted));
  await print(`${line}\n`);
  return code;
}

/** Before the first test, so that no test's own time limit pays for it. */
async function installAgents(): Promise<void> {
  const installs = [
    ...REAL_AGENTS.map((agent) => () => agentExecutable(agent)),
    ...PRESET_AGENTS.map((agent) => () => presetInstall(agent)),
  ];
  for (const install of installs) {
    try {
      await install();
    } catch (error) {
      // The tests that need it fail and say so; the others still count.
      console.error(messageOf(error));
    }
  }
  await conformanceSuite().catch((error) => console.error(messageOf(error)));
}

const TEST = ["test", "-A", "--quiet"];

/** What was given may be the whole suite, one file after the other. */
const GIVEN_MS = SUITE.all.length * FILE_MS;

/** The types once for all, then the tests. */
async function runAll(): Promise<Run[]> {
  const types = await deno(["check", "--quiet", "main.ts", "src", "tests"], { isLive: true, ms: FILE_MS });
  if (types.code !== 0) return [types];
  const quick = SUITE.all.filter((file) => !SUITE.slow.includes(file));
  return await runInLanes([...batchesOf(SUITE.slow, 1), ...batchesOf(quick)], {
    lanes: Math.min(MOST_LANES, navigator.hardwareConcurrency),
    work: (files) => deno([...TEST, "--no-check", ...files], { isLive: false, ms: files.length * FILE_MS }),
  });
}

/**
 * @param options.isLive whether what it prints is shown as it comes, or all of it at the end
 * @param options.ms after which it is killed
 */
async function deno(
  args: readonly string[],
  { isLive, ms }: { isLive: boolean; ms: number },
): Promise<Run> {
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
    console.error(`Killed after ${ms / 60_000} minutes: deno ${args.join(" ")}`);
    child.kill("SIGKILL");
  }, Math.min(ms, LONGEST_TIMER_MS));
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

/** As long as a timer can be set for. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

async function print(text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
}

Deno.exit(await main(Deno.args));
