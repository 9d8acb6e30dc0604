import assert from "node:assert/strict";
import { connectToDaemon } from "../../src/daemon/reach/connect_or_start.ts";
import { isAgentAsyncError } from "../../src/domain/errors.ts";
import { DaemonHome, isAlive } from "../support/daemon_home.ts";
import { testEndpoints } from "../support/endpoints.ts";
import { eventually } from "../support/eventually.ts";
import { sendSignal } from "../support/signals.ts";

testEndpoints(
  "a newer front-end takes over with calls in flight: starts are answered, waits go on at the new daemon",
  async (kind) => {
    await using home = new DaemonHome({ kind });
    const old = home.service({ version: "1.0.0" });
    const { job_id } = await old.start(home.startRequest("first"));
    const waitForAny = old.wait({ timeout_seconds: 100 });
    const waitForOne = old.wait({ job_ids: [job_id], timeout_seconds: 100 });
    const slowStart = old.start(home.startRequest("slow"));

    const newer = home.service({ version: "1.1.0-beta.2" });
    assert.equal((await newer.status()).version, "1.1.0-beta.2");
    assert.match((await slowStart).message, /started/);
    await newer.cancel({ job_id });
    assert.deepEqual((await waitForAny).jobs.map((job) => job.job_id), [job_id]);
    assert.deepEqual((await waitForOne).jobs.map((job) => job.status), ["cancelled"]);

    assert.deepEqual(home.lives().map(({ version, ended }) => ({ version, ended })), [
      { version: "1.0.0", ended: true },
      { version: "1.1.0-beta.2", ended: false },
    ]);
    assert.equal(
      (await old.status()).version,
      "1.1.0-beta.2",
      "the older front-end works with the newer daemon",
    );
    assert.equal((await newer.list({})).total, 2);
  },
);

testEndpoints(
  "five newer front-ends and five older ones with open waits end up with one newer daemon",
  async (kind) => {
    await using home = new DaemonHome({ kind });
    const older = Array.from({ length: 5 }, () => home.service({ version: "1.0.0" }));
    const [first] = older;
    assert.ok(first);
    const { job_id } = await first.start(home.startRequest("x"));
    const waits = older.map((service) => service.wait({ job_ids: [job_id], timeout_seconds: 100 }));
    const newer = Array.from({ length: 5 }, () => home.service({ version: "2.0.0" }));
    const versions = await Promise.all(newer.map(async (service) => (await service.status()).version));
    assert.deepEqual(new Set(versions), new Set(["2.0.0"]));
    await newer[0]?.cancel({ job_id });
    for (const { timed_out } of await Promise.all(waits)) assert.equal(timed_out, false);
    assert.deepEqual(home.lives().map(({ version }) => version), ["1.0.0", "2.0.0"]);
  },
);

testEndpoints("a daemon does not hand over to its own or an older version", async (kind) => {
  await using home = new DaemonHome({ kind });
  const service = home.service();
  await assert.rejects(
    service.handover({ version: "1.0.0" }),
    (error) => isAgentAsyncError(error, "conflict"),
  );
  await service.ping();
  assert.equal(home.lives().length, 1);
});

testEndpoints(
  "stop answers what is in flight, leaves in order, and is over when it says so",
  async (kind) => {
    await using home = new DaemonHome({ kind });
    const service = home.service();
    const slowStart = service.start(home.startRequest("slow"));
    await service.ping();
    await home.service().stop();
    assert.match((await slowStart).message, /started/);
    assert.deepEqual(home.lives().map(({ ended }) => ended), [true]);
    assert.equal(await connectToDaemon(home.connectOptions()), null);
    await eventually(() => !isAlive(home.lives()[0]?.pid ?? 0), { what: "the end of the daemon" });
    assert.equal((await service.list({})).total, 1, "the next call starts the next daemon");
    assert.equal(home.lives().length, 2);
  },
);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  testEndpoints(`${signal} is a stop, and SIGHUP is nothing`, async (kind) => {
    await using home = new DaemonHome({ kind });
    const service = home.service();
    const receipt = await service.start(home.startRequest("x"));
    const wait = service.wait({ job_ids: [receipt.job_id], timeout_seconds: 100 });
    const [life] = home.lives();
    assert.ok(life);
    sendSignal(life.pid, "SIGHUP");
    await service.ping();
    assert.equal(home.lives().length, 1);
    sendSignal(life.pid, signal);
    await eventually(() => home.lives()[0]?.ended, { what: "the daemon's end" });
    await service.cancel(receipt);
    assert.equal((await wait).timed_out, false);
  });
}

testEndpoints(
  "a daemon without jobs and clients leaves, and one with a client or a job stays",
  async (kind) => {
    await using home = new DaemonHome({ kind });
    const service = home.service({ idleSeconds: 0.3 });
    const receipt = await service.start(home.startRequest("x"));
    service.close();
    const other = home.service({ idleSeconds: 0.3 });
    await other.wait({ timeout_seconds: 1 });
    assert.deepEqual(home.lives().map(({ ended }) => ended), [false], "a running job keeps it");
    await other.cancel(receipt);
    const connection = await connectToDaemon(home.connectOptions());
    other.close();
    await connectionIsOpenFor(1_000, home);
    assert.deepEqual(home.lives().map(({ ended }) => ended), [false], "an open connection keeps it");
    connection?.close();
    await eventually(() => home.lives()[0]?.ended, { what: "the end of the idle daemon" });
  },
);

testEndpoints("a daemon whose socket was removed leaves, so that the next call finds one", async (kind) => {
  await using home = new DaemonHome({ kind });
  const service = home.service({ idleSeconds: 1 });
  await service.ping();
  await Deno.remove(home.endpointFile);
  await eventually(() => home.lives()[0]?.ended, { what: "the end of the unreachable daemon" });
  await home.service().ping();
  assert.equal(home.lives().length, 2);
});

/** Lets time pass, watching that the daemon stays. */
async function connectionIsOpenFor(ms: number, home: DaemonHome): Promise<void> {
  const end = performance.now() + ms;
  await eventually(() => performance.now() > end || home.lives()[0]?.ended === true, {
    what: "time to pass",
  });
}

testEndpoints(
  "a front-end whose executable starts an older daemon, after a downgrade, works with that one",
  async (kind) => {
    await using home = new DaemonHome({ kind });
    const { command } = home.connectOptions({ version: "1.0.0" });
    const newer = home.service({ version: "2.0.0", command });
    assert.equal((await newer.status()).version, "1.0.0");
    assert.ok(home.lives().length <= 4, `${home.lives().length} daemons were started`);
  },
);
