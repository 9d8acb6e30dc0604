/**
 * Links that were planted while the state directory was open to others.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readConfigText } from "../../src/config/config_text.ts";
import { withLastWords } from "../../src/daemon/serve/last_words.ts";
import { isTrustedFile, requireTrustedFiles } from "../../src/daemon/trust/trusted_files.ts";
import { claimStart } from "../../src/daemon/reach/start_mark.ts";
import { DaemonHome } from "../support/daemon_home.ts";
import { exists } from "../support/exists.ts";
import { runProgram } from "../support/program.ts";
import { makeStateHome } from "../support/state_home.ts";
import { NOT_ROOT, testUnless } from "../support/skippable.ts";

Deno.test("files that lead elsewhere are refused by name, and nothing is written through them", async () => {
  await using state = makeStateHome();
  const { home, cwd } = state;
  const victim = `${cwd}/precious`;
  Deno.writeTextFileSync(victim, "precious");
  requireTrustedFiles(home);
  for (const name of ["daemon.lock", "daemon.log", "daemon.stderr"]) {
    const path = `${home}/${name}`;
    for (
      const [link, problem] of [[Deno.symlinkSync, /symbolic link/], [Deno.linkSync, /hard link/]] as const
    ) {
      link(victim, path);
      assert.throws(() => requireTrustedFiles(home), { code: "daemon_unreachable", message: problem });
      assert.throws(() => requireTrustedFiles(home), { message: new RegExp(name) });
      assert.equal(isTrustedFile(path), false);
      if (name === "daemon.stderr") assert.deepEqual(withLastWords(home, ["x"]), ["x"]);
      Deno.removeSync(path);
    }
    assert.ok(isTrustedFile(path));
  }
  assert.equal(Deno.readTextFileSync(victim), "precious");
});

Deno.test("no file that the program leaves may be a link, but those that people keep elsewhere", async () => {
  await using state = makeStateHome();
  const { home } = state;
  const left = new Set<string>();
  for (const args of [["daemon", "start"], ["run", "say x"], ["daemon", "stop"]]) {
    const { code, stderr } = await runProgram(state, args);
    assert.equal(code, 0, stderr);
    for (const { name, isDirectory } of Deno.readDirSync(home)) if (!isDirectory) left.add(name);
  }
  assert.ok(left.has("queue.ledger") && left.has("queue.db.clean"), [...left].join(" "));
  const victim = `${state.cwd}/precious`;
  Deno.writeTextFileSync(victim, "precious");
  const rare = ["queue.db.broken", "queue.db.recovered", "queue.ledger.1", "config.last.json"];
  const linkable = [...left, ...rare].filter((name) => {
    const path = `${home}/${name}`;
    if (exists(path)) Deno.removeSync(path);
    Deno.symlinkSync(victim, path);
    try {
      requireTrustedFiles(home);
      return true;
    } catch (error) {
      assert.ok(String(error).includes(`${name}: it is a symbolic link`), String(error));
      return false;
    } finally {
      Deno.removeSync(path);
    }
  });
  assert.deepEqual(linkable.sort(), ["config.json", "queue.db"]);
});

Deno.test("a file in the place of a directory of ours is named before anything is begun", async () => {
  await using state = makeStateHome();
  for (const name of ["jobs", "exits", "environments", "places", "snapshots", "patches"]) {
    const path = `${state.home}/${name}`;
    Deno.writeTextFileSync(path, "");
    assert.throws(() => requireTrustedFiles(state.home), {
      code: "daemon_unreachable",
      message: `Cannot use ${path}: it is no directory.`,
    });
    Deno.removeSync(path);
  }
});

Deno.test("a link of one's own for the configuration or the database is one's own business", async () => {
  await using state = makeStateHome();
  const { home, cwd } = state;
  Deno.removeSync(`${home}/config.json`);
  for (const name of ["config.json", "queue.db"]) Deno.symlinkSync(`${cwd}/${name}`, `${home}/${name}`);
  requireTrustedFiles(home);
});

const WINDOWS = Deno.build.os === "windows" ? "links need a privilege there, and FIFOs do not exist" : null;

testUnless(
  WINDOWS,
  "what is of another kind than it must be is refused at once, by name, with what to do",
  async () => {
    await using state = makeStateHome();
    const { home, cwd } = state;
    Deno.mkdirSync(`${cwd}/elsewhere`);
    const link = (path: string) => Deno.symlinkSync(`${cwd}/elsewhere`, path);
    const fifo = (path: string) => void new Deno.Command("mkfifo", { args: [path] }).outputSync();
    const directories = ["jobs", "exits", "environments"];
    const files = [
      "queue.db",
      "queue.db-wal",
      "queue.db-shm",
      "queue.ledger.1",
      "daemon.error",
      "on_finish.cursor",
    ];
    const wrong: [name: string, make: (path: string) => void, problem: string][] = [
      ...directories.flatMap((name) =>
        [
          [name, link, "is a symbolic link"],
          [name, fifo, "is no directory"],
          [name, (path: string) => Deno.writeTextFileSync(path, ""), "is no directory"],
        ] as [string, (path: string) => void, string][]
      ),
      ...files.flatMap((name) =>
        [
          [name, (path: string) => Deno.mkdirSync(path), "is a directory, not a file"],
          [name, fifo, "is no file"],
          [name, link, name === "queue.db" ? "leads to what is no file" : "is a symbolic link"],
        ] as [string, (path: string) => void, string][]
      ),
    ];
    for (const [name, make, problem] of wrong) {
      const path = `${home}/${name}`;
      make(path);
      assert.throws(() => requireTrustedFiles(home), {
        code: "daemon_unreachable",
        message: `Cannot use ${path}: it ${problem}.`,
        hint: new RegExp(`mv ${path} ${path}\\.old`),
      });
      Deno.removeSync(path, { recursive: true });
    }
    for (const name of ["jobs", "queue.db-wal"]) {
      link(`${home}/${name}`);
      const { code, stderr } = await runProgram(state, ["list"]);
      assert.deepEqual([code, stderr.split("\n")[0]], [
        1,
        `agent-async: Cannot use ${home}/${name}: it is a symbolic link.`,
      ]);
      Deno.removeSync(`${home}/${name}`);
    }
  },
);

testUnless(NOT_ROOT, "what another user has put there is refused", async () => {
  await using state = makeStateHome();
  for (const name of ["config.json", "jobs", "daemon.log"]) {
    const path = `${state.home}/${name}`;
    if (name === "jobs") Deno.mkdirSync(path);
    else Deno.writeTextFileSync(path, "{}");
    Deno.chownSync(path, 65534, 65534);
    assert.throws(() => requireTrustedFiles(state.home), { message: /belongs to the user with id 65534/ });
    Deno.removeSync(path, { recursive: true });
  }
});

testUnless(NOT_ROOT, "a front-end says nothing to a socket that another user has planted", async () => {
  await using home = new DaemonHome();
  Deno.mkdirSync(home.home);
  Deno.chmodSync(home.home, 0o777);
  const path = `${home.home}/daemon.sock`;
  const planted = Deno.listen({ transport: "unix", path });
  let connections = 0;
  const listening = (async () => {
    for await (const connection of planted) {
      connections++;
      connection.close();
    }
  })();
  Deno.chownSync(path, 65534, 65534);
  await assert.rejects(home.service().start(home.startRequest("secret")), {
    code: "daemon_unreachable",
    message: `Cannot use ${path}: it belongs to the user with id 65534.`,
  });
  planted.close();
  await listening;
  assert.equal(connections, 0);
  assert.equal((Deno.statSync(home.home).mode ?? 0) & 0o777, 0o700);
});

testUnless(
  NOT_ROOT,
  "whatever another user has left in the state directory keeps every process from it",
  async () => {
    await using home = new DaemonHome();
    Deno.mkdirSync(home.home, { mode: 0o700 });
    for (
      const name of ["daemon.starting", "daemon.error", "queue.db.clean", "places", "of a later version"]
    ) {
      const path = `${home.home}/${name}`;
      Deno.writeTextFileSync(path, "");
      Deno.chownSync(path, 65534, 65534);
      await assert.rejects(home.service().ping(), { message: new RegExp(`${name}: it belongs to the user`) });
      Deno.removeSync(path);
    }
    assert.deepEqual(home.lives(), []);
  },
);

Deno.test("a link in place of the start mark is replaced, and nothing is written where it leads", async () => {
  await using state = makeStateHome();
  const victim = `${state.cwd}/precious`;
  Deno.writeTextFileSync(victim, "precious");
  Deno.utimeSync(victim, 1, 1);
  const mark = `${state.home}/daemon.starting`;
  for (const target of [victim, `${state.cwd}/not-there`]) {
    Deno.symlinkSync(target, mark);
    assert.throws(() => requireTrustedFiles(state.home), {
      message: /daemon\.starting: it is a symbolic link/,
    });
    assert.equal(await claimStart(state.home, Date.now() + 3_600_000), true);
    assert.equal(Deno.lstatSync(mark).isFile, true);
    Deno.removeSync(mark);
  }
  assert.equal(Deno.readTextFileSync(victim), "precious");
  assert.throws(() => Deno.lstatSync(`${state.cwd}/not-there`), Deno.errors.NotFound);
});

testUnless(
  NOT_ROOT,
  "a configuration that another user can change is not read, here or behind a link",
  async () => {
    await using state = makeStateHome();
    const path = `${state.home}/config.json`;
    const elsewhere = `${state.cwd}/config.json`;
    for (
      const [mode, uid, problem] of [[0o600, 65534, /user with id 65534/], [
        0o666,
        0,
        /every user may write/,
      ]] as const
    ) {
      Deno.writeTextFileSync(elsewhere, "{}");
      Deno.chownSync(elsewhere, uid, uid);
      Deno.chmodSync(elsewhere, mode);
      Deno.removeSync(path);
      Deno.symlinkSync(elsewhere, path);
      assert.throws(() => readConfigText(path), { code: "config_invalid", message: problem });
    }
  },
);
