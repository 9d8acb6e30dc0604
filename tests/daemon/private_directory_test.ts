import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { ensurePrivateDirectory } from "../../src/daemon/private_directory.ts";
import { prepareSocketPath, socketPath } from "../../src/daemon/socket_path.ts";
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
    await ensurePrivateDirectory(home, { inPublicPlace: false });
    assert.equal(modeOf(home), 0o700);
  }));

Deno.test("a state directory that others may enter is closed to them, also behind a link", () =>
  inTemporary(async (directory) => {
    const home = join(directory, "home");
    await Deno.mkdir(home);
    await Deno.symlink(home, join(directory, "link"));
    for (const mode of [0o755, 0o777, 0o500]) {
      await Deno.chmod(home, mode);
      await ensurePrivateDirectory(join(directory, "link"), { inPublicPlace: false });
      assert.equal(modeOf(home), 0o700);
    }
  }));

Deno.test("a file in its place is refused", () =>
  inTemporary(async (directory) => {
    const home = join(directory, "file");
    await Deno.writeTextFile(home, "");
    const refused = (error: unknown) => isAgentAsyncError(error, "daemon_unreachable");
    await assert.rejects(ensurePrivateDirectory(home, { inPublicPlace: false }), refused);
    await assert.rejects(ensurePrivateDirectory(join(home, "below"), { inPublicPlace: false }), refused);
  }));

Deno.test("in a public place a link is refused, and so is what others could have written", () =>
  inTemporary(async (directory) => {
    const real = join(directory, "real");
    await ensurePrivateDirectory(real, { inPublicPlace: true });
    const link = join(directory, "link");
    await Deno.symlink(real, link);
    await assert.rejects(ensurePrivateDirectory(link, { inPublicPlace: true }), /is no directory/);
    await Deno.chmod(real, 0o777);
    await assert.rejects(ensurePrivateDirectory(real, { inPublicPlace: true }), /written by other users/);
  }));

testUnless(NOT_ROOT, "a state directory of another user is refused", () =>
  inTemporary(async (directory) => {
    const home = join(directory, "home");
    await Deno.mkdir(home);
    await Deno.chown(home, 12_345, 12_345);
    await assert.rejects(prepareSocketPath(home), /belongs to the user with id 12345/);
  }));

Deno.test("a socket lies in the state directory, or under a short path of this user when that is too long", () => {
  assert.equal(socketPath("/home/me/.agent-async", 1000), "/home/me/.agent-async/daemon.sock");
  const long = `/${"d".repeat(100)}`;
  assert.match(socketPath(long, 1000), /^\/tmp\/agent-async-1000\/[0-9a-f]{16}\.sock$/);
  assert.notEqual(socketPath(long, 1000), socketPath(`${long}e`, 1000));
  assert.match(socketPath(`/${"é".repeat(50)}`, 1000), /^\/tmp\//, "bytes count, not characters");
});

Deno.test("a daemon in a directory with a very long name is reached", async () => {
  await using home = new DaemonHome({ name: "long".repeat(50) });
  await home.service().ping();
  await home.service().stop();
  const path = await prepareSocketPath(home.home);
  assert.equal(modeOf(dirname(path)), 0o700);
  await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);
});

Deno.test("a directory that is open to others is closed before a daemon starts in it", async () => {
  await using home = new DaemonHome();
  await Deno.mkdir(home.home, { mode: 0o755 });
  await home.service().ping();
  assert.equal(modeOf(home.home), 0o700);
  assert.equal(modeOf(join(home.home, "daemon.lock")), 0o600);
});
