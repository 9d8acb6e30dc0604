/**
 * Tests of `doctor`: each fault is found, named with what to do, and none is made.
 *
 * @module
 */
import assert from "node:assert/strict";
import { greetServer } from "../../src/cli/hosts/greet_server.ts";
import { eventually } from "../support/eventually.ts";
import { Executable } from "./executable.ts";
import { HostMachine } from "./host_machine.ts";
import { commandLine, NOW } from "./command_line.ts";

interface Found {
  name: string;
  status: string;
  message: string;
  fix?: string;
}

async function doctor(machine: HostMachine) {
  const { code, stdout, stderr } = await machine.run("doctor", "--json");
  assert.equal(stderr, "");
  const report = JSON.parse(stdout);
  assert.equal(code, report.ok ? 0 : 1);
  const checks: Found[] = report.checks;
  for (const { name, status, fix } of checks) assert.equal(status === "ok", fix === undefined, name);
  assert.deepEqual(
    [report.ok, report.broken, report.warnings],
    [
      report.broken === 0,
      ...["broken", "warn"].map((status) => checks.filter((one) => one.status === status).length),
    ],
  );
  const find = (name: string) =>
    checks.find((check) => check.name === name) ?? assert.fail(`no check ${name}`);
  return {
    ok: report.ok === true,
    checks,
    find,
    is: (name: string) => `${find(name).status}: ${find(name).message}`,
  };
}

/** An executable of the machine, for `/bin/sh`. */
function install(machine: HostMachine, name: string, script: string): string {
  const path = `${machine.bin}/${name}`;
  Deno.writeTextFileSync(path, `#!/bin/sh\n${script}\n`);
  Deno.chmodSync(path, 0o755);
  return path;
}

function isRunning(pid: number): boolean {
  const { stdout } = new Deno.Command("ps", { args: ["-o", "stat=", "-p", String(pid)] }).outputSync();
  const state = new TextDecoder().decode(stdout).trim();
  return state !== "" && !state.startsWith("Z");
}

/** A Codex that answers questions about itself. */
function installCodex(
  machine: HostMachine,
  { version = "0.169.0", login = "exit 0", sandbox = "exit 0" }: {
    version?: string;
    login?: string;
    sandbox?: string;
  } = {},
): void {
  install(
    machine,
    "codex",
    `case "$1 $2" in "--version "*) echo "codex-cli ${version}";; "login status") ${login};; sandbox*) ${sandbox};; esac`,
  );
}

Deno.test("doctor: an empty machine lacks an agent, and nothing is made by looking", async () => {
  using machine = new HostMachine();
  const { is, find } = await doctor(machine);
  assert.match(is("program"), /^ok: agent-async 1\.2\.3 \(Deno /);
  assert.equal(is("agents"), "broken: there is no agent that works");
  assert.match(find("agent codex").fix ?? "", /npm|install/i);
  assert.match(is("state"), /^ok: .*\.agent-async is not there yet/);
  assert.match(is("daemon"), /^ok: does not run/);
  assert.match(is("disk"), /free/);
  assert.match(is("hosts"), /^warn: no host/);
  assert.deepEqual(machine.files(), {});
});

Deno.test("doctor: a Codex that works, one that is too old, too new, logged out, without a sandbox", async () => {
  using machine = new HostMachine();
  installCodex(machine);
  const well = await doctor(machine);
  assert.deepEqual([well.ok, well.find("agent codex").status, well.find("sandbox codex").status], [
    true,
    "ok",
    "ok",
  ]);
  assert.match(well.is("agent gemini"), /^ok: .* fine unless you want it/);

  installCodex(machine, { version: "0.99.0" });
  assert.match((await doctor(machine)).find("agent codex").fix ?? "", /too old, 0\.125\.0 is needed/);
  installCodex(machine, { version: "99.0.0" });
  assert.match((await doctor(machine)).is("agent codex"), /^warn: .*99\.0\.0 .* is newer than 0\.\d+\.\d+/);

  installCodex(machine, {
    login: "echo Not logged in >&2; exit 1",
    sandbox: "echo bwrap: no namespaces >&2; exit 1",
  });
  const bad = await doctor(machine);
  assert.match(
    bad.is("agent codex"),
    /^warn: .* is not logged in \(a model provider of your own .*may need no login\)$/,
  );
  assert.match(bad.is("sandbox codex"), /^broken: .* ended with 1: bwrap: no namespaces/);
  assert.equal(bad.ok, false);
  machine.env["CODEX_API_KEY"] = "set";
  assert.equal((await doctor(machine)).find("agent codex").status, "ok");

  // Older versions want the name of the sandbox; still older ones have none.
  installCodex(machine, { sandbox: '[ "$2" = linux ] || [ "$2" = macos ] || exit 2' });
  assert.equal((await doctor(machine)).find("sandbox codex").status, "ok");
  installCodex(machine, { sandbox: "exit 2" });
  assert.equal((await doctor(machine)).find("sandbox codex").status, "warn");
});

Deno.test("doctor: modes of the state directory and its files, and what is no directory", async () => {
  using machine = new HostMachine();
  installCodex(machine);
  machine.write("~/.agent-async/config.json", "{}", 0o600);
  const home = machine.path("~/.agent-async");
  for (const [mode, status] of [[0o700, "ok"], [0o755, "warn"], [0o777, "broken"]] as const) {
    Deno.chmodSync(home, mode);
    const { find } = await doctor(machine);
    assert.equal(find("state").status, status, mode.toString(8));
    if (status !== "ok") assert.equal(find("state").fix, `chmod 700 ${home}`);
  }
  machine.write("~/.agent-async/config.json", '{ "limits": { "totl": 1 } }', 0o644);
  const { find, is } = await doctor(machine);
  assert.equal(find("state files").fix, `chmod 600 ${home}/config.json`);
  assert.match(is("config"), /^broken: .*limits\.totl: no such key/);
  assert.equal(find("agent codex").status, "ok");

  Deno.removeSync(home, { recursive: true });
  Deno.writeTextFileSync(home, "");
  const file = await doctor(machine);
  assert.match(file.is("state"), /^broken: .* is no directory/);
  assert.equal(file.find("config").status, "ok");
});

Deno.test("doctor: a state directory that cannot be made", async () => {
  using machine = new HostMachine();
  installCodex(machine);
  machine.write("~/file", "");
  const home = machine.path("~/file/state");
  machine.env["AGENT_ASYNC_HOME"] = home;
  const { is, find } = await doctor(machine);
  assert.match(is("state"), /^broken: .*\/file\/state cannot be made in .*\/file: Not a directory/);
  assert.match(find("state").fix ?? "", /set AGENT_ASYNC_HOME/);
  assert.equal(find("agent codex").status, "ok");
});

Deno.test("doctor: an agent that does not start is told as that, with its own words", async () => {
  using machine = new HostMachine();
  const codex = install(machine, "codex", "echo 'env: node: No such file or directory' >&2; exit 127");
  const { is, find, checks } = await doctor(machine);
  assert.equal(
    is("agent codex"),
    `broken: Codex CLI does not start: ${codex} --version ended with 127: env: node: No such file or directory`,
  );
  assert.match(find("agent codex").fix ?? "", /--version says in this terminal\. .*npm install/);
  // Its sandbox is not what is at fault.
  assert.deepEqual(checks.filter(({ name }) => name === "sandbox codex"), []);
});

Deno.test("doctor: what the daemon could not use is told before it is tried", async () => {
  using machine = new HostMachine();
  installCodex(machine);
  const home = machine.path("~/.agent-async");
  Deno.mkdirSync(home, { mode: 0o700 });
  for (const name of ["daemon.lock", "daemon.log"]) {
    Deno.mkdirSync(`${home}/${name}`);
    const { ok, is } = await doctor(machine);
    assert.deepEqual([ok, is("state files")], [
      false,
      `broken: Cannot use ${home}/${name}: it is a directory, not a file.`,
    ]);
    Deno.removeSync(`${home}/${name}`);
  }
  using listener = Deno.listen({ transport: "unix", path: `${home}/daemon.sock` });
  const talking = (async () => {
    for await (using connection of listener) {
      await connection.write(new TextEncoder().encode("HTTP/1.1 400\r\n"));
    }
  })().catch(() => {});
  const { ok, is } = await doctor(machine);
  assert.equal(ok, false);
  assert.match(is("daemon"), /^broken: What listens on .*daemon\.sock is no daemon of agent-async: /);
  listener.close();
  await talking;
});

Deno.test("doctor: a variable that looks like a setting and is none", async () => {
  using machine = new HostMachine();
  installCodex(machine);
  Object.assign(machine.env, { AGENT_ASYNC_LIMIT_TOTAL: "8", AGENT_ASYNC_LIMITS_DEPTH: "2" });
  const { checks } = await doctor(machine);
  const found = checks.filter(({ name }) => name === "environment");
  assert.deepEqual(found.map(({ status, message }) => [status, message]), [
    ["warn", "AGENT_ASYNC_LIMIT_TOTAL is set, and nothing reads it"],
  ]);
  assert.match(found[0]?.fix ?? "", /^Did you mean AGENT_ASYNC_LIMITS_TOTAL\?/);
});

Deno.test("doctor: errors of the last day are shown, older ones and other lines are not", async () => {
  using machine = new HostMachine();
  const line = (ageMs: number, level: string, message: string) =>
    JSON.stringify({ time: new Date(NOW - ageMs).toISOString(), level, pid: 1, message });
  const lines = [line(3 * 86_400_000, "error", "long ago"), line(1_000, "info", "all is well"), "no JSON"];
  machine.write("~/.agent-async/daemon.log", `${lines.join("\n")}\n`, 0o600);
  assert.equal((await doctor(machine)).is("log"), "ok: no errors in the last day");
  const errors = [1, 2, 3, 4].map((minute) => line((5 - minute) * 60_000, "error", `fault ${minute}`));
  machine.write("~/.agent-async/daemon.log", `${[...lines, ...errors].join("\n")}\n`, 0o600);
  const { is, find } = await doctor(machine);
  assert.equal(
    is("log"),
    "warn: 4 errors in the last day; 3 m ago: fault 2; 2 m ago: fault 3; 1 m ago: fault 4",
  );
  assert.ok(find("log").fix?.includes(machine.path("~/.agent-async/daemon.log")));

  const again = Array.from({ length: 5 }, () => line(2_000, "error", "one and the same"));
  const fault = JSON.stringify({
    time: new Date(NOW).toISOString(),
    level: "error",
    message: "it fails",
    error: "Error: broken\n    at there (file.ts:1:2)\n    at here",
  });
  machine.write("~/.agent-async/daemon.log", `${[...errors, ...again, fault].join("\n")}\n`, 0o600);
  assert.equal(
    (await doctor(machine)).is("log"),
    "warn: 10 errors in the last day; 1 m ago: fault 4; just now: one and the same (5 times); " +
      "just now: it fails: Error: broken",
  );
});

Deno.test("doctor: what is registered must be there, start and answer", async () => {
  using machine = new HostMachine();
  installCodex(machine);
  const answers = JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    result: { serverInfo: { name: "agent-async", version: "9" } },
  });
  const servers = {
    "good": { command: install(machine, "agent-async-9", `read line; echo '${answers}'; exec cat`) },
    "gone": { command: "/nowhere/agent-async" },
    "dies": { command: install(machine, "agent-async-8", "echo no such thing >&2; exit 3") },
    "other": { command: "something-else" },
  };
  machine.write("~/.cursor/mcp.json", JSON.stringify({ mcpServers: servers }));
  machine.write("~/.gemini/settings.json", '{\n  "mcpServers": nothing\n}');
  const { checks } = await doctor(machine);
  const cursor = checks.filter(({ name }) => name === "host cursor").map(({ status, message }) =>
    `${status}: ${message}`
  );
  assert.equal(cursor.length, 3);
  assert.match(
    cursor[0] ?? "",
    /^warn: Cursor: good in .* starts and answers \(version 9\), but is another program/,
  );
  assert.match(cursor[1] ?? "", /^broken: gone in .* starts \/nowhere\/agent-async, which is gone/);
  assert.match(cursor[2] ?? "", /^broken: dies in .* does not start: it ended with 3: no such thing/);
  const gemini = checks.find(({ name }) => name === "host gemini");
  assert.match(`${gemini?.status}: ${gemini?.message}`, /^broken: .*settings\.json:2:17: /);
  const codex = checks.find(({ name }) => name === "host codex");
  assert.match(
    `${codex?.status}: ${codex?.message}`,
    /^ok: Codex CLI is here, .* \(agent-async add-agent codex\)$/,
  );
});

Deno.test("doctor: a server that says nothing and does not leave is ended with what it started", async () => {
  using machine = new HostMachine();
  const pids = `${machine.project}/pids`;
  const server = install(machine, "server", `trap '' TERM; sleep 1000 & echo $$ $! >${pids}; wait; wait`);
  const env = { PATH: Deno.env.get("PATH") ?? "" };
  const answer = await greetServer([server], { env, cwd: machine.project, timeoutMs: 500 });
  assert.deepEqual(answer, { fault: "no answer to initialize in 0.5 s" });
  const processes = Deno.readTextFileSync(pids).trim().split(" ").map(Number);
  assert.equal(processes.length, 2);
  for (const pid of processes) {
    await eventually(() => !isRunning(pid), { what: `the end of process ${pid}` });
  }
});

Deno.test("doctor: for a person, each line with its status, and advice under what needs it", async () => {
  using machine = new HostMachine();
  const { code, stdout } = await machine.run("doctor");
  assert.equal(code, 1);
  assert.match(stdout, /^ok {6}program {15}agent-async 1\.2\.3/m);
  assert.match(stdout, /^broken {2}agents {16}there is no agent that works\n {8}-> Install or mend/m);
  assert.match(stdout, /\n\n1 broken, \d+ warnings\n$/);
});

Deno.test("doctor: on a terminal it says that it looks, and takes that back", async () => {
  using machine = new HostMachine();
  const { stderr } = await commandLine(["doctor"], {
    env: machine.env,
    cwd: machine.project,
    isTerminal: true,
  });
  assert.equal(stderr, "Looking at this machine ...\r\x1b[2K");
});

Deno.test("doctor: of the program itself, registered and with a daemon that it did not start", async () => {
  await using program = new Executable();
  const report = async () => {
    const { code, stdout, stderr } = await program.run(["doctor", "--json"]);
    assert.equal(stderr, "");
    const checks: Found[] = JSON.parse(stdout).checks;
    return {
      code,
      is: (name: string) =>
        checks.filter((one) => one.name === name).map((one) => `${one.status}: ${one.message}`),
    };
  };
  assert.equal((await program.run(["add-agent", "cursor"])).code, 0);
  const before = await report();
  assert.match(before.is("daemon")[0] ?? "", /^ok: does not run/);
  assert.equal((await program.run(["daemon", "status"])).code, 1);
  assert.match(before.is("host cursor")[0] ?? "", /^ok: Cursor: agent-async in .* starts and answers/);
  await program.run(["daemon", "start"]);
  const after = await report();
  assert.match(
    after.is("daemon")[0] ?? "",
    /^ok: version .* runs \(pid \d+, for .*, 0 running and 0 pending jobs\)$/,
  );
  assert.equal(after.code, before.code);
});

Deno.test("doctor: tells whether the daemon that runs can use git, not whether the terminal can", async () => {
  await using program = new Executable();
  const places = async () => {
    const checks: Found[] = JSON.parse((await program.run(["doctor", "--json"])).stdout).checks;
    return checks.find(({ name }) => name === "places");
  };
  const { PATH = "" } = program.env;
  program.env.PATH = program.state.workspace("empty");
  assert.equal((await program.run(["daemon", "start"])).code, 0);
  program.env.PATH = PATH;
  const found = await places();
  assert.equal(found?.status, "warn");
  assert.match(found?.message ?? "", /git is not installed, or not on the PATH of the daemon/);
  await program.run(["daemon", "stop"]);
  assert.equal((await places())?.status, "ok");
});

Deno.test("doctor: what lies on the disk of the changes of jobs, what nobody needs of it, and git", async () => {
  using machine = new HostMachine();
  const without = await doctor(machine);
  assert.match(without.is("places"), /^warn: .*git is not installed/);
  assert.match(without.find("places").fix ?? "", /^Install git 2\.38 or later/);
  install(machine, "git", "echo git version 2.30.1");
  const old = await doctor(machine);
  assert.match(old.is("places"), /^warn: .*git 2\.38 or later is needed; this is git version 2\.30\.1/);
  assert.match(old.find("places").fix ?? "", /newer git/);

  install(machine, "git", "echo git version 2.47.3");
  machine.write("~/.agent-async/jobs/abcd2345/job.json", "{}");
  machine.write("~/.agent-async/places/abcd2345/repo/file", "x".repeat(2048));
  machine.write("~/.agent-async/places/.journals/one", "");
  machine.write("~/.agent-async/patches/wxyz2345.patch", "x".repeat(100));
  const store = "~/.agent-async/snapshots/0123456789abcdef.git";
  machine.write(`${store}/source.json`, JSON.stringify({ source: machine.home }));
  const well = await doctor(machine);
  assert.match(well.is("places"), /^ok: on disk: places 2\.0 KiB, snapshots \d+ bytes, patches 100 bytes$/);

  machine.write("~/.agent-async/places/wxyz2345/repo/file", "x");
  machine.write(`${store}/source.json`, JSON.stringify({ source: machine.path("~/moved/.git") }));
  const { find, is } = await doctor(machine);
  const orphan = machine.path("~/.agent-async/places/wxyz2345");
  assert.match(
    is("places"),
    new RegExp(`^warn: .*jobs that are gone: ${orphan} \\(1 bytes\\); .*: ${machine.path("~/moved/.git")}$`),
  );
  assert.match(find("places").fix ?? "", new RegExp(`prune --orphans .* rm -r ${machine.path(store)}$`));
});
