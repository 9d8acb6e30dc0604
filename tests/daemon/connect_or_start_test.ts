import assert from "node:assert/strict";
import { join } from "node:path";
import { connectOrStart, connectToDaemon } from "../../src/daemon/reach/connect_or_start.ts";
import { writeStartFailure } from "../../src/daemon/reach/start_failure.ts";
import { AgentAsyncError, isAgentAsyncError } from "../../src/domain/errors.ts";
import { DaemonHome, isAlive } from "../support/daemon_home.ts";
import { testEndpoints } from "../support/endpoints.ts";
import { eventually } from "../support/eventually.ts";
import { sendSignal } from "../support/signals.ts";

testEndpoints("a front-end that finds no daemon starts one, and its calls are answered", async (kind) => {
  await using home = new DaemonHome({ kind });
  const service = home.service();
  const receipt = await service.start(home.startRequest("hello"));
  assert.equal(receipt.status, "running");
  const status = await service.status();
  assert.deepEqual({ home: status.home, jobs: status.jobs, clients: status.clients }, {
    home: home.home,
    jobs: { pending: 0, running: 1, done: 0, error: 0, cancelled: 0 },
    clients: 1,
  });
});

testEndpoints("twenty front-ends at once in an empty directory start one daemon", async (kind) => {
  await using home = new DaemonHome({ kind });
  const services = Array.from({ length: 20 }, () => home.service());
  const requests = services.map((service) => service.start(home.startRequest("x", { request_key: "same" })));
  const receipts = await Promise.all(requests);
  assert.deepEqual(new Set(receipts.map((receipt) => receipt.job_id)), new Set(["00000001"]));
  assert.equal(home.lives().length, 1);
});

testEndpoints(
  "daemons that are killed while front-ends arrive are replaced, one at a time, and every call is answered",
  async (kind) => {
    await using home = new DaemonHome({ kind });
    for (let round = 1; round <= 10; round++) {
      const arrivals = Array.from({ length: 10 }, async (_, index) => {
        await new Promise((resolve) => setTimeout(resolve, index * 5));
        const service = home.service();
        const receipt = await service.start(home.startRequest("x", { request_key: `${round}-${index}` }));
        service.close();
        return receipt.job_id;
      });
      const victim = home.lives().at(-1);
      if (victim !== undefined) await home.kill(victim.pid);
      const ids = await Promise.all(arrivals);
      assert.equal(new Set(ids).size, 10, `round ${round}`);
      const alive = home.lives().filter(({ pid }) => isAlive(pid));
      assert.equal(alive.length, 1, `round ${round}: ${alive.length} daemons`);
    }
    const { total } = await home.service().list({ limit: 1 });
    assert.equal(total, 100);
  },
);

Deno.test("a socket file that nobody listens on, or that is no socket, is replaced", async () => {
  await using home = new DaemonHome();
  await Deno.mkdir(home.home, { mode: 0o700 });
  await Deno.writeTextFile(join(home.home, "daemon.sock"), "no socket");
  await home.service().ping();
  const [first] = home.lives();
  assert.ok(first);
  await home.kill(first.pid);
  assert.ok((await Deno.lstat(join(home.home, "daemon.sock"))).isSocket);
  await home.service().ping();
  assert.equal(home.lives().length, 2);
});

testEndpoints(
  "a suspended daemon is no dead daemon: a clear error, no second daemon, and it goes on afterwards",
  async (kind) => {
    await using home = new DaemonHome({ kind });
    await home.service().ping();
    const [life] = home.lives();
    assert.ok(life);
    sendSignal(life.pid, "SIGSTOP");
    try {
      await assert.rejects(
        home.service({ helloTimeoutMs: 300 }).ping(),
        (error) => isAgentAsyncError(error, "daemon_unreachable") && /kill -CONT/.test(error.hint ?? ""),
      );
    } finally {
      sendSignal(life.pid, "SIGCONT");
    }
    await home.service().ping();
    assert.equal(home.lives().length, 1);
  },
);

testEndpoints(
  "a call in flight to a daemon that is suspended for good ends with a clear error",
  async (kind) => {
    await using home = new DaemonHome({ kind });
    const service = home.service({ lookMs: 50 });
    await service.ping();
    const [life] = home.lives();
    assert.ok(life);
    sendSignal(life.pid, "SIGSTOP");
    try {
      await assert.rejects(
        service.list({}),
        (error) => isAgentAsyncError(error, "daemon_unreachable") && error.message.includes(String(life.pid)),
      );
    } finally {
      sendSignal(life.pid, "SIGCONT");
    }
  },
);

Deno.test("why a daemon could not start says nothing once the clock was set back: the next one is started", async () => {
  await using home = new DaemonHome();
  await Deno.mkdir(home.home, { mode: 0o700 });
  writeStartFailure(home.home, new Error("The disk was full"), Date.now() + 3_600_000);
  await home.service().ping();
  assert.equal(home.lives().length, 1);
});

testEndpoints(
  "the reason why a daemon cannot start reaches every front-end that waits for it, soon",
  async (kind) => {
    await using home = new DaemonHome({ kind });
    await Deno.mkdir(home.home, { mode: 0o700 });
    await Deno.writeTextFile(join(home.home, "refuse.txt"), "limits.total: must be at least 1");
    const began = performance.now();
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => home.service().ping()));
    for (const result of results) {
      assert.ok(result.status === "rejected" && result.reason instanceof AgentAsyncError);
      assert.deepEqual([result.reason.code, result.reason.message], [
        "config_invalid",
        "limits.total: must be at least 1",
      ]);
    }
    // Not only when the patience of 20 s is over.
    assert.ok(performance.now() - began < 18_000);
    await Deno.remove(join(home.home, "refuse.txt"));
    await home.service().ping();
  },
);

testEndpoints("a command that ends at once is named in the error", async (kind) => {
  await using home = new DaemonHome({ kind });
  const options = home.connectOptions({ command: ["/bin/sh", "-c", "exit 7"] });
  await assert.rejects(connectOrStart(options), (error) => {
    return isAgentAsyncError(error, "daemon_unreachable") && error.message.includes("code 7");
  });
  const missing = home.connectOptions({ command: [join(home.home, "gone")] });
  await assert.rejects(connectOrStart(missing), (error) => isAgentAsyncError(error, "daemon_unreachable"));
});

Deno.test("a daemon carries no mark of the job it was started from, and holds no directory or terminal", async () => {
  await using home = new DaemonHome();
  const env = { ...Deno.env.toObject(), AGENT_ASYNC_JOB_ID: "00000009", AGENT_ASYNC_DEPTH: "2" };
  await home.service({ env }).ping();
  const [life] = home.lives();
  assert.ok(life);
  const environ = await Deno.readTextFile(`/proc/${life.pid}/environ`);
  assert.deepEqual(environ.split("\0").filter((line) => /^AGENT_ASYNC_(JOB_ID|DEPTH)=/.test(line)), []);
  assert.equal(await Deno.realPath(`/proc/${life.pid}/cwd`), "/");
  const stat = (await Deno.readTextFile(`/proc/${life.pid}/stat`)).split(") ")[1]?.split(" ") ?? [];
  const [, , group, session, terminal] = stat;
  assert.deepEqual([group, session, terminal], [String(life.pid), String(life.pid), "0"]);
});

testEndpoints("asking for the daemon that is there starts none", async (kind) => {
  await using home = new DaemonHome({ kind });
  assert.equal(await connectToDaemon(home.connectOptions()), null);
  assert.deepEqual(home.lives(), []);
  await home.service().ping();
  const connection = await connectToDaemon(home.connectOptions());
  assert.equal(connection?.hello.pid, home.lives()[0]?.pid);
  connection?.close();
});

testEndpoints("a call that is given up while a daemon starts is cancelled at once", async (kind) => {
  await using home = new DaemonHome({ kind });
  const controller = new AbortController();
  const call = home.service().ping({ signal: controller.signal });
  controller.abort();
  await assert.rejects(call, (error) => isAgentAsyncError(error, "cancelled"));
  await eventually(() => home.lives().length === 1 && isAlive(home.lives()[0]?.pid ?? 0), {
    what: "the daemon that was being started",
  });
});

testEndpoints(
  "a daemon that dies of the very call it is asked is not asked for ever, and nothing runs twice",
  async (kind) => {
    await using home = new DaemonHome({ kind });
    const service = home.service();
    const receipt = await service.start(home.startRequest("crash"));
    assert.equal(receipt.message, "known already");
    assert.equal((await service.list({})).total, 1);
    assert.equal(home.lives().length, 2);
  },
);
