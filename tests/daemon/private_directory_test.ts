import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { ensurePrivateDirectory } from "../../src/daemon/trust/private_directory.ts";
import type { Listening } from "../../src/daemon/endpoint/endpoint.ts";
import { RememberedEndpoint } from "../../src/daemon/endpoint/remembered_endpoint.ts";
import { readRememberedSocket } from "../../src/daemon/endpoint/remembered_socket.ts";
import { shortSocketPath, socketPathNow } from "../../src/daemon/endpoint/socket_path.ts";
import { isAgentAsyncError } from "../../src/domain/errors.ts";
import { DaemonHome } from "../support/daemon_home.ts";
import { NOT_ROOT, testUnless } from "../support/skippable.ts";

async function inTemporary(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "aa-private-" });
  try {
    await run(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function modeOf(path: string): number {
  return (Deno.lstatSync(path).mode ?? 0) & 0o777;
}

Deno.test("a missing state directory is made, parents included, for this user alone", () =>
  inTemporary(async (directory) => {
    const home = join(directory, "a", "b");
    await ensurePrivateDirectory(home);
    assert.equal(modeOf(home), 0o700);
  }));

Deno.test("a state directory that others may enter is closed to them, also behind a link", () =>
  inTemporary(async (directory) => {
    const home = join(directory, "home");
    await Deno.mkdir(home);
    await Deno.symlink(home, join(directory, "link"));
    for (const mode of [0o755, 0o777, 0o500]) {
      await Deno.chmod(home, mode);
      await ensurePrivateDirectory(join(directory, "link"));
      assert.equal(modeOf(home), 0o700);
    }
  }));

Deno.test("a file in its place is refused", () =>
  inTemporary(async (directory) => {
    const home = join(directory, "file");
    await Deno.writeTextFile(home, "");
    const refused = (error: unknown) => isAgentAsyncError(error, "daemon_unreachable");
    await assert.rejects(ensurePrivateDirectory(home), refused);
    await assert.rejects(ensurePrivateDirectory(join(home, "below")), refused);
  }));

Deno.test("a state directory that others may put another in place of is refused, unless the place is sticky", () =>
  inTemporary(async (directory) => {
    const open = join(directory, "open");
    const home = join(open, "inner", "home");
    await Deno.mkdir(home, { recursive: true, mode: 0o755 });
    await Deno.chmod(open, 0o777);
    const refused = (error: unknown) =>
      isAgentAsyncError(error, "daemon_unreachable") && error.message.includes(`write in ${open},`) &&
      error.hint?.includes(`chmod go-w ${open}`) === true;
    await assert.rejects(ensurePrivateDirectory(home), refused);
    await Deno.chmod(open, 0o1777);
    await ensurePrivateDirectory(home);
  }));

testUnless(
  NOT_ROOT,
  "a group may write beside the state directory only where it is no stranger",
  () =>
    inTemporary(async (directory) => {
      const home = join(directory, "group", "home");
      await ensurePrivateDirectory(home);
      await Deno.chmod(dirname(home), 0o775);
      await ensurePrivateDirectory(home);
      await Deno.chown(dirname(home), 0, 12_345);
      await assert.rejects(ensurePrivateDirectory(home), /others may write in/);
    }),
);

testUnless(NOT_ROOT, "a state directory of another user is refused", () =>
  inTemporary(async (directory) => {
    const home = join(directory, "home");
    await Deno.mkdir(home);
    await Deno.chown(home, 12_345, 12_345);
    await assert.rejects(socketPathNow(home), /belongs to the user with id 12345/);
  }));

Deno.test("a socket lies in the state directory, or elsewhere when its path would be too long", () => {
  assert.equal(shortSocketPath("/home/me/.agent-async"), "/home/me/.agent-async/daemon.sock");
  assert.equal(shortSocketPath(`/${"d".repeat(100)}`), null);
  assert.equal(shortSocketPath(`/${"é".repeat(50)}`), null, "bytes count, not characters");
});

Deno.test("a daemon in a directory with a very long name is reached, and leaves nothing outside of it", async () => {
  await using home = new DaemonHome({ name: "long".repeat(50) });
  await home.service().ping();
  const path = await socketPathNow(home.home);
  assert.ok(path !== null);
  assert.equal(modeOf(dirname(path)), 0o700);
  await home.service().stop();
  await assert.rejects(Deno.lstat(dirname(path)), Deno.errors.NotFound);
  assert.equal(await socketPathNow(home.home), null);
});

Deno.test("the socket of a long state directory: nobody can have taken its name, and what replaces it gets nothing", () =>
  inTemporary(async (directory) => {
    const home = join(directory, "h".repeat(100));
    const runtime = join(directory, "run");
    await Deno.mkdir(home, { mode: 0o700 });
    await Deno.mkdir(runtime);
    await Deno.chmod(runtime, 0o755);
    const open = new RememberedEndpoint(home, runtime);
    // A directory that others may enter is not used.
    using first = closing(await open.listen());
    assert.match(readRememberedSocket(home)?.path ?? "", /^\/tmp\/agent-async-[0-9a-f]{16}\/daemon\.sock$/);
    first[Symbol.dispose]();

    await Deno.chmod(runtime, 0o700);
    const endpoint = new RememberedEndpoint(home, runtime);
    const listening = await endpoint.listen();
    const socket = readRememberedSocket(home)?.path ?? "";
    assert.ok(socket.startsWith(`${runtime}/agent-async-`));
    (await endpoint.connect()).close();

    // Another socket under the same name, as from an agent that may write there.
    await Deno.rename(socket, `${socket}.away`);
    const planted = Deno.listen({ transport: "unix", path: socket });
    await assert.rejects(endpoint.connect(), Deno.errors.NotFound);
    planted.close();
    await Deno.rename(`${socket}.away`, socket);
    (await endpoint.connect()).close();

    // A daemon that was killed leaves its place to the next one.
    using next = closing(await endpoint.listen());
    assert.notEqual(readRememberedSocket(home)?.path, socket);
    await assert.rejects(Deno.lstat(dirname(socket)), Deno.errors.NotFound);
    next[Symbol.dispose]();
    assert.deepEqual([...Deno.readDirSync(runtime)], []);
    listening.close();
  }));

/** Its file and directory go with it. */
function closing(listening: Listening): Disposable {
  let isOpen = true;
  return {
    [Symbol.dispose]() {
      if (!isOpen) return;
      isOpen = false;
      listening.close();
      listening.remove();
    },
  };
}

Deno.test("a directory that is open to others is closed before a daemon starts in it", async () => {
  await using home = new DaemonHome();
  await Deno.mkdir(home.home, { mode: 0o755 });
  await home.service().ping();
  assert.equal(modeOf(home.home), 0o700);
  assert.equal(modeOf(join(home.home, "daemon.lock")), 0o600);
});
