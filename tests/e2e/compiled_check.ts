/**
 * Checks the executable that `AGENT_ASYNC_TEST_EXECUTABLE` names, for `.ci/run`: what it carries with it, and one whole
 * job of the real Codex CLI through its MCP server. Ends with a plain line and exit code 0 or 1.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { EventsPage, Receipt } from "../../src/service/requests.ts";
import { addFile, shell, text } from "../model/scenario.ts";
import { CodexStage } from "../support/codex_stage.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { daemonPid, runProgram } from "../support/program.ts";

const MAX_BYTES = 125_000_000;

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
  await checkJob(executable);
  console.log("compiled executable: passed");
} catch (error) {
  console.log(error instanceof Error ? error.stack ?? error.message : error);
  console.log("compiled executable: failed");
  Deno.exit(1);
}
