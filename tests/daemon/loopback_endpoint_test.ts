/** What only a daemon at a port has to fear: everybody on the machine can reach it, and a dead one's port is anybody's. */
import assert from "node:assert/strict";
import { isBelow, LoopbackEndpoint, prepareLoopback } from "../../src/daemon/endpoint/loopback_endpoint.ts";
import { OwnerLock } from "../../src/daemon/serve/owner_lock.ts";
import { isAgentAsyncError } from "../../src/domain/errors.ts";
import type { ByteStream } from "../../src/service/remote/frame_channel.ts";
import { PATIENCE_MS } from "../support/eventually.ts";
import { DaemonHome, isAlive } from "../support/daemon_home.ts";
import { ENDPOINTS } from "../support/endpoints.ts";
import { NOT_LINUX, testUnless } from "../support/skippable.ts";
import { sendSignal } from "../support/signals.ts";

interface Address {
  port: number;
  token: string;
  answer: string;
}

function addressOf(home: DaemonHome): Address {
  return JSON.parse(Deno.readTextFileSync(home.endpointFile));
}

/** Everything that comes back for this text until the other side closes, which it must. */
async function said(port: number, text: string): Promise<string> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const late = setTimeout(() => connection.close(), PATIENCE_MS);
  await connection.write(new TextEncoder().encode(text)).catch(() => 0);
  const answer = await new Response(connection.readable).text().catch(() => "");
  clearTimeout(late);
  return answer;
}

const NO_SUSPENDING = Deno.build.os === "windows" ? "Windows suspends no process by a signal" : null;

const HELLO = `${JSON.stringify({ hello: { protocol: 1, version: "1.0.0", pid: 1 } })}\n`;
const PING = `${JSON.stringify({ id: 1, method: "ping", params: {} })}\n`;

Deno.test("loopback: the address file is private, and every daemon has secrets and a port of its own", async () => {
  await using home = new DaemonHome({ kind: "loopback" });
  await home.service().ping();
  // On Windows the user's profile keeps others out, and modes say nothing.
  if (Deno.build.os !== "windows") assert.equal((Deno.lstatSync(home.endpointFile).mode ?? 0) & 0o777, 0o600);
  const first = addressOf(home);
  assert.match(`${first.token} ${first.answer}`, /^[0-9a-f]{64} [0-9a-f]{64}$/);
  assert.notEqual(first.token, first.answer);
  await home.kill(home.lives()[0]?.pid ?? 0);
  await home.service().ping();
  const second = addressOf(home);
  assert.notEqual(second.token, first.token);
  assert.notEqual(second.answer, first.answer);
});

testUnless(NOT_LINUX, "loopback: it listens on the loopback interface alone", async () => {
  await using home = new DaemonHome({ kind: "loopback" });
  await home.service().ping();
  const { port } = addressOf(home);
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const listening = ["tcp", "tcp6"].flatMap((name) => Deno.readTextFileSync(`/proc/net/${name}`).split("\n"))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = "", , state]) => local.endsWith(`:${hex}`) && state === "0A");
  assert.deepEqual(listening.map(([, local]) => local), [`0100007F:${hex}`]);
});

Deno.test("loopback: who does not show the token gets no byte, and what they ask is not done", async () => {
  await using home = new DaemonHome({ kind: "loopback" });
  const service = home.service();
  await service.ping();
  const { port, token, answer } = addressOf(home);
  const start = `${JSON.stringify({ id: 1, method: "start", params: home.startRequest("x") })}\n`;
  const wrong = token.startsWith("0") ? `1${token.slice(1)}` : `0${token.slice(1)}`;
  for (
    const first of [
      "",
      `${wrong}\n`,
      `${answer}\n`,
      `${token.toUpperCase().replace(/^\d*$/, "x".repeat(64))}x`,
      `${token} `,
      `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n${" ".repeat(64)}`,
      "0".repeat(100_000),
    ]
  ) {
    assert.equal(
      await said(port, first + HELLO + PING + start + " ".repeat(100)),
      "",
      JSON.stringify(first.slice(0, 80)),
    );
  }
  assert.equal((await service.list({})).total, 0);
  assert.equal(home.lives().length, 1);
});

Deno.test("loopback: the token opens, byte by byte too, and the daemon says who it is before anything else", async () => {
  await using home = new DaemonHome({ kind: "loopback" });
  await home.service().ping();
  const { port, token, answer } = addressOf(home);
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  for (const byte of new TextEncoder().encode(`${token}\n`)) await connection.write(new Uint8Array([byte]));
  await connection.write(new TextEncoder().encode(HELLO + PING));
  let text = "";
  const buffer = new Uint8Array(1024);
  while (text.split("\n").length < 4) {
    const count = await connection.read(buffer);
    assert.ok(count !== null);
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  connection.close();
  const [first, hello = "", pong = ""] = text.split("\n");
  assert.equal(first, answer);
  assert.deepEqual([JSON.parse(hello).hello.version, JSON.parse(pong).id], ["1.0.0", 1]);
});

/** Somebody else at a port, to whom `serve` happens. */
function stranger(serve: (connection: ByteStream) => Promise<void>): { port: number } & Disposable {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open: Deno.TcpConn[] = [];
  (async () => {
    for await (const connection of listener) {
      open.push(connection);
      await serve(connection);
    }
  })().catch(() => {});
  return {
    port: listener.addr.port,
    [Symbol.dispose]() {
      listener.close();
      for (const connection of open) {
        try {
          connection.close();
        } catch {
          // It was closed by the one who served.
        }
      }
    },
  };
}

const strangers: [string, (connection: ByteStream) => Promise<void>][] = [
  ["closes", (connection) => Promise.resolve(connection.close())],
  ["says nothing", () => Promise.resolve()],
  ["says what a daemon of another secret would", async (connection) => {
    await connection.write(new TextEncoder().encode(`${"0".repeat(64)}\n${HELLO}`));
  }],
];
for (const [what, serve] of strangers) {
  Deno.test(`loopback: at a dead daemon's port somebody else ${what}: he learns no more than a dead token, and a daemon is started`, async () => {
    await using home = new DaemonHome({ kind: "loopback" });
    await home.service().ping();
    await home.kill(home.lives()[0]?.pid ?? 0);
    const heard: string[] = [];
    using other = stranger(async (connection) => {
      const buffer = new Uint8Array(100_000);
      const count = await connection.read(buffer);
      heard.push(new TextDecoder().decode(buffer.subarray(0, count ?? 0)));
      await serve(connection);
    });
    const stale = addressOf(home);
    Deno.writeTextFileSync(home.endpointFile, JSON.stringify({ ...stale, port: other.port }));
    const service = home.service();
    assert.equal((await service.start(home.startRequest("a secret prompt"))).status, "running");
    assert.equal(home.lives().length, 2);
    assert.deepEqual([...new Set(heard)], [`${stale.token}\n`]);
    assert.notEqual(addressOf(home).port, other.port);
  });
}

Deno.test("loopback: an address file of a dead daemon, or one that is none, leads to a new daemon", async () => {
  await using home = new DaemonHome({ kind: "loopback" });
  await Deno.mkdir(home.home, { mode: 0o700 });
  let lives = 0;
  const { port } = (() => {
    using free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    return free.addr;
  })();
  const secret = "0".repeat(64);
  for (
    const text of [
      "",
      "{}",
      "no JSON",
      `{"port":${port}}`,
      JSON.stringify({ port, token: secret, answer: secret }),
    ]
  ) {
    Deno.writeTextFileSync(home.endpointFile, text);
    const service = home.service();
    await service.ping();
    assert.equal(home.lives().length, ++lives, text);
    await service.stop();
    assert.throws(() => Deno.lstatSync(home.endpointFile), Deno.errors.NotFound);
  }
});

testUnless(
  NO_SUSPENDING,
  "loopback: a daemon that is slow to answer is not taken for a dead one",
  async () => {
    await using home = new DaemonHome({ kind: "loopback" });
    await home.service().ping();
    const [life] = home.lives();
    assert.ok(life);
    sendSignal(life.pid, "SIGSTOP");
    try {
      await assert.rejects(
        (await ENDPOINTS.loopback(home.home)).connect(200),
        Deno.errors.TimedOut,
      );
      await assert.rejects(
        home.service({ helloTimeoutMs: 200 }).ping(),
        (error) => isAgentAsyncError(error, "daemon_unreachable"),
      );
    } finally {
      sendSignal(life.pid, "SIGCONT");
    }
    assert.deepEqual(home.lives().map(({ pid }) => isAlive(pid)), [true]);
  },
);

Deno.test("loopback: a daemon that leaves takes its own address away, and never another's", async () => {
  await using home = new DaemonHome({ kind: "loopback" });
  const endpoint = await ENDPOINTS.loopback(home.home);
  using _lock = await OwnerLock.acquire(`${home.home}/daemon.lock`, {
    version: "1.0.0",
    waitMs: 0,
    giveUp: () => Promise.resolve(true),
  });
  const first = await endpoint.listen();
  const second = await endpoint.listen();
  assert.deepEqual([await first.isReachable(), await second.isReachable()], [false, true]);
  first.close();
  first.remove();
  assert.equal(await second.isReachable(), true);
  second.close();
  second.remove();
  assert.equal(await second.isReachable(), false);
});

Deno.test("loopback: a connection ends with its daemon, though another process may hold its other end", async () => {
  await using home = new DaemonHome({ kind: "loopback" });
  const endpoint = await ENDPOINTS.loopback(home.home);
  const lock = await OwnerLock.acquire(`${home.home}/daemon.lock`, {
    version: "1.0.0",
    waitMs: 0,
    giveUp: () => Promise.resolve(true),
  });
  assert.ok(lock !== null);
  const listening = await endpoint.listen();
  const served = listening.accept().then((other) => {
    other.read(new Uint8Array(10)).catch(() => null);
    return other;
  });
  const stream = await endpoint.connect(PATIENCE_MS);
  const other = await served;
  const reading = stream.read(new Uint8Array(10)).catch(() => null);
  lock.release();
  assert.equal(await reading, null);
  other.close();
  listening.close();
  listening.remove();
});

Deno.test("loopback: on Windows the state directory is in the user's profile", async () => {
  assert.equal(isBelow("C:\\Users\\me\\.agent-async", "c:\\users\\ME"), true);
  assert.equal(isBelow("C:/Users/me/a/b", "C:\\Users\\me\\"), true);
  for (const path of ["C:\\Users\\me", "C:\\Users\\me2\\a", "D:\\Users\\me\\a", "\\\\server\\Users\\me\\a"]) {
    assert.equal(isBelow(path, "C:\\Users\\me"), false, path);
  }
  await using home = new DaemonHome();
  const others = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "aa-others-" }));
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => Deno.remove(others));
  // Without a profile's name nothing is trusted; on Windows the system names it.
  for (const profile of Deno.build.os === "windows" ? [others] : [undefined, others]) {
    await assert.rejects(
      prepareLoopback(home.home, profile),
      (error) => isAgentAsyncError(error, "daemon_unreachable") && /USERPROFILE/.test(error.hint ?? ""),
    );
  }
  const profile = await Deno.realPath(`${home.home}/..`);
  assert.ok(await prepareLoopback(home.home, profile) instanceof LoopbackEndpoint);
});
