/**
 * Checks the executable that `AGENT_ASYNC_TEST_EXECUTABLE` names, for `.ci/run`: what it carries with it, and one whole
 * job of the real Codex CLI through its MCP server. Ends with a plain line and exit code 0 or 1.
 *
 * @module
 */
import assert from "node:assert/strict";
import { basename } from "node:path";
import { z } from "zod";
import { EventsPage } from "../../src/service/read_requests.ts";
import { Receipt } from "../../src/service/requests.ts";
import { addFile, shell, text } from "../model/scenario.ts";
import { CodexStage } from "../support/codex_stage.ts";
import { eventually } from "../support/eventually.ts";
import { exists } from "../support/exists.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { hasProgram } from "../support/has_program.ts";
import { daemonPid, runProgram } from "../support/program.ts";
import { makeStateHome } from "../support/state_home.ts";

const MAX_BYTES = 125_000_000;

/** Ms for one command: it takes less than one second. */
const PATIENCE_MS = 120_000;

/** Strings of the tests that no file under `src/` has. */
const TEST_MARKS = [
  // What fast-check is made with; its own name stands in the manifest.
  "pure-rand",
  "agent-async-tests",
  "[[scenario ",
  "the scripted model",
];

const Graph = z.object({
  modules: z.array(z.object({ specifier: z.string() })),
  npmPackages: z.record(z.string(), z.object({ name: z.string() })),
});
const Manifest = z.object({ version: z.string(), imports: z.record(z.string(), z.string()) });

const TOP = fromFileUrl(new URL("../../", import.meta.url));

/** Nothing but the program: no module outside of `main.ts` and `src/`, no agent, not too large. */
async function checkContents(executable: string): Promise<void> {
  const { size } = Deno.statSync(executable);
  assert.ok(size <= MAX_BYTES, `${size} bytes are more than ${MAX_BYTES}`);
  const bytes = await Deno.readFile(executable);
  const content = new TextDecoder("latin1").decode(bytes);
  assert.deepEqual(TEST_MARKS.filter((mark) => content.includes(mark)), []);

  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "main.ts"],
    cwd: TOP,
  }).output();
  const graph = Graph.parse(JSON.parse(new TextDecoder().decode(stdout)));
  const own = new RegExp("^(?:npm|node):|/(?:main\\.ts|deno\\.json|src/.+)$");
  assert.deepEqual(graph.modules.map(({ specifier }) => specifier).filter((name) => !own.test(name)), []);
  const packages = Object.values(graph.npmPackages).map(({ name }) => name);
  assert.deepEqual(packages.filter((name) => /^@(?:openai|google|anthropic-ai)\//.test(name)), []);
  say(`${(size / 1e6).toFixed(1)} MB, no agent and no test in it`);
}

async function checkJob(executable: string): Promise<void> {
  await using stage = await CodexStage.set();
  const { host, state, model } = stage;
  const { version } = Manifest.parse(JSON.parse(Deno.readTextFileSync(`${TOP}/deno.json`)));
  assert.deepEqual(host.mcp.client.getServerVersion()?.version, version);
  assert.match(
    (await runProgram(state, ["version"])).stdout,
    new RegExp(`\\b${version.replaceAll(".", "\\.")}\\b`),
  );

  model.script("work", [shell("echo ran"), addFile("made.txt", "made\n"), text("All done.")]);
  Deno.writeTextFileSync(`${state.cwd}/notes.txt`, "kept\n");
  Deno.writeTextFileSync(`${state.cwd}/.cursorrules`, "Be brief.\n");
  const id = await host.start("Work. [[scenario work]]", { context_files: ["notes.txt"] });
  const job = await host.ended(id);
  assert.deepEqual(
    [job.status, job.reason, job.exit_code, job.result, job.commands_run, job.files_changed],
    ["done", "completed", 0, "All done.", 1, [`${state.cwd}/made.txt`]],
    job.output,
  );
  assert.equal(job.usage.total_tokens, 330);
  assert.equal(stage.file("made.txt"), "made\n");
  const prompt = Deno.readTextFileSync(`${state.home}/jobs/${id}/turns/1/prompt.md`);
  assert.match(prompt, /^Follow the rules .*\n<rules path="\.cursorrules">\nBe brief\.\n<\/rules>\n/);
  assert.ok(prompt.endsWith('<file path="notes.txt">\nkept\n</file>'), prompt);
  const { events } = await host.call("job_events", { job_id: id }, EventsPage);
  assert.deepEqual(events.map(({ seq }) => seq), events.map((_, n) => n + 1));
  const actions = events.filter(({ type }) => /^(?:command|file_change|message)$/.test(type));
  assert.deepEqual(actions.map(({ type, state }) => [type, state]), [
    ["command", "started"],
    ["command", "completed"],
    ["file_change", "started"],
    ["file_change", "completed"],
    ["message", undefined],
  ]);
  say(`a job of the real Codex CLI: ${events.length} events, "${job.result}"`);

  await host.call("job_reply", { job_id: id, prompt: "Go on." }, Receipt.pick({ job_id: true }));
  const replied = await host.ended(id);
  assert.deepEqual([replied.status, replied.turn, replied.session_id], ["done", 2, job.session_id]);
  say("a reply in the same session");

  const daemon = daemonPid(state);
  assert.equal(Deno.readLinkSync(`/proc/${daemon}/exe`), Deno.realPathSync(executable));
  say(`daemon and front-end are this executable; the daemon takes ${megabytes(daemon)} MB`);
  assert.deepEqual(host.mcp.strayLines, []);
}

/**
 * Nothing is read, loaded or left at a name in the temporary directory: whoever may write there first (another user, an
 * agent in a sandbox) could otherwise hand the program its code. The name is that of Deno's code cache; a pipe in its
 * place lets nobody go on who opens it.
 */
async function checkTemporaryDirectory(executable: string): Promise<void> {
  await using state = makeStateHome();
  const temporary = `${state.cwd}/temporary`;
  Deno.mkdirSync(temporary);
  const cache = `deno-compile-${basename(executable)}.cache`;
  await run(["mkfifo", `${temporary}/${cache}`]);
  const env = { ...state.env, TMPDIR: temporary, TMP: temporary, TEMP: temporary };
  const traces = `${state.cwd}/traces`;
  const isTraced = hasProgram("strace");
  const traced = isTraced ? ["strace", "-f", "-A", "-e", "trace=file", "-o", traces] : [];
  const runSelf = (args: readonly string[]) => run([...traced, executable, ...args], env);
  // In the foreground: strace ends when all have ended that it looks at.
  const daemon = runSelf(["daemon", "run"]);
  await Promise.race([
    daemon,
    eventually(() => exists(`${state.home}/daemon.sock`), { what: "a daemon", timeoutMs: PATIENCE_MS }),
  ]);
  for (const args of [["version"], ["mcp"], ["list"], ["daemon", "stop"]]) await runSelf(args);
  await daemon;
  assert.deepEqual([...Deno.readDirSync(temporary)].map(({ name }) => name), [cache]);
  if (!isTraced) {
    return say("nothing is left in the temporary directory (no strace here to see what is read)");
  }
  const calls = Deno.readTextFileSync(traces).split("\n");
  assert.ok(calls.some((call) => call.includes(`${state.home}/queue.db`)), "the daemon was not traced");
  assert.deepEqual(calls.filter((call) => call.includes(temporary)), []);
  say(`nothing is read from or left in the temporary directory, in ${calls.length} calls`);
}

/** Runs it to its end, which must come within {@link PATIENCE_MS}. */
async function run(command: readonly string[], env: Record<string, string> = {}): Promise<void> {
  const [program = "", ...args] = command;
  const { code, stderr } = await new Deno.Command(program, {
    args,
    env: { PATH: Deno.env.get("PATH") ?? "", ...env },
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).output();
  assert.equal(code, 0, `${command.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

function megabytes(pid: number | null): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1];
  return Math.round(Number(kib) / 1000);
}

function say(line: string): void {
  console.log(`  ${line}`);
}

const executable = Deno.env.get("AGENT_ASYNC_TEST_EXECUTABLE");
if (executable === undefined) throw new Error("AGENT_ASYNC_TEST_EXECUTABLE names no executable.");
try {
  await checkContents(executable);
  await checkTemporaryDirectory(executable);
  await checkJob(executable);
  console.log("compiled executable: passed");
} catch (error) {
  console.log(error instanceof Error ? error.stack ?? error.message : error);
  console.log("compiled executable: failed");
  Deno.exit(1);
}
