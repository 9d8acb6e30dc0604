/**
 * The monitor in a real terminal (tmux), with a real daemon and scripted agents.
 *
 * @module
 */
import assert from "node:assert/strict";
import { eventually } from "../../support/eventually.ts";
import { fromFileUrl } from "../../support/from_file_url.ts";
import { terminalScript, TmuxTerminal } from "../../support/tmux.ts";
import { Executable } from "../executable.ts";
import { sendSignal } from "../../support/signals.ts";

const MAIN = fromFileUrl(new URL("../../../main.ts", import.meta.url));

/** A program with its jobs, and the terminal in which it is watched. */
class Stage implements AsyncDisposable {
  private constructor(readonly program: Executable, readonly terminal: TmuxTerminal) {}

  static async open(columns: number, rows: number, config: Record<string, unknown> = {}): Promise<Stage> {
    const program = new Executable(config);
    await program.run(["daemon", "start"]);
    const { cwd } = program.state;
    // What is typed must fit into a line, wherever this clone and Deno lie.
    terminalScript(`${cwd}/monitor`, `exec '${Deno.execPath()}' run -A --no-check '${MAIN}' status`);
    return new Stage(program, await TmuxTerminal.open({ columns, rows, cwd, env: program.env }));
  }

  /** A job that others may run beside. */
  async start(prompt: string): Promise<string> {
    const { stdout } = await this.program.run(["start", "-p", "suggest", prompt]);
    return stdout.trim();
  }

  async watch(): Promise<void> {
    await this.terminal.enter("./monitor");
    await this.terminal.until(/daemon \d/, "the monitor");
  }

  /** Lets jobs go on that wait for this file. */
  go(file: string): void {
    Deno.writeTextFileSync(`${this.program.state.cwd}/${file}`, "");
  }

  /** What `line` prints in the shell, after the program has given the terminal back. */
  async shell(line: string): Promise<string> {
    const name = `said-${crypto.randomUUID()}`;
    await this.terminal.enter(`${line} >${name}.part; mv ${name}.part ${name}`);
    return await eventually(() => `${Deno.readTextFileSync(`${this.program.state.cwd}/${name}`)} `, {
      what: line,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminal[Symbol.asyncDispose]();
    const { jobs } = JSON.parse((await this.program.run(["list", "--json", "-n", "100"])).stdout);
    const ids = jobs.map((job: { job_id: string }) => job.job_id);
    if (ids.length > 0) await this.program.run(["cancel", ...ids]);
    await this.program[Symbol.asyncDispose]();
  }
}

/** No line is wider than the screen: a line that wrapped would have pushed the header out. */
function assertFramed(screen: string): void {
  const lines = screen.split("\n");
  assert.match(lines[0] ?? "", /^ agent-async .*daemon \d+\.\d+\.\d+$/m);
  assert.match(lines[1] ?? "", /^─+$/);
}

Deno.test("monitor in a terminal: jobs as they come, run and end, and the transcript as it grows", async () => {
  await using stage = await Stage.open(80, 24, { limits: { total: 1 } });
  const { terminal } = stage;
  await stage.watch();
  await terminal.until(/No jobs yet/, "an empty list");
  const first = await stage.start("say I begin.\nrun echo looking\nwait go\nsay It is done.");
  const second = await stage.start("say Me too.");
  const both = new RegExp(
    `▸ ● ${first} +codex[\\s\\S]*○ ${second} +codex +.* for a slot[\\s\\S]*I begin\\.[\\s\\S]*\\$ echo looking`,
  );
  assertFramed(await terminal.until(both, "both jobs"));
  stage.go("go");
  // Both end within the same second, in either place of the list.
  const ended = new RegExp(`0/1 running[\\s\\S]*▸ ✓ ${first} +codex .*120 tokens[\\s\\S]*It is done\\.`);
  const last = await terminal.until(ended, "the end of both");
  assertFramed(last);
  assert.match(last, new RegExp(`✓ ${second}`));
});

Deno.test("monitor in a terminal: opens, scrolls, filters and helps; small and large; survives a resize", async () => {
  await using stage = await Stage.open(200, 60);
  const { terminal } = stage;
  const lines = Array.from({ length: 80 }, (_, n) => `say line ${n + 1}`).join("\n");
  const long = await stage.start(`Write a lot\n${lines}\nwait never`);
  const other = await stage.start("Write little\nwait never");
  await stage.watch();
  await terminal.until(/│/, "list and transcript side by side");
  await terminal.press("Down");
  await terminal.until(/▸.*Write little/, "the next one");
  await terminal.press("Up");
  const beside = await terminal.until(/▸.*Write a lot[\s\S]*│ {2}line 80/, "the long one's end");
  assertFramed(beside);
  await terminal.resize(80, 24);
  const stacked = await terminal.until(
    (screen) => /^ line 80$/m.test(screen) && !screen.includes("│"),
    "a stack",
  );
  assertFramed(stacked);
  assert.ok(stacked.split("\n").every((line) => [...line].length <= 80));
  await terminal.press("Enter", "PageUp");
  await terminal.until(/^ line 6\d$[\s\S]*not at the end/m, "what came before");
  await terminal.press("Home");
  await terminal.until(/^ line 1$[\s\S]*not at the end/m, "the beginning");
  await terminal.press("Escape", "Escape");
  await terminal.until(/Running/, "the list");
  await terminal.press("/");
  await terminal.type("little");
  await terminal.until((screen) => screen.includes("filter: little") && !screen.includes(long), "one job");
  await terminal.press("Enter", "?");
  await terminal.until(/Keys[\s\S]*any key goes back/, "the help");
  await terminal.press("x", "Escape");
  await terminal.until((screen) => screen.includes(long) && screen.includes(other), "all jobs");
  await terminal.resize(20, 5);
  await terminal.until(/too small/, "a word about the size");
  await terminal.resize(100, 30);
  assertFramed(await terminal.until(/Running/, "the list again"));
});

Deno.test("monitor in a terminal: cancel asks first; a reply is a further turn", async () => {
  await using stage = await Stage.open(100, 30);
  const { terminal } = stage;
  const id = await stage.start("say working\nwait never");
  await stage.watch();
  await terminal.until(/working/, "the job");
  await terminal.press("c");
  await terminal.until(new RegExp(`Cancel job ${id} .* y yes +n no`), "the question");
  await terminal.press("n");
  await terminal.until(/c cancel/, "the keys again");
  assert.match((await stage.program.run(["show", id, "--json"])).stdout, /"status": "running"/);
  await terminal.press("c", "y");
  await terminal.until(
    new RegExp(`■ ${id}[\\s\\S]*Job ${id} is cancelled; nothing of it is left`),
    "its end",
  );
  await terminal.press("r");
  await terminal.until(new RegExp(`reply to ${id}:`), "a line to type in");
  assert.equal(await terminal.about("cursor_flag"), "1");
  await terminal.type("say back agaim");
  await terminal.press("BSpace", "n", "Enter");
  await terminal.until(new RegExp(`✓ ${id}[\\s\\S]*back again`), "the answer");
  assert.equal(await terminal.about("cursor_flag"), "0");
});

Deno.test("monitor in a terminal: a restart of the daemon under it goes by", async () => {
  await using stage = await Stage.open(100, 30);
  const { terminal, program } = stage;
  const id = await stage.start("say before\nwait go\nsay after");
  await stage.watch();
  await terminal.until(/before/, "the job");
  await program.run(["daemon", "stop"]);
  stage.go("go");
  await terminal.until(new RegExp(`✓ ${id}[\\s\\S]*after`), "its end, from the next daemon");
  await terminal.until(/daemon \d/, "the daemon");
});

/** The modes of the terminal; its size is not one. */
const MODES = "stty -a | sed '1d'";

for (
  const [how, leave] of [
    ["q", (terminal: TmuxTerminal) => terminal.press("q")],
    ["Ctrl-C", (terminal: TmuxTerminal) => terminal.press("C-c")],
    ["SIGTERM", signalled("SIGTERM")],
    ["SIGINT from outside", signalled("SIGINT")],
    ["SIGHUP", signalled("SIGHUP")],
  ] as const
) {
  Deno.test(`monitor in a terminal: after ${how} the terminal is as it was`, async () => {
    await using stage = await Stage.open(90, 24);
    const { terminal } = stage;
    const modes = await stage.shell(MODES);
    await terminal.enter("clear; echo what was there before");
    await terminal.until(/^what was there before\nready>$/m, "a clean screen");
    await stage.watch();
    assert.deepEqual([await terminal.about("alternate_on"), await terminal.about("cursor_flag")], ["1", "0"]);
    await leave(terminal);
    const after = await terminal.until(
      /what was there before[\s\S]*\n(?:(?:Terminated|Hangup)\n)?ready>\s*$/,
      "the shell",
    );
    assert.match(
      after,
      /^what was there before\nready> \.\/monitor\n(?:(?:Terminated|Hangup).*\n|\^C)?ready>\s*$/,
    );
    const about = await Promise.all(
      ["alternate_on", "cursor_flag", "wrap_flag"].map((name) => terminal.about(name)),
    );
    assert.deepEqual(about, ["0", "1", "1"]);
    assert.equal(await stage.shell(MODES), modes);
  });
}

const FAULTY = fromFileUrl(new URL("../../fixtures/faulty_monitor.ts", import.meta.url));

for (const fault of ["error", "rejection"]) {
  Deno.test(`monitor in a terminal: after an uncaught ${fault} the terminal is as it was, and shows it`, async () => {
    await using stage = await Stage.open(90, 24);
    const { terminal } = stage;
    const modes = await stage.shell(MODES);
    terminalScript(
      `${stage.program.state.cwd}/faulty`,
      `exec '${Deno.execPath()}' run -A --no-check '${FAULTY}' ${fault}`,
    );
    await terminal.enter("clear; echo what was there before; ./faulty");
    await terminal.until(/^ agent-async .*connecting/, "the monitor");
    assert.equal(await terminal.about("alternate_on"), "1");
    await terminal.until(
      /what was there before\n[\s\S]*a fault of the monitor[\s\S]*\nready>\s*$/,
      "the shell with the fault",
    );
    const about = ["alternate_on", "cursor_flag", "wrap_flag"].map((name) => terminal.about(name));
    assert.deepEqual(await Promise.all(about), ["0", "1", "1"]);
    assert.equal(await stage.shell(MODES), modes);
  });
}

function signalled(signal: Deno.Signal): (terminal: TmuxTerminal) => Promise<void> {
  return async (terminal) => {
    const shell = await terminal.about("pane_pid");
    const { stdout } = await new Deno.Command("ps", { args: ["-o", "pid=", "--ppid", shell] }).output();
    sendSignal(Number.parseInt(new TextDecoder().decode(stdout)), signal);
  };
}

Deno.test("monitor in a terminal: suspended it gives the terminal back, resumed it takes it again", async () => {
  await using stage = await Stage.open(90, 24);
  const { terminal } = stage;
  const modes = await stage.shell(MODES);
  await stage.start("say working\nwait never");
  await stage.watch();
  await terminal.until(/working/, "the job");
  for (let round = 0; round < 2; round++) {
    await terminal.press("C-z");
    await terminal.until(/Stopped[\s\S]*ready>\s*$/, "the shell");
    assert.equal(await terminal.about("alternate_on"), "0");
    assert.equal(await stage.shell(MODES), modes);
    await terminal.enter("fg");
    assertFramed(await terminal.until(/Running[\s\S]*working/, "the monitor again"));
    await terminal.press("?");
    await terminal.until(/Keys/, "an answer to a key");
    await terminal.press("Escape");
    await terminal.until(/Running/, "the list");
  }
  await terminal.press("q");
  await terminal.until(/ready>\s*$/, "the shell");
  assert.equal(await stage.shell(MODES), modes);
});

Deno.test("monitor in a terminal: NO_COLOR is respected", async () => {
  await using stage = await Stage.open(80, 24);
  const { terminal } = stage;
  await stage.start("say working\nwait never");
  await terminal.enter("export NO_COLOR=1");
  await stage.watch();
  await terminal.until(/working/, "the job");
  // deno-lint-ignore no-control-regex -- what colours are made of
  assert.doesNotMatch(await terminal.colouredScreen(), /\x1b\[[0-9;]*m/);
});
