import assert from "node:assert/strict";
import { canSpawn, type SpawnedProcess, spawnProcess } from "../../src/system/processes/spawn_process.ts";
import { eventually } from "../support/eventually.ts";
import { testUnless } from "../support/skippable.ts";
import { sendSignal } from "../support/signals.ts";

const CANNOT = canSpawn() ? null : "posix_spawn is not to be had here";

function sh(script: string, options: { stdin?: string; stderr?: string; cwd?: string } = {}): SpawnedProcess {
  return spawnProcess({
    executable: "/bin/sh",
    args: ["-c", script],
    env: ["PATH=/usr/bin:/bin"],
    cwd: "/",
    ...options,
  });
}

/** What is spawned does not keep this process alive. */
async function ended(process: SpawnedProcess) {
  const awake = setInterval(() => {}, 1_000);
  try {
    return await process.status;
  } finally {
    clearInterval(awake);
  }
}

/** State of each child of this process. */
function children(): string[] {
  const { stdout } = new Deno.Command("ps", { args: ["--ppid", String(Deno.pid), "-o", "pid=,stat="] })
    .outputSync();
  return new TextDecoder().decode(stdout).trim().split("\n");
}

testUnless(CANNOT, "spawnProcess: an exit code and a signal are told", async () => {
  assert.deepEqual(await ended(sh("exit 7")), { success: false, code: 7, signal: null });
  assert.deepEqual(await ended(sh("exit 0")), { success: true, code: 0, signal: null });
  assert.deepEqual(await ended(sh("kill -9 $$")), { success: false, code: 137, signal: 9 });
});

testUnless(
  CANNOT,
  "spawnProcess: fifty that end at the same moment are all heard of, and none stays a zombie",
  async () => {
    const path = Deno.makeTempFileSync();
    const spawned = Array.from(
      { length: 50 },
      (_, index) => sh(`while [ -e '${path}' ]; do sleep 0.02; done; exit ${index}`),
    );
    Deno.removeSync(path);
    const statuses = await Promise.all(spawned.map(ended));
    assert.deepEqual(statuses.map(({ code }) => code), spawned.map((_, index) => index));
    const pids = new Set(spawned.map(({ pid }) => String(pid)));
    assert.deepEqual(children().filter((row) => pids.has(row.trim().split(" ")[0] ?? "")), []);
  },
);

testUnless(CANNOT, "spawnProcess: one that is killed from elsewhere is reaped too", async () => {
  const process = sh("exec sleep 60");
  const status = ended(process);
  sendSignal(process.pid, "SIGKILL");
  assert.equal((await status).signal, 9);
  assert.throws(() => Deno.statSync(`/proc/${process.pid}`));
});

testUnless(
  CANNOT,
  "spawnProcess: a session, a directory and signals of its own, and no descriptor beside the three",
  async () => {
    using out = temporaryFile();
    // One that would be handed on, had it not been opened here.
    using _held = Deno.openSync(out.path);
    // The shell's own pid is its session and group: fields 5 and 6 of its line. It holds what it redirects beside.
    const script = `{ read -r line </proc/self/stat; echo "$line"
      for number in 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$number ] && printf '%s ' $number; done; echo
      while read -r line; do case $line in SigBlk*|SigIgn*) echo "$line";; esac; done </proc/self/status; pwd; } >'${out.path}'`;
    assert.equal((await ended(sh(script, { cwd: "/usr" }))).code, 0);
    const [stat = "", descriptors = "", blocked = "", ignored = "", cwd] = Deno.readTextFileSync(out.path)
      .split("\n");
    const [pid, , , , group, session] = stat.split(" ");
    assert.deepEqual([group, session], [pid, pid]);
    assert.equal(descriptors, "");
    assert.match(blocked, /\s0+$/);
    // Those of the C library itself, 32 and 33, are not for programs.
    assert.equal(BigInt(`0x${ignored.split(/\s+/)[1]}`) & 0x7fffffffn, 0n);
    assert.equal(cwd, "/usr");
  },
);

testUnless(CANNOT, "spawnProcess: stdin is read from a file and stderr is appended to one", async () => {
  using input = temporaryFile();
  using errors = temporaryFile();
  Deno.writeTextFileSync(input.path, "said\n");
  Deno.writeTextFileSync(errors.path, "before\n");
  await ended(sh("cat >&2", { stdin: input.path, stderr: errors.path }));
  assert.equal(Deno.readTextFileSync(errors.path), "before\nsaid\n");
});

testUnless(CANNOT, "spawnProcess: what cannot be started says why, and listens to nothing", async () => {
  const start = (options: Partial<Parameters<typeof spawnProcess>[0]>) => () =>
    spawnProcess({ executable: "/bin/sh", args: [], env: [], cwd: "/", ...options });
  assert.throws(start({ executable: "/nowhere/at/all" }), /os error 2\)/);
  assert.throws(start({ cwd: "/nowhere/at/all" }), /os error 2\)/);
  assert.throws(start({ executable: "/etc/passwd" }), /os error 13\)/);
  assert.throws(start({ args: ["x".repeat(200_000)] }), /os error 7\)/);
  assert.throws(start({ args: ["a\0b"] }), TypeError);
  assert.throws(start({ env: [new Uint8Array([65, 61, 0])] }), TypeError);
  assert.equal((await ended(sh("exit 3"))).code, 3);
});

testUnless(CANNOT, "spawnProcess: a process that was started does not keep its starter alive", async () => {
  const module = new URL("../../src/system/processes/spawn_process.ts", import.meta.url).href;
  const code = `import { spawnProcess } from ${JSON.stringify(module)};
    console.log(spawnProcess({ executable: "/bin/sleep", args: ["60"], env: [], cwd: "/" }).pid);`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", code],
  }).output();
  const pid = Number(new TextDecoder().decode(stdout));
  assert.ok(Deno.statSync(`/proc/${pid}`).isDirectory);
  sendSignal(pid, "SIGKILL");
  await eventually(() => !isRunning(pid), { what: "its end" });
});

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

function temporaryFile(): { path: string } & Disposable {
  const path = Deno.makeTempFileSync();
  return { path, [Symbol.dispose]: () => Deno.removeSync(path) };
}
