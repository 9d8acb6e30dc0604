/**
 * Tests of room `system`: the real probe, on tiny real executables.
 *
 * @module
 */
import assert from "node:assert/strict";
import { relative } from "node:path";
import { AgentProbe } from "../../src/system/agent_probe.ts";
import { eventually, PATIENCE_MS } from "../support/eventually.ts";
import { pidIn } from "../support/signals.ts";

/** A directory with the named shell scripts, removed at the end. */
class Scripts implements Disposable {
  readonly path = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "agent-async-probe-" }));

  constructor(scripts: Record<string, string>) {
    for (const [name, body] of Object.entries(scripts)) {
      Deno.writeTextFileSync(`${this.path}/${name}`, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    }
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

const probe = new AgentProbe();
const ENV = { PATH: "/usr/bin:/bin" };

Deno.test("agent probe: finds the first executable of a PATH and passes over what is none", () => {
  using scripts = new Scripts({ tool: "true" });
  Deno.writeTextFileSync(`${scripts.path}/plain`, "no executable");
  Deno.mkdirSync(`${scripts.path}/directory`);
  const path = `relative::/nowhere:${scripts.path}`;
  assert.equal(probe.find(["absent", "tool"], path), `${scripts.path}/tool`);
  assert.equal(probe.find(["plain"], path), null);
  assert.equal(probe.find(["directory"], path), null);
  assert.equal(probe.find(["directory/../tool"], path), null);
  assert.equal(probe.find(["tool"], relative(Deno.cwd(), scripts.path)), null);
  assert.equal(probe.find(["tool"], ""), null);
  const identity = probe.identity(`${scripts.path}/tool`);
  assert.equal(typeof identity, "string");
  assert.equal(probe.identity(`${scripts.path}/tool`), identity);
  Deno.writeTextFileSync(`${scripts.path}/tool`, "\n# longer\n", { append: true });
  assert.notEqual(probe.identity(`${scripts.path}/tool`), identity);
  assert.equal(probe.identity(`${scripts.path}/absent`), null);
  Deno.symlinkSync("tool", `${scripts.path}/link`);
  assert.equal(probe.realPath(`${scripts.path}/link`), `${scripts.path}/tool`);
  assert.equal(probe.realPath("/nowhere/x"), "/nowhere/x");
});

Deno.test("agent probe: runs with exactly the given environment and no stdin", async () => {
  using scripts = new Scripts({ tool: 'cat; echo "$1 $COLOUR $HOME|"; pwd; echo bad >&2; exit 3' });
  const answer = await probe.run(`${scripts.path}/tool`, ["a b"], {
    env: { ...ENV, COLOUR: "blue" },
    timeoutMs: PATIENCE_MS,
    cwd: scripts.path,
  });
  assert.deepEqual(answer, { code: 3, stdout: `a b blue |\n${scripts.path}\n`, stderr: "bad\n" });
});

Deno.test("agent probe: of an answer without end it keeps the beginning, and a file without end it does not read", async () => {
  using scripts = new Scripts({ flood: "head -c 5000000 /dev/zero | tr '\\0' x" });
  const answer = await probe.run(`${scripts.path}/flood`, [], { env: ENV, timeoutMs: PATIENCE_MS });
  assert.match(answer?.stdout ?? "", /^x+$/);
  assert.ok((answer?.stdout.length ?? 0) <= 1_048_576, `${answer?.stdout.length} characters`);
  const path = `${scripts.path}/file`;
  Deno.writeTextFileSync(path, "x".repeat(1_048_576));
  assert.equal(probe.readText(path)?.length, 1_048_576);
  Deno.writeTextFileSync(path, "x", { append: true });
  assert.equal(probe.readText(path), null);
});

Deno.test("agent probe: what cannot start or hangs is null, and nothing of it stays", async () => {
  using scripts = new Scripts({ hang: 'sleep 60 & echo $! > "$1"; echo partly; wait' });
  assert.equal(await probe.run(`${scripts.path}/absent`, [], { env: ENV, timeoutMs: PATIENCE_MS }), null);
  const pidFile = `${scripts.path}/pid`;
  const began = performance.now();
  assert.equal(await probe.run(`${scripts.path}/hang`, [pidFile], { env: ENV, timeoutMs: 500 }), null);
  assert.ok(performance.now() - began < 30_000);
  const pid = await eventually(() => pidIn(pidFile), { what: "the pid of what it had started" });
  await eventually(() => !isRunning(pid), { what: "the end of what the hanging command had started" });
});

Deno.test("agent probe: a child that keeps the output open does not hold up the answer for ever", async () => {
  using scripts = new Scripts({ leave: "sleep 60 & echo $!" });
  const began = performance.now();
  assert.equal(await probe.run(`${scripts.path}/leave`, [], { env: ENV, timeoutMs: 500 }), null);
  assert.ok(performance.now() - began < 30_000);
});

/** Zombies whose parent has not looked yet are not running. */
function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z /.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    return false;
  }
}
