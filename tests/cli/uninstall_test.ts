/**
 * Tests of room `cli`: `uninstall` from source, where the program itself stays; `tests/e2e/update_test.ts` removes a
 * real executable.
 *
 * @module
 */
import assert from "node:assert/strict";
import { countUnapplied } from "../../src/cli/uninstall/jobs_in_the_way.ts";
import type { Brief } from "../../src/domain/job/result.ts";
import type { ListRequest } from "../../src/service/read_requests.ts";
import { join } from "node:path";
import { removeExecutable } from "../../src/cli/uninstall/remove_executable.ts";
import { countJobs, removeStateDirectory } from "../../src/cli/uninstall/state_directory.ts";
import { AgentAsyncError } from "../../src/domain/errors.ts";
import { aBrief, ScriptedService } from "../support/scripted_service.ts";
import { commandLine, type CommandLineOptions } from "./command_line.ts";
import { HostMachine } from "./host_machine.ts";

/** A state directory with `jobs` jobs in it. */
class Home implements Disposable {
  readonly root = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "agent-async-test-" }));
  readonly home: string;

  constructor(jobs: number, name = ".agent-async") {
    this.home = join(this.root, name);
    for (let job = 0; job < jobs; job++) {
      Deno.mkdirSync(join(this.home, "jobs", `aaaaaaa${job}`), { recursive: true });
    }
    Deno.mkdirSync(this.home, { recursive: true, mode: 0o700 });
    for (const file of ["config.json", "daemon.lock", "daemon.log", "queue.db", "queue.db-wal"]) {
      Deno.writeTextFileSync(join(this.home, file), "");
    }
    Deno.mkdirSync(join(this.home, "exits"));
  }

  uninstall(args: readonly string[], options: CommandLineOptions = {}) {
    return commandLine(["uninstall", ...args], {
      service: new ScriptedService({ list: () => Promise.resolve({ jobs: [], total: 0 }) }),
      ...options,
      env: { HOME: this.root, AGENT_ASYNC_HOME: this.home, PATH: "", NO_COLOR: "1" },
    });
  }

  get isThere(): boolean {
    return [...Deno.readDirSync(this.root)].length > 0;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.root, { recursive: true });
  }
}

Deno.test("uninstall: jobs that cannot be looked for are not taken for none", async () => {
  using home = new Home(0);
  Deno.writeTextFileSync(join(home.home, "jobs"), "");
  const { code, stderr } = await home.uninstall(["--yes"]);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^agent-async: Cannot look for jobs in .*\/jobs: Not a directory .*\nMend that, or set /,
  );
  assert.ok(home.isThere);
});

Deno.test("uninstall: without a terminal it deletes jobs only when it was told to", async () => {
  using home = new Home(2);
  const asked = await home.uninstall([]);
  assert.equal(asked.code, 2);
  assert.match(asked.stderr, /holds 2 jobs\nSay --yes to delete them too, or --keep-jobs to keep them\./);
  assert.ok(home.isThere);

  const kept = await home.uninstall(["--keep-jobs"]);
  assert.deepEqual([kept.code, countJobs(home.home)], [0, 2]);
  assert.match(kept.stdout, /^Kept the source in .*\nKept .* with its jobs and configuration\.\n$/);

  const deleted = await home.uninstall(["--yes", "--json"]);
  assert.equal(deleted.code, 0);
  assert.deepEqual([JSON.parse(deleted.stdout).jobs, home.isThere], ["deleted", false]);
  assert.equal((await home.uninstall(["--yes"])).code, 0, "again is no fault");
});

Deno.test("uninstall: without a terminal nothing goes by itself, also where there are no jobs", async () => {
  using home = new Home(0);
  const { code, stderr } = await home.uninstall([]);
  assert.equal(code, 2);
  assert.match(stderr, /no terminal to ask .*\nSay --yes to remove everything, or --keep-jobs to keep /);
  assert.equal((await home.uninstall(["--force"])).code, 2);
  assert.ok(home.isThere);
  assert.equal((await home.uninstall(["--keep-jobs"])).code, 0);
  assert.ok(home.isThere);
});

for (
  const [answer, code, isThere] of [["y", 0, false], ["n", 0, true], ["", 130, true], ["what", 130, true]]
) {
  Deno.test(`uninstall: asked on a terminal, answered "${answer}"`, async () => {
    using home = new Home(1);
    const run = await home.uninstall([], { isTerminal: true, stdin: `${answer}\n` });
    assert.equal(run.code, code);
    assert.match(
      run.stderr,
      /Delete the job in \S+ too, with\s+results and configuration\? \[y\]es, \[n\]o, \[q\]uit: /,
    );
    assert.equal(home.isThere, isThere);
  });
}

Deno.test("uninstall: --yes and --keep-jobs contradict each other", async () => {
  using home = new Home(1);
  const { code, stderr } = await home.uninstall(["--yes", "--keep-jobs"]);
  assert.equal(code, 2);
  assert.match(stderr, /say one of them/);
});

Deno.test("uninstall: while jobs wait or run it refuses, unless it is told what becomes of them", async () => {
  using home = new Home(2);
  const waiting = new Set(["aaaaaaa0", "aaaaaaa1"]);
  const service = new ScriptedService({
    list: ({ status }) => {
      const jobs = status === "running" ? [...waiting].map((job_id) => aBrief({ job_id })) : [];
      return Promise.resolve({ jobs, total: jobs.length });
    },
    cancel: ({ job_id }) => {
      waiting.delete(job_id);
      return Promise.resolve({ job_id, status: "cancelled", message: "Cancelled." });
    },
  });
  for (const args of [["--yes"], ["--keep-jobs"]]) {
    const { code, stderr } = await home.uninstall(args, { service });
    assert.equal(code, 1);
    assert.match(stderr, /Cannot uninstall while jobs wait or run \(2 of 2\)\n.*--force/);
  }
  assert.equal((await home.uninstall(["--keep-jobs", "--force"], { service })).code, 0);
  assert.deepEqual([waiting.size, home.isThere], [2, true], "kept jobs go on");
  const { stdout } = await home.uninstall(["--yes", "--force"], { service });
  assert.match(stdout, /^Cancelled: 2 jobs\.$/m);
  assert.deepEqual([waiting.size, home.isThere], [0, false]);
});

Deno.test("uninstall: a store that nobody can read stops it, but not for ever", async () => {
  using home = new Home(1);
  const broken = new AgentAsyncError("store_newer", "The store is newer.");
  const service = new ScriptedService({ list: () => Promise.reject(broken) });
  assert.equal((await home.uninstall(["--yes"], { service })).code, 1);
  assert.ok(home.isThere);
  assert.equal((await home.uninstall(["--yes", "--force"], { service })).code, 0);
  assert.ok(!home.isThere);
});

Deno.test("uninstall: without jobs there is nothing to ask, and no daemon is started to be asked", async () => {
  using home = new Home(0);
  assert.equal((await home.uninstall(["--yes"])).code, 0);
  assert.equal(home.isThere, false);
});

Deno.test("removeStateDirectory: in a directory of other things, only ours go", () => {
  using home = new Home(1, "shared");
  for (const name of ["thesis.txt", "config.yaml", "jobs.csv", "queue.dbx"]) {
    Deno.writeTextFileSync(join(home.home, name), "mine");
  }
  Deno.writeTextFileSync(join(home.home, ".config.json.123.tmp"), "");
  for (const name of ["places", "snapshots", "patches"]) Deno.mkdirSync(join(home.home, name));
  const { foreign } = removeStateDirectory(home.home);
  assert.deepEqual(foreign, ["config.yaml", "jobs.csv", "queue.dbx", "thesis.txt"]);
  assert.deepEqual([...Deno.readDirSync(home.home)].map(({ name }) => name).sort(), foreign);
});

Deno.test("removeStateDirectory: a directory of our own goes whole, a link goes without what is not ours behind it", () => {
  using home = new Home(1);
  Deno.writeTextFileSync(join(home.home, "anything"), "");
  assert.deepEqual(removeStateDirectory(home.home), { isRemoved: true, foreign: [] });
  assert.deepEqual(removeStateDirectory(home.home), { isRemoved: false, foreign: [] });
  const elsewhere = join(home.root, "elsewhere");
  Deno.mkdirSync(elsewhere);
  Deno.writeTextFileSync(join(elsewhere, "thesis.txt"), "");
  Deno.symlinkSync(elsewhere, home.home);
  assert.deepEqual(removeStateDirectory(home.home).foreign, ["thesis.txt"]);
});

Deno.test("removeExecutable: the link on the PATH and the program behind it; on Windows the rest is named", () => {
  using home = new Home(0);
  const [link, program] = [join(home.root, "link"), join(home.root, "program")];
  Deno.writeTextFileSync(program, "x");
  Deno.symlinkSync(program, link);
  // What a killed update and a killed installation have left.
  Deno.writeTextFileSync(join(home.root, ".agent-async-update-1"), "half");
  Deno.mkdirSync(join(home.root, ".agent-async-install.1"));
  assert.deepEqual(removeExecutable(link, { searchPath: "", os: "linux" }), {
    removed: [link, program],
    leftover: null,
  });
  assert.deepEqual([...Deno.readDirSync(home.root)].map(({ name }) => name), [".agent-async"]);
  // Started by its own path, as Linux tells it: the link is found on the PATH.
  Deno.writeTextFileSync(program, "x");
  const bin = join(home.root, "bin");
  Deno.mkdirSync(bin);
  Deno.symlinkSync(program, join(bin, "agent-async"));
  assert.deepEqual(
    removeExecutable(program, { searchPath: `/nowhere:${bin}:relative`, os: "linux" }).removed,
    [
      program,
      join(bin, "agent-async"),
    ],
  );
  assert.deepEqual([...Deno.readDirSync(bin)], []);
  Deno.writeTextFileSync(program, "x");
  assert.deepEqual(removeExecutable(program, { searchPath: "", os: "windows" }), {
    removed: [program],
    leftover: `${program}.old`,
  });
});

Deno.test("uninstall: copies of hosts' files go when they differ in nothing of anybody else's, the others are named", async () => {
  using machine = new HostMachine();
  const untouched = {
    "~/.cursor/mcp.json": '{\n  // mine\n  "mcpServers": {}\n}\n',
    "~/.codex/config.toml": '# mine\nmodel = "m"\n',
    "~/.claude/settings.json": '{ "permissions": { "allow": ["Read"] } }\n',
  };
  for (const [path, text] of Object.entries(untouched)) machine.write(path, text);
  machine.write("~/.gemini/settings.json", '{ "ui": { "theme": "x" } }\n');
  for (const host of ["cursor", "codex", "gemini", "claude-code", "claude-desktop"]) {
    await machine.json("add-agent", host, "--allow", "--wake");
  }
  // Changed by its owner since: the copy is not the same but for us.
  const gemini = (machine.read("~/.gemini/settings.json") ?? "").replace('"theme": "x"', '"theme": "y"');
  await machine.json("remove-agent", "gemini");
  machine.write("~/.gemini/settings.json", gemini.replace(/,?\s*"mcpServers"[\s\S]*/, "}\n"));

  const { code, stdout, stderr } = await machine.run("uninstall", "--keep-jobs");
  assert.equal(code, 0, stderr);
  const backup = (path: string) => `${machine.path(path)}.agent-async-backup`;
  for (const path of Object.keys(untouched)) {
    assert.ok(
      stdout.includes(`Removed ${backup(path)}: it differed only in what was agent-async's.\n`),
      stdout,
    );
  }
  assert.ok(
    stdout.includes(
      `Kept ${backup("~/.gemini/settings.json")}: what ${
        machine.path("~/.gemini/settings.json")
      } was before it was last changed for agent-async.\n`,
    ),
    stdout,
  );
  const left = Object.keys(machine.files()).filter((path) => path.endsWith("-backup"));
  assert.deepEqual(left, ["home/.gemini/settings.json.agent-async-backup"]);
  for (const [path, text] of Object.entries(untouched)) assert.equal(machine.read(path), text);
});

Deno.test("uninstall: a copy stays that holds comments which the file has lost since", async () => {
  using machine = new HostMachine();
  machine.write("~/.codex/config.toml", '# why it is m\nmodel = "m"\n');
  machine.write("~/.cursor/mcp.json", '{\n  "mcpServers": {} // none yet: see https://wiki/mcp\n}\n');
  for (const host of ["codex", "cursor"]) {
    await machine.json("add-agent", host);
    await machine.json("remove-agent", host);
  }
  // As hosts and tools do that write their file anew.
  for (const path of ["~/.codex/config.toml", "~/.cursor/mcp.json"]) {
    machine.write(path, (machine.read(path) ?? "").replace(/# why.*\n|\/\/ none.*/, ""));
  }
  const { stdout } = await machine.run("uninstall", "--keep-jobs");
  for (const path of ["~/.codex/config.toml", "~/.cursor/mcp.json"]) {
    assert.ok(stdout.includes(`Kept ${machine.path(path)}.agent-async-backup: `), stdout);
    assert.notEqual(machine.read(`${path}.agent-async-backup`), null);
  }
});

Deno.test("uninstall: work that nobody has taken over is told before it goes, and stays with --keep-jobs", async () => {
  using home = new Home(2);
  Deno.mkdirSync(join(home.home, "patches"));
  Deno.writeTextFileSync(join(home.home, "patches", "zzzzzzz0.patch"), "");
  const service = new ScriptedService({
    list: ({ status }) => {
      const ended = { status: "done", work: "not_applied" } as const;
      const jobs = status === undefined ? [aBrief(ended), aBrief({ ...ended, work: undefined })] : [];
      return Promise.resolve({ jobs, total: jobs.length });
    },
  });
  const told = /^Nobody has taken over the changes of 1 job and 1 patch: that goes with the jobs\.\n/;
  const no = await home.uninstall([], { service, isTerminal: true, stdin: "q\n" });
  assert.match(no.stderr, /Nobody has taken over the changes of 1 job [^]*Delete the 2 jobs /);
  assert.ok(home.isThere);
  const kept = await home.uninstall(["--keep-jobs"], { service });
  assert.equal(kept.stderr, "");
  assert.ok(Deno.statSync(join(home.home, "patches", "zzzzzzz0.patch")).isFile);
  const { stderr } = await home.uninstall(["--yes"], { service });
  assert.match(stderr, told);
  assert.equal(home.isThere, false);
});

Deno.test("uninstall: patches of jobs that are gone are asked for too", async () => {
  using home = new Home(0);
  Deno.mkdirSync(join(home.home, "patches"));
  Deno.writeTextFileSync(join(home.home, "patches", "zzzzzzz0.patch"), "");
  const { code, stderr } = await home.uninstall([], { isTerminal: true, stdin: "q\n" });
  assert.equal(code, 130);
  assert.match(stderr, /Nobody has taken over 1 patch: [^]*Delete the patches in /);
  assert.ok(home.isThere);
});

Deno.test("uninstall: all jobs whose work nobody has taken over are counted, however many there are", async () => {
  const id = (index: number) => `0${index.toString().padStart(7, "0")}`;
  const ids = [...Array.from({ length: 2_300 }, (_, index) => id(index)), "a0000000", "zzzzzzzz"];
  const jobs = ids.map((job_id, index): Brief => ({
    job_id,
    agent: "codex",
    status: "done",
    prompt: "p",
    cwd: "/",
    created_at: "2026-11-28T00:00:00.000Z",
    started_at: null,
    finished_at: null,
    ...(index % 2 === 0 ? { work: "not_applied" } : {}),
  }));
  const list = ({ id_prefix = "", limit = 20 }: ListRequest) => {
    const found = jobs.filter(({ job_id }) => job_id.startsWith(id_prefix));
    const listed = found.slice(0, limit);
    return Promise.resolve({ jobs: listed, total: id_prefix === "" ? found.length : listed.length });
  };
  assert.equal(await countUnapplied({ list }, new AbortController().signal), jobs.length / 2);
});
