/**
 * The README walked by somebody who has nothing: an empty HOME, the commands as they stand there, the real Claude Code
 * as the host and the real Codex as the agent, with the demonstration's model behind it. Each step's transcript is read.
 *
 * Where no base for `deno compile` can be had, the program runs from source, which is said, and cannot be updated.
 *
 * @module
 */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { agentExecutable, testCache } from "../support/agents.ts";
import { processesOf } from "../support/agent_stage.ts";
import { copy } from "../support/copy_directory.ts";
import { eventually } from "../support/eventually.ts";
import { fromFileUrl } from "../support/from_file_url.ts";
import { isAlive, shutDown } from "../support/program.ts";
import { readmeCommands } from "../support/readme.ts";
import { TerminalSession } from "../support/terminal_session.ts";
import { ensureTmux, TmuxTerminal } from "../support/tmux.ts";
import { exists } from "../support/exists.ts";

const TOP = fromFileUrl(new URL("../../", import.meta.url));

/** What git would bring of the repository. */
const CLONED = Array.from(Deno.readDirSync(TOP), ({ name }) => name)
  .filter((name) => ![".git", "dist", "cov", "node_modules"].includes(name));

/** Above any version that the clone may have. */
const NEWER = "99.0.0";

/** Ms for a clone's demonstration to be ready; Codex is in the cache, or is installed by `agentExecutable` before. */
const READY_MS = 300_000;

/** Whatever wants to leave this machine meets a port that nobody listens on. */
const DEAD_END = "http://127.0.0.1:9";

/** A machine with a `deno`, a `claude`, and nothing of ours. */
async function newcomer(root: string): Promise<{ you: TerminalSession; home: string; clone: string }> {
  const [home, bin, project] = ["home", "bin", "project"].map((name) => join(root, name));
  if (home === undefined || bin === undefined || project === undefined) throw new Error("no directories");
  for (const directory of [home, bin, project]) Deno.mkdirSync(directory);
  Deno.symlinkSync(Deno.env.get("DENO_COMPILE") ?? Deno.execPath(), join(bin, "deno"));
  Deno.symlinkSync(await agentExecutable("claude"), join(bin, "claude"));
  await agentExecutable("codex");
  const { PATH = "/usr/bin:/bin", HOME, XDG_CACHE_HOME, DENO_DIR, DENORT_BIN } = Deno.env.toObject();
  const you = new TerminalSession({
    HOME: home,
    PATH: `${home}/.local/bin:${bin}:${PATH}`,
    LANG: "C.UTF-8",
    SHELL: "/bin/bash",
    // What Deno and npm have fetched for this machine before.
    DENO_DIR: DENO_DIR ?? join(XDG_CACHE_HOME ?? join(HOME ?? "/", ".cache"), "deno"),
    XDG_CACHE_HOME: dirname(testCache()),
    ...(DENORT_BIN === undefined ? {} : { DENORT_BIN }),
  }, root);
  return { you, home, clone: join(root, "agent-async") };
}

/** The README's block; whether there is an executable now. */
async function build(you: TerminalSession, clone: string): Promise<boolean> {
  const [cloning = "", entering = "", compiling = "", ...installing] = readmeCommands("build");
  assert.match(cloning, /^git clone https:\S+\/agent-async$/);
  for (const name of CLONED) copy(join(TOP, name), join(clone, name));
  assert.equal(entering, "cd agent-async");
  you.cwd = clone;
  const { code } = await you.type(compiling);
  if (code !== 0) {
    console.error("  no base for deno compile here: the README is walked with the program from source");
    Deno.mkdirSync(join(clone, "dist"), { recursive: true });
    const script = `#!/bin/sh\nexec deno run -A --no-check '${clone}/main.ts' "$@"\n`;
    Deno.writeTextFileSync(join(clone, "dist", "agent-async"), script, { mode: 0o755 });
  }
  for (const line of installing) await you.run(line);
  return code === 0;
}

/** The monitor in a real terminal: a job that runs is seen, opened, replied to and left. */
async function watch(you: TerminalSession, line: string, id: string): Promise<void> {
  try {
    await ensureTmux();
  } catch (error) {
    console.error(`  the monitor is left out: ${error instanceof Error ? error.message : error}`);
    return;
  }
  await using terminal = await TmuxTerminal.open({ columns: 100, rows: 30, cwd: you.cwd, env: you.env });
  await terminal.enter(line);
  const seen = await terminal.until(new RegExp(`▸ ● ${id} +codex[\\s\\S]*\\n Step \\d+ of`), "the job");
  assert.match(seen, /1\/4 running {3}○ 0 waiting/);
  await terminal.press("r");
  await terminal.until(new RegExp(`reply to ${id}:`), "a line to type in");
  await terminal.type("and then?");
  await terminal.press("Enter");
  await terminal.until(/still runs: the reply waits for turn 1/, "what became of the reply");
  await terminal.until(/1 reply waits/, "the reply in the job");
  await terminal.press("q");
  await terminal.until(/ready>\s*$/, "the shell");
  assert.deepEqual([await terminal.about("alternate_on"), await terminal.about("cursor_flag")], ["0", "1"]);
}

Deno.test("README: built, registered, a job run, watched, replied to, another cancelled, updated, uninstalled", async (t) => {
  Deno.mkdirSync(testCache(), { recursive: true });
  const root = Deno.realPathSync(Deno.makeTempDirSync({ dir: testCache(), prefix: "walk-" }));
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => Deno.remove(root, { recursive: true }));
  const { you, home, clone } = await newcomer(root);
  cleanup.use(you);
  const state = join(home, ".agent-async");
  cleanup.defer(async () => {
    // Only after a failure is there anything left to end.
    if (!exists(state)) return;
    const env = { ...you.env, AGENT_ASYNC_HOME: state };
    const leftover = { home: state, cwd: root, env, workspace: () => root };
    await shutDown({ ...leftover, async [Symbol.asyncDispose]() {} });
  });
  const text = () => you.transcript;
  const program = join(home, ".local", "bin", "agent-async");
  let isCompiled = false;
  let pid = 0;

  const steps: [name: string, step: () => Promise<void>][] = [
    ["build: from a clone to a program on the PATH", async () => {
      isCompiled = await build(you, clone);
      Object.assign(you.env, {
        HTTP_PROXY: DEAD_END,
        HTTPS_PROXY: DEAD_END,
        NO_PROXY: "127.0.0.1,localhost",
      });
      you.cwd = join(root, "project");
      assert.match(await you.run("agent-async --help"), /^Usage: agent-async \[command\]\n/);
      assert.match(await you.run("command -v agent-async"), new RegExp(`^${program}\n$`));
    }],

    ["a model that needs no login: demo model says what to export", async () => {
      you.cwd = clone;
      const said = await you.stay("deno task demo model", /With|Any prompt/, READY_MS);
      you.cwd = join(root, "project");
      await you.export(said);
      assert.match(await you.run("command -v codex; codex --version"), /^\/.*\ncodex-cli \d/);
    }],

    ["tour: run, reply, start, status, cancel, list", async () => {
      const [run = "", reply = "", start = "", status = "", cancel = "", list = "", ...more] = readmeCommands(
        "tour",
      );
      assert.deepEqual(more, []);
      const ran = await you.run(run);
      const id = /^Job (\w{8}) is running\.$/m.exec(ran)?.[1] ?? assert.fail(text());
      const shown = ran.replace(/^\[warning: .*\]\n/m, "").replace(/ in [\d.]+ s,/, " in SECONDS,");
      assert.equal(
        shown,
        `Job ${id} is running.
[turn 1: Codex CLI]
  [ ] Look around
  [ ] Write greeting.txt
  [ ] Read it back

First I look at what is here.

$ pwd && ls
  ${you.cwd}
[exit 0]
[added ${you.cwd}/greeting.txt]
$ cat greeting.txt
  Hello from a background job.
[exit 0]
  [x] Look around
  [x] Write greeting.txt
  [x] Read it back

I added greeting.txt with one line of welcome.

[turn 1 done]
-- ${id} codex done in SECONDS, 1 file changed, 600 tokens in (120 cached), 60 out
`,
      );
      assert.equal(Deno.readTextFileSync(join(you.cwd, "greeting.txt")), "Hello from a background job.\n");
      assert.match(
        await you.run(reply),
        /\[turn 2: [^]*\nIt is greeting\.txt, [^]*\n-- \w{8} codex done, 1 file /,
      );

      const started = await you.run(start);
      const slow = /^(\w{8})$/m.exec(started)?.[1] ?? assert.fail(started);
      assert.notEqual(slow, id);
      await watch(you, status, slow);
      assert.match(
        await you.run(cancel),
        new RegExp(`^Job ${slow} is cancelled; nothing of it is left running\\.`),
      );
      assert.deepEqual(processesOf(slow), []);
      assert.match(
        await you.run(list),
        new RegExp(
          `^ID .*\n${slow} +codex +cancelled .*\n${id} +codex +done +.* add a greeting to this project\n$`,
        ),
      );
    }],

    ["register: with the real Claude Code, which connects", async () => {
      const [add = "", listed = "", doctor = "", ...more] = readmeCommands("register");
      assert.deepEqual(more, []);
      assert.match(
        await you.run(add),
        /^agent-async is registered with Claude Code; its new sessions have the tools\.\n {2}changed .*\.claude\.json\n/,
      );
      assert.match(await you.run(listed), /^claude-code +Claude Code +yes +agent-async$/m);
      const health = await you.run(doctor);
      assert.match(health, /^ok +host claude-code +Claude Code: agent-async in .* starts and answers/m);
      assert.match(health, /^0 broken, /m);
      assert.match(await you.run("claude mcp list"), /^agent-async: .*mcp - .*Connected$/m);
    }],

    ["update: to a release of one's own, while a job runs", async () => {
      const slow = (await you.run('agent-async start "count slowly"')).split("\n")[0] ?? "";
      if (isCompiled) {
        you.cwd = clone;
        const [version = "", compile = "", serve = "", ...more] = readmeCommands("release");
        assert.deepEqual(more, []);
        assert.match(await you.run(version.replace("0.2.0", NEWER)), /Now 99\.0\.0, in deno\.json/);
        await you.run(compile);
        const served = await you.stay(serve, /Then check-update/, READY_MS);
        you.cwd = join(root, "project");
        await you.export(served);
        assert.match(await you.run("agent-async check-update"), /^agent-async 99\.0\.0 is there, this is \d/);
        assert.match(
          await you.run("agent-async update"),
          /^agent-async \S+ is now 99\.0\.0 .*jobs went on\.$/m,
        );
        assert.equal(await you.run("agent-async version"), "agent-async 99.0.0\n");
        assert.match(await you.run("agent-async update"), /^agent-async 99\.0\.0 is the newest release\.$/m);
      } else {
        assert.match((await you.type("agent-async update")).said, /git pull/);
      }
      const { jobs, ...daemon } = JSON.parse(await you.run("agent-async daemon status --json"));
      assert.deepEqual([jobs.running, isCompiled ? daemon.version : NEWER], [1, NEWER]);
      pid = daemon.pid;
      assert.match(await you.run(`agent-async show ${slow}`), /^\w{8} codex running\n/);
      const refused = await you.type("agent-async uninstall --yes");
      assert.deepEqual([refused.code, /wait or run \(1 of 3\)/.test(refused.said)], [1, true], text());
      await you.run("agent-async cancel last");
    }],

    ["uninstall: nothing of it is left, and Claude Code is as it was", async () => {
      const line = readmeCommands("uninstall").find((command) => command.endsWith(" --yes")) ??
        assert.fail("README");
      const said = await you.run(line);
      assert.match(said, /^agent-async is no longer registered with Claude Code\.$/m);
      assert.match(said, isCompiled ? new RegExp(`^Removed ${program}\\.$`, "m") : /^Kept the source in /m);
      assert.match(said, /^The daemon has left\.$/m);
      assert.match(said, new RegExp(`^Deleted ${state}\\.$`, "m"));
      await eventually(() => !isAlive(pid), { what: "the end of the daemon" });
      assert.match(await you.run("claude mcp list"), /^No MCP servers configured/m);
      const left = Array.from(filesIn(home)).filter((path) =>
        path.slice(home.length).includes("agent-async") && !said.includes(path)
      );
      // Without an executable there is the script that stood in for it.
      assert.deepEqual(left, isCompiled ? [] : [program], text());
    }],
  ];
  for (const [name, step] of steps) {
    const isPassed = await t.step(name, async () => {
      try {
        await step();
      } catch (error) {
        console.error(text());
        throw error;
      }
    });
    if (!isPassed) break;
  }
});

function* filesIn(directory: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(directory)) {
    const path = join(directory, name);
    if (isDirectory) yield* filesIn(path);
    else yield path;
  }
}
