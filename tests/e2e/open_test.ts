/** `open`: a job's session in the agent's own program, at a real terminal. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { eventually } from "../support/eventually.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { hostEnvironment, killDaemon, programCommand, runProgram, shutDown } from "../support/program.ts";
import { pidIn, sendSignal, signalIfAlive } from "../support/signals.ts";
import { makeStateHome, type StateHome } from "../support/state_home.ts";
import { terminalScript, TmuxTerminal } from "../support/tmux.ts";

const SCRIPTED = fromFileUrl(new URL("../fixtures/agents/scripted/codex", import.meta.url));

/** A Codex with a program for people: it says where it is and what it was given, and answers one line. */
const INTERACTIVE = `case "$1" in resume)
  printf 'in %s: %s\\n' "$(pwd)" "$*"
  IFS= read -r line; printf 'typed %s\\n' "$line"; exit 7 ;;
esac
exec '${SCRIPTED}' "$@"`;

function makeState(): StateHome {
  const state = makeStateHome();
  const bin = state.workspace("bin");
  terminalScript(join(bin, "codex"), INTERACTIVE);
  return { ...state, env: { ...state.env, PATH: `${bin}:${state.env.PATH}` } };
}

async function ended(state: StateHome, prompt: string): Promise<{ job_id: string; session_id: string }> {
  const { code, stdout, stderr } = await runProgram(state, ["run", "--json", "-C", state.cwd, prompt]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

Deno.test("open: prints the command line of the agent's own program, for people and for programs", async () => {
  await using state = makeState();
  await using _daemon = { [Symbol.asyncDispose]: () => shutDown(state) };
  const { job_id, session_id } = await ended(state, "say hello");
  const printed = await runProgram(state, ["open", "--print", "last"]);
  assert.match(printed.stdout, new RegExp(`^cd ${state.cwd} && \\S+/codex resume .*${session_id}\n$`));
  const json = await runProgram(state, ["open", "--print", "--json", job_id]);
  const { cwd, command } = JSON.parse(json.stdout);
  assert.deepEqual([cwd, command[1], command.at(-1)], [state.cwd, "resume", session_id]);
  const nowhere = await runProgram(state, ["open", job_id]);
  assert.deepEqual([nowhere.code, nowhere.stderr.includes("needs a terminal")], [2, true]);
});

Deno.test("open: is refused with the reason while a turn runs, and for agents that have no such program", async () => {
  await using state = makeState();
  await using _daemon = { [Symbol.asyncDispose]: () => shutDown(state) };
  const started = await runProgram(state, ["start", "-C", state.cwd, "wait go"]);
  const id = started.stdout.trim();
  const refused = await runProgram(state, ["open", "--print", id]);
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    new RegExp(`Cannot open job ${id}: (turn 1 runs in its session|it is pending)`),
  );
  assert.match(refused.stderr, /open --cancel/);
  Deno.writeTextFileSync(join(state.cwd, "go"), "");
  await runProgram(state, ["wait", id]);
  const cat = { agents: { plain: { command: "/bin/cat", version_args: ["/dev/null"] } } };
  Deno.writeTextFileSync(join(state.home, "config.json"), JSON.stringify(cat));
  const plain = await runProgram(state, ["run", "-q", "-a", "plain", "-C", state.cwd, "hello"]);
  assert.equal(plain.code, 0, plain.stderr);
  const other = await runProgram(state, ["open", "--print", "last"]);
  assert.match(other.stderr, /plain has no program that goes on with a job's session\n.*codex/);
});

Deno.test("open: the terminal is the program's own, Ctrl-C too, and a running turn is ended on request", async () => {
  await using state = makeState();
  await using _daemon = { [Symbol.asyncDispose]: () => shutDown(state) };
  const { session_id } = await ended(state, "say hello");
  const bin = state.workspace("bin");
  const line = [...programCommand()].map((word) => `'${word}'`).join(" ");
  terminalScript(join(bin, "aa"), `exec ${line} "$@"`);
  await using terminal = await TmuxTerminal.open({
    columns: 200,
    rows: 40,
    cwd: "/",
    env: hostEnvironment(state),
  });
  await terminal.enter("aa open last; echo ended with $?");
  const shown = await terminal.until((screen) => screen.includes(`in ${state.cwd}: resume`), "the program");
  assert.match(shown, new RegExp(session_id));
  await terminal.enter("hello there");
  await terminal.until(/typed hello there\n+ended with 1/, "its end");
  await terminal.enter("clear; aa open last; echo stopped with $?");
  await terminal.until(
    (screen) => /: resume/.test(screen) && !screen.includes("typed hello there"),
    "the program again",
  );
  await terminal.press("C-c");
  await terminal.until(/stopped with 1/, "its end by Ctrl-C");
  const { stdout } = await runProgram(state, ["start", "-C", state.cwd, "say one\nwait never"]);
  const id = stdout.trim();
  await eventually(async () => {
    const job = JSON.parse((await runProgram(state, ["show", "--json", id])).stdout);
    return job.session_id !== null && job.status === "running";
  }, { what: "a session" });
  await terminal.enter(`clear; aa open --cancel ${id}; echo over`);
  await terminal.until(
    (screen) => /is cancelled/.test(screen) && /: resume/.test(screen),
    "the cancelled job",
  );
  await terminal.press("Enter");
  await terminal.until(/^over/m, "its end");
});

Deno.test("open: a reply waits until the person has left, even if the command line was killed", async () => {
  await using state = makeState();
  await using _daemon = { [Symbol.asyncDispose]: () => shutDown(state) };
  const { job_id } = await ended(state, "say hello");
  const bin = state.workspace("bin");
  const line = [...programCommand()].map((word) => `'${word}'`).join(" ");
  terminalScript(join(bin, "aa"), `echo $$ >${state.cwd}/cli\nexec ${line} "$@"`);
  await using terminal = await TmuxTerminal.open({
    columns: 200,
    rows: 40,
    cwd: "/",
    env: hostEnvironment(state),
  });
  await terminal.enter("aa open last; echo ended with $?");
  await terminal.until(/: resume/, "the program");
  const second = await runProgram(state, ["open", "--print", job_id]);
  assert.match(second.stderr, /Cannot open job \w+: a person is in its session/);
  await runProgram(state, ["reply", job_id, "say more"]);
  const waiting = async () => {
    const job = JSON.parse((await runProgram(state, ["show", "--json", job_id])).stdout);
    return job.status === "pending" && /the person in its session/.test(job.waiting_for);
  };
  assert.ok(await waiting());
  // The note of the program is written a moment after it was started.
  const note = join(state.home, "jobs", job_id, "visit.json");
  await eventually(() => JSON.parse(Deno.readTextFileSync(note)).processes.length === 2, {
    what: "the note",
  });
  sendSignal(pidIn(join(state.cwd, "cli"))!, "SIGKILL");
  await terminal.until(/ended with 137/, "the killed command line");
  assert.ok(await waiting());
  await killDaemon(state);
  assert.ok(await waiting());
  for (const { pid } of JSON.parse(Deno.readTextFileSync(note)).processes) signalIfAlive(pid, "SIGKILL");
  assert.equal((await runProgram(state, ["wait", job_id])).code, 0);
  assert.equal(JSON.parse((await runProgram(state, ["show", "--json", job_id])).stdout).result, "more");
});
