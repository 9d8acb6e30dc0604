/**
 * Tests of room `cli`: followers in a real terminal (tmux): what is streamed, and the line that tells how long a silent
 * job has been at it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { progressText } from "../../src/cli/jobs/progress_line.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { aResult } from "../support/scripted_service.ts";
import { terminalScript, TmuxTerminal } from "../support/tmux.ts";
import { Executable } from "./executable.ts";

const MAIN = fromFileUrl(new URL("../../main.ts", import.meta.url));

/** What is typed must fit into a line, wherever this clone and Deno lie. */
const PROGRAM = "./program";

async function opened(columns: number) {
  const program = new Executable({ limits: { total: 1 } });
  await program.run(["daemon", "start"]);
  const { cwd } = program.state;
  terminalScript(`${cwd}/program`, `exec '${Deno.execPath()}' run -A --no-check '${MAIN}' "$@"`);
  const terminal = await TmuxTerminal.open({ columns, rows: 24, cwd, env: program.env });
  return {
    program,
    terminal,
    go: (file: string) => Deno.writeTextFileSync(`${cwd}/${file}`, ""),
    async [Symbol.asyncDispose]() {
      await terminal[Symbol.asyncDispose]();
      const { jobs } = JSON.parse((await program.run(["list", "--json"])).stdout);
      if (jobs.length > 0) {
        await program.run([
          "cancel",
          ...jobs.map((job: { job_id: string }) => job.job_id),
        ]);
      }
      await program[Symbol.asyncDispose]();
    },
  };
}

Deno.test("run in a terminal: a silent job is told of with its time, in a line that leaves nothing behind", async () => {
  await using stage = await opened(60);
  const { terminal } = stage;
  const task =
    "say I begin.\nrun echo one; test ! -e no; while [ ! -e go ]; do sleep 0.05; done\nsay It is over.";
  Deno.writeTextFileSync(`${stage.program.state.cwd}/task.md`, task);
  await terminal.enter(`${PROGRAM} run --follow - <task.md`);
  // Cut to the width: it must never wrap.
  const silent = await terminal.until(/^\.\.\. codex 2 s, running: echo one;.*…$/m, "the line");
  assert.match(silent, /I begin\.\n\n\$ echo one/);
  stage.go("go");
  const over = await terminal.until(/-- \w{8} codex done/, "the end");
  assert.doesNotMatch(over, /^\.\.\. codex/m);
  assert.match(over, /\n {2}one\n\[exit 0\]\n\nIt is over\.\n\n\[100 tokens in .*\]\n\[turn 1 done\]\n-- /);
});

Deno.test("run in a terminal: what Ctrl-Z and Ctrl-C leave on the screen is not broken over two rows", async () => {
  await using stage = await opened(60);
  const { terminal } = stage;
  await terminal.enter(
    `${PROGRAM} run "run echo one; while [ ! -e never-to-be-there ]; do sleep 0.05; done"`,
  );
  await terminal.until(/^\.\.\. codex \d+ s, running: echo one;.*…$/m, "the line");
  await terminal.press("C-z");
  await terminal.until(/^\.\.\. codex .*…\^Z\n[^]*Stopped/m, "the shell");
  await terminal.enter("clear; fg");
  await terminal.until(/^\.\.\. codex \d+ s, running: echo one;.*…$/m, "the line again");
  await terminal.press("C-c");
  await terminal.until(
    /^Job \w{8} goes on\. Leave it running \(Enter\), or cancel it\n\(c\)\?$/m,
    "the question",
  );
  await terminal.press("C-c");
  const left = await terminal.until(/\(c\)\? \^C\nready>/, "the shell on a row of its own");
  assert.doesNotMatch(left, /^\.\.\./m);
});

Deno.test("logs -f and events -f in a terminal: the same line, and Ctrl-C takes it away", async () => {
  await using stage = await opened(90);
  const { terminal, program } = stage;
  await program.run(["start", "say I begin.\nwait go\nsay It is over."]);
  await terminal.enter(`${PROGRAM} logs -f last`);
  await terminal.until(/I begin\.\n\n+\.\.\. codex \d+ s, thinking$/m, "the line of logs");
  await terminal.press("C-c");
  await terminal.until(
    (screen) => /I begin\.\n+(?:\^C)?ready>\s*$/.test(screen),
    "the shell without the line",
  );
  await terminal.enter(`clear; ${PROGRAM} events -f last`);
  await terminal.until(/ message\nI begin\.\n\.\.\. codex \d+ s, thinking$/m, "the line of events");
  stage.go("go");
  await terminal.until((screen) => /turn 1 done\]\nready>\s*$/.test(screen), "the end");
});

Deno.test("wait in a terminal: the same line for one job", async () => {
  await using stage = await opened(90);
  await stage.program.run(["start", "wait go\nsay It is over."]);
  await stage.terminal.enter(`${PROGRAM} wait last`);
  await stage.terminal.until(/^\.\.\. codex \d+ s, thinking$/m, "the line");
  stage.go("go");
  const over = await stage.terminal.until(/^It is over\.\n-- \w{8} codex done/m, "the end");
  assert.doesNotMatch(over, /\.\.\. codex/);
});

Deno.test("run in a terminal: a job that waits says what for", async () => {
  await using stage = await opened(90);
  await stage.program.run(["start", "wait go"]);
  await stage.terminal.enter(`${PROGRAM} run -p suggest "say Now me."`);
  await stage.terminal.until(/^\.\.\. codex waits for a slot/m, "the line");
  stage.go("go");
  await stage.terminal.until(/Now me\.[\s\S]*codex done/, "the end");
});

Deno.test("mcp in a terminal: whoever typed it is told what it is for, and Ctrl-D ends it", async () => {
  await using stage = await opened(60);
  await stage.terminal.enter(`${PROGRAM} mcp`);
  const said = await stage.terminal.until(/Ctrl-D ends it\.$/m, "the sentence");
  assert.match(said, /^agent-async mcp waits for the messages of an MCP host,/m);
  await stage.terminal.press("C-d");
  await stage.terminal.until(/Ctrl-D ends it\.\n[^]*ready>\s*$/, "the shell");
});

Deno.test("progress: time of the turn, what is done, nothing of a job that has ended", () => {
  const now = Date.parse("2026-01-01T00:01:13.000Z");
  const at = { began: Date.parse("2026-01-01T00:00:01.000Z"), now };
  const running = aResult({ status: "running", activity: "running: npm\x1b[2J test" });
  assert.equal(progressText(running, at), "... codex 1 m 12 s, running: npm test");
  assert.equal(progressText(aResult({ status: "pending" }), at), "... codex waits");
  assert.equal(progressText(aResult(), at), null);
});
