import assert from "node:assert/strict";
import { join } from "node:path";
import { MAX_SILENT, SocketServer } from "../../src/daemon/serve/socket_server.ts";
import { Control } from "../../src/daemon/serve/control.ts";
import { dial } from "../../src/daemon/reach/dial.ts";
import type { Endpoint } from "../../src/daemon/endpoint/endpoint.ts";
import { isAgentAsyncError } from "../../src/domain/errors.ts";
import { RemoteService } from "../../src/service/remote/service.ts";
import type { ByteStream, ChannelLimits } from "../../src/service/remote/frame_channel.ts";
import { PROTOCOL } from "../../src/service/wire.ts";
import { systemClock } from "../../src/system/clock.ts";
import { silentLog } from "../../src/system/log.ts";
import { type EndpointKind, ENDPOINTS, testEndpoints } from "../support/endpoints.ts";
import { eventually } from "../support/eventually.ts";
import { testUnless } from "../support/skippable.ts";
import { FakeService } from "../support/fake_service.ts";

const HELLO = { protocol: PROTOCOL, version: "1.0.0", pid: Deno.pid };

/** A server in this process, around the fake service. */
async function serve(kind: EndpointKind, limits: Partial<ChannelLimits> = {}, greetingMs = 30_000) {
  const directory = Deno.makeTempDirSync({ prefix: "aa-socket-" });
  const endpoint = await ENDPOINTS[kind](directory);
  // Who takes longer than a moment looks whether the daemon lives, by its lock.
  const lock = await Deno.open(join(directory, "daemon.lock"), { write: true, create: true });
  await lock.lock(true);
  const service = new FakeService(directory);
  const control = new Control({
    home: directory,
    version: "1.0.0",
    startedAt: 0,
    upMs: () => 0,
    service: service.door,
    clients: () => server.clients,
    requireGit: () => Promise.resolve(),
    leave: () => {},
  });
  const server = await SocketServer.listen({
    endpoint,
    target: { service: service.door, control },
    hello: { ...HELLO, started_at: "2026-01-01T00:00:00.000Z" },
    log: silentLog,
    limits,
    greetingMs,
  });
  const remotes: RemoteService[] = [];
  return {
    endpoint,
    server,
    service,
    remote() {
      const remote = new RemoteService({
        clock: systemClock,
        connect: async () => {
          const dialled = await dial({ endpoint, hello: HELLO, helloTimeoutMs: 5_000 });
          assert.equal(dialled.verdict, "connected");
          return dialled.connection;
        },
      });
      remotes.push(remote);
      return remote;
    },
    async [Symbol.asyncDispose]() {
      for (const remote of remotes) remote.close();
      await server.stopAccepting();
      server.disconnect();
      await eventually(() => server.clients === 0, { what: "the end of all sessions" });
      lock.close();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

function startRequest(prompt: string) {
  return { agent: "codex", prompt, cwd: "/", origin: { env: {}, session: "test" } };
}

/** Everything that comes back for these bytes until the server closes, or `lines` lines. */
async function exchange(
  endpoint: Endpoint,
  bytes: string | Uint8Array,
  lines = Infinity,
): Promise<string[]> {
  const connection = await endpoint.connect(5_000);
  const data = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  const writing = writeAll(connection, data);
  let text = "";
  const buffer = new Uint8Array(65_536);
  const decoder = new TextDecoder();
  while (text.split("\n").length - 1 < lines) {
    const count = await connection.read(buffer).catch(() => null);
    if (count === null) break;
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
  connection.close();
  await writing.catch(() => {});
  return text.split("\n").filter((line) => line !== "");
}

async function writeAll(connection: ByteStream, data: Uint8Array): Promise<void> {
  for (let offset = 0; offset < data.length;) offset += await connection.write(data.subarray(offset));
}

const HELLO_LINE = `${JSON.stringify({ hello: HELLO })}\n`;

testEndpoints("what leads to a daemon is for this user alone", async (kind) => {
  await using served = await serve(kind);
  assert.equal((Deno.lstatSync(served.endpoint.path).mode ?? 0) & 0o777, 0o600);
});

testEndpoints("a server that has stopped leaves what leads to the next one alone", async (kind) => {
  await using served = await serve(kind);
  await served.remote().ping();
  await served.server.stopAccepting();
  await assert.rejects(Deno.lstat(served.endpoint.path), Deno.errors.NotFound);
  const next = await served.endpoint.listen();
  await served.server.leave(1_000);
  await new Promise((resolve) => setTimeout(resolve));
  assert.ok(await next.isReachable());
  next.close();
  next.remove();
  await assert.rejects(Deno.lstat(served.endpoint.path), Deno.errors.NotFound);
});

const garbage: [string, string | Uint8Array][] = [
  ["bytes that are no JSON", "GET / HTTP/1.1\r\n\r\n"],
  ["bytes that are no UTF-8", new Uint8Array([0xff, 0xfe, 0x0a])],
  ["JSON that is no frame", `{"what":"ever"}\n`],
  ["a bare number", "42\n"],
  [
    "a frame that is too deep",
    `{"id":1,"method":"list","params":${"[".repeat(5_000)}${"]".repeat(5_000)}}\n`,
  ],
  ["a frame without end", "x".repeat(300_000)],
];
for (const [what, bytes] of garbage) {
  testEndpoints(`${what} ends that connection and no other`, async (kind) => {
    await using served = await serve(kind, { maxFrameBytes: 200_000 });
    const other = served.remote();
    await other.ping();
    assert.deepEqual(await exchange(served.endpoint, bytes), []);
    await other.ping();
    await eventually(() => served.server.clients === 1, { what: "the end of the bad connection" });
  });
}

testEndpoints(
  "an unknown method and bad params are errors of that call, and the connection goes on",
  async (kind) => {
    await using served = await serve(kind);
    const frames = [
      { id: 1, method: "constructor", params: {} },
      { id: 2, method: "poll", params: { job_id: "UPPER" } },
      { id: 3, method: "poll", params: { job_id: "00000001" } },
      { id: 4, method: "ping", params: {} },
    ];
    const bytes = HELLO_LINE + frames.map((frame) => `${JSON.stringify(frame)}\n`).join("");
    const answers = (await exchange(served.endpoint, bytes, 5)).map((line) => JSON.parse(line));
    const codes = answers.slice(1).sort((a, b) => a.id - b.id).map(({ error }) => error?.code);
    assert.deepEqual(codes, ["invalid_argument", "invalid_argument", "not_found", undefined]);
    assert.deepEqual(answers[0].hello.protocol, PROTOCOL);
  },
);

testEndpoints(
  "calls before the greeting, and of another protocol, are refused with the reason",
  async (kind) => {
    await using served = await serve(kind);
    const list = `${JSON.stringify({ id: 1, method: "list", params: {} })}\n`;
    const [early] = await exchange(served.endpoint, list, 1);
    assert.match(early ?? "", /"invalid_argument".*hello/);
    const other = `${JSON.stringify({ hello: { ...HELLO, protocol: 99 } })}\n`;
    const [, refused] = await exchange(served.endpoint, other + list, 2);
    assert.match(refused ?? "", /speaks 99/);
    const old = `${JSON.stringify({ hello: { ...HELLO, version: "0.1.0", protocol: 1 } })}\n`;
    const [, told] = await exchange(served.endpoint, old + list, 2);
    assert.deepEqual(JSON.parse(told ?? "").error, {
      code: "daemon_unreachable",
      message: "This session was started by agent-async 0.1.0, and the daemon is 1.0.0 by now: " +
        "restart the session of this host.",
    });
  },
);

testEndpoints("a connection that never says anything is closed", async (kind) => {
  await using served = await serve(kind, {}, 50);
  const remote = served.remote();
  await remote.ping();
  assert.deepEqual(await exchange(served.endpoint, ""), []);
  await remote.ping();
});

testEndpoints(
  "of those that never say anything only the newest are kept, and whoever speaks is heard",
  async (kind) => {
    await using served = await serve(kind);
    const early = served.remote();
    await early.ping();
    const silent: ByteStream[] = [];
    for (let count = 0; count < MAX_SILENT + 20; count++) silent.push(await served.endpoint.connect(5_000));
    await eventually(() => served.server.clients === MAX_SILENT + 1, { what: "the end of the oldest" });
    const oldest = silent.slice(0, 20).map((one) => one.read(new Uint8Array(1)).catch(() => null));
    assert.deepEqual(await Promise.all(oldest), oldest.map(() => null));
    await Promise.all([early.ping(), served.remote().ping()]);
    for (const connection of silent) connection.close();
  },
);

testEndpoints("half a frame and then the end is nothing at all", async (kind) => {
  await using served = await serve(kind);
  const connection = await served.endpoint.connect(5_000);
  await writeAll(
    connection,
    new TextEncoder().encode(`${HELLO_LINE}{"id":1,"method":"start","params":{"agent":`),
  );
  await eventually(() => served.server.clients === 1, { what: "the connection" });
  connection.close();
  await eventually(() => served.server.clients === 0, { what: "its end" });
  assert.equal((await served.remote().list({})).total, 0);
});

testEndpoints("a frame of 50 MB arrives, in either direction", async (kind) => {
  await using served = await serve(kind);
  const remote = served.remote();
  const chars = 50_000_000;
  const { job_id } = await remote.start({ ...startRequest("50000000") });
  assert.equal((await remote.transcript({ job_id })).text.length, chars);
  const big = { ...startRequest("x"), origin: { env: { BIG: "é".repeat(chars / 2) }, session: "test" } };
  assert.equal((await remote.start(big)).status, "running");
});

testEndpoints(
  "a request over the limit is refused before it is sent, and the connection goes on",
  async (kind) => {
    await using served = await serve(kind);
    const remote = served.remote();
    const origin = { env: { BIG: "x".repeat(65 * 1024 * 1024) }, session: "test" };
    await assert.rejects(
      remote.start({ ...startRequest("x"), origin }),
      (error) => isAgentAsyncError(error, "invalid_argument"),
    );
    await remote.ping();
  },
);

testEndpoints("prompts arrive as they were given", async (kind) => {
  await using served = await serve(kind);
  const remote = served.remote();
  for (const prompt of ["--help", "a\u0000b", "😀\r\nline\u2028sep", "x".repeat(1_000_000)]) {
    const { message } = await remote.start(startRequest(prompt));
    assert.equal(message, `started with ${prompt.length} characters`);
  }
});

testEndpoints(
  "a client that never reads is not served without bound, then cut off, and hurts nobody",
  async (kind) => {
    await using served = await serve(kind, { stallMs: 300, highWaterBytes: 100_000 });
    const remote = served.remote();
    const { job_id } = await remote.start(startRequest("1000000"));
    const before = Deno.memoryUsage().rss;
    const connection = await served.endpoint.connect(5_000);
    let flood = HELLO_LINE;
    for (let id = 1; id <= 1_000; id++) {
      flood += `${JSON.stringify({ id, method: "transcript", params: { job_id } })}\n`;
    }
    const writing = writeAll(connection, new TextEncoder().encode(flood)).catch(() => {});
    await remote.ping();
    await eventually(() => served.server.clients === 1, { what: "the end of the client that never reads" });
    assert.ok(Deno.memoryUsage().rss - before < 200_000_000);
    await remote.ping();
    connection.close();
    await writing;
  },
);

testEndpoints("a wait that is given up ends alone, here and in the daemon", async (kind) => {
  await using served = await serve(kind);
  const remote = served.remote();
  const { job_id } = await remote.start(startRequest("x"));
  const controller = new AbortController();
  const given = remote.wait({ job_ids: [job_id] }, { signal: controller.signal });
  const kept = remote.wait({ job_ids: [job_id] });
  await eventually(() => served.service.openWaits === 2, { what: "two waits" });
  controller.abort();
  await assert.rejects(given, (error) => isAgentAsyncError(error, "cancelled"));
  await eventually(() => served.service.openWaits === 1, { what: "one wait" });
  await remote.cancel({ job_id });
  assert.equal((await kept).timed_out, false);
});

testEndpoints(
  "the waits of a client that is gone are given up, and its starts are not undone",
  async (kind) => {
    await using served = await serve(kind);
    const leaver = served.remote();
    const { job_id } = await leaver.start(startRequest("x"));
    const wait = leaver.wait({ job_ids: [job_id] });
    const slow = leaver.start(startRequest("slow"));
    await eventually(() => served.service.openWaits === 1, { what: "the wait" });
    leaver.close();
    await Promise.allSettled([wait, slow]);
    await eventually(() => served.service.openWaits === 0, { what: "the end of the wait" });
    await eventually(async () => (await served.remote().list({})).total === 2, { what: "the second job" });
  },
);

testEndpoints("a slow call does not hold up another on the same connection", async (kind) => {
  await using served = await serve(kind);
  const remote = served.remote();
  const order: string[] = [];
  const slow = remote.start(startRequest("slow")).then(() => order.push("slow"));
  await remote.ping().then(() => order.push("ping"));
  await slow;
  assert.deepEqual(order, ["ping", "slow"]);
});

const NO_USERS = Deno.uid() === null ? "users have no numbers here" : null;

testUnless(NO_USERS, "a connection of another user gets nothing; the superuser's is served", async () => {
  const uid = Deno.uid() ?? 0;
  const used: Record<string, string[]> = { foreign: [], root: [] };
  const { promise: later, reject } = Promise.withResolvers<never>();
  later.catch(() => {});
  const connection = (name: string, peerUid: number) => ({
    peer: { pid: 1, uid: peerUid },
    read: () => Promise.resolve(used[name]?.push("read") === undefined ? 0 : null),
    write: (bytes: Uint8Array) => Promise.resolve(used[name]?.push("write") === undefined ? 0 : bytes.length),
    close: () => void used[name]?.push("close"),
  });
  const waiting = [connection("foreign", uid + 1), connection("root", 0)];
  const listening = {
    accept: () => Promise.resolve(waiting.shift() ?? later),
    isReachable: () => Promise.resolve(true),
    close: () => reject(new Error("closed")),
    remove: () => {},
  };
  const service = new FakeService("/");
  const control = new Control({
    home: "/",
    version: "1.0.0",
    startedAt: 0,
    upMs: () => 0,
    service: service.door,
    clients: () => 0,
    requireGit: () => Promise.resolve(),
    leave: () => {},
  });
  const server = await SocketServer.listen({
    endpoint: { path: "/", connect: () => later, listen: () => Promise.resolve(listening) },
    target: { service: service.door, control },
    hello: { ...HELLO, started_at: "2026-01-01T00:00:00.000Z" },
    log: silentLog,
  });
  await eventually(() => used.root?.includes("close"), { what: "the end of both" });
  assert.deepEqual(used.foreign, ["close"]);
  assert.ok(used.root?.includes("read"));
  await server.stopAccepting();
});
