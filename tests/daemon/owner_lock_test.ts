import assert from "node:assert/strict";
import { join } from "node:path";
import { type AcquireOptions, OwnerLock } from "../../src/daemon/serve/owner_lock.ts";
import { DaemonHome, isAlive } from "../support/daemon_home.ts";

const PATIENT: AcquireOptions = { version: "1.2.3", waitMs: 120_000, giveUp: () => Promise.resolve(false) };
const BRIEF: AcquireOptions = { ...PATIENT, waitMs: 0 };

async function withLockPath(run: (path: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "aa-lock-" });
  try {
    await run(join(directory, "daemon.lock"));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("one holds the lock, its file says who, and it stays when the lock is released", () =>
  withLockPath(async (path) => {
    const lock = await OwnerLock.acquire(path, BRIEF);
    assert.ok(lock);
    assert.deepEqual(JSON.parse(await Deno.readTextFile(path)), { pid: Deno.pid, version: "1.2.3" });
    assert.equal(await OwnerLock.acquire(path, BRIEF), null);
    lock.release();
    lock.release();
    assert.equal((await Deno.lstat(path)).mode! & 0o777, 0o600);
    using next = await OwnerLock.acquire(path, BRIEF);
    assert.ok(next);
  }));

Deno.test("an owner that leaves is waited for, unless a daemon is there already", () =>
  withLockPath(async (path) => {
    const lock = await OwnerLock.acquire(path, BRIEF);
    const waiting = OwnerLock.acquire(path, PATIENT);
    const began = performance.now();
    const impatient = OwnerLock.acquire(path, { ...PATIENT, giveUp: () => Promise.resolve(true) });
    assert.equal(await impatient, null);
    assert.ok(performance.now() - began < 60_000);
    lock?.release();
    using next = await waiting;
    assert.ok(next);
  }));

Deno.test("on a Deno without tryLock there is one daemon as well, and a next one after its end", async () => {
  await using home = new DaemonHome();
  const env = { ...Deno.env.toObject(), FIXTURE_WITHOUT_TRY_LOCK: "1" };
  await Promise.all(Array.from({ length: 8 }, () => home.service({ env }).ping()));
  const [first] = home.lives();
  assert.ok(first);
  // One that comes although the daemon runs: it must go, and must not take the lock later.
  const { command: [executable = "", ...args] } = home.connectOptions();
  const options = {
    args,
    env: { ...env, AGENT_ASYNC_HOME: home.home },
    stdout: "null",
    stderr: "null",
  } as const;
  const { code } = await new Deno.Command(executable, options).output();
  assert.deepEqual([code, home.lives().length, isAlive(first.pid)], [0, 1, true]);
  await home.service({ env }).stop();
  await home.service({ env }).ping();
  assert.equal(home.lives().length, 2);
});

Deno.test("somebody who only looks at the lock keeps nobody from it, though a dead daemon's address is there", () =>
  withLockPath(async (path) => {
    using looking = await Deno.open(path, { create: true, read: true, write: true });
    assert.ok(await looking.tryLock(false));
    const acquired = OwnerLock.acquire(path, { ...PATIENT, giveUp: () => Promise.resolve(true) });
    setTimeout(() => looking.unlockSync(), 5);
    using lock = await acquired;
    assert.ok(lock);
  }));
