import assert from "node:assert/strict";
import { join } from "node:path";
import { Git } from "../../src/places/git/git.ts";
import { removeIfExists } from "../../src/system/files/files.ts";
import { MAX_FILE_BYTES } from "../../src/places/snapshots/work_files.ts";
import { takeSnapshot } from "../../src/places/snapshots/take_snapshot.ts";
import { hasProgram } from "../support/has_program.ts";
import { NO_PIPES, NOT_LINUX, NOT_ROOT, testUnless } from "../support/skippable.ts";
import { homeOf, snapshotBytes, snapshotOf } from "../support/snapshots.ts";
import { repositoryAt, treeBytes, userRepository } from "../support/user_repository.ts";

Deno.test("snapshot: nested repositories and submodules are parts of their own, content and all", async () => {
  await using user = userRepository();
  const library = repositoryAt({ ...user, root: join(user.base, "library") });
  Deno.mkdirSync(library.root);
  library.git("init", "-q", "-b", "main");
  library.write("l.txt", "l\n");
  library.git("add", ".");
  library.git("commit", "-q", "-m", "library");
  user.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", library.root, "sub");
  user.git("commit", "-q", "-m", "with a submodule");
  for (const path of ["nested", "nested/deeper", "without-commits"]) {
    const nested = repositoryAt({ ...user, root: join(user.root, path) });
    Deno.mkdirSync(nested.root);
    nested.git("init", "-q");
    nested.write("n.txt", `${path}\n`);
    if (path.startsWith("nested")) nested.git("add", ".");
    if (path.startsWith("nested")) nested.git("commit", "-q", "-m", "nested");
  }
  const home = homeOf(user);
  for (
    const change of [
      () => {},
      () => user.write("sub/l.txt", "x\n"),
      () => user.write("nested/deeper/m", "x\n"),
    ]
  ) {
    change();
    const snapshot = await snapshotOf(home, user.root);
    assert.deepEqual(snapshot.uncovered, []);
    assert.deepEqual(snapshot.parts.map(({ at }) => at).sort(), [
      "",
      "nested",
      "nested/deeper",
      "sub",
      "without-commits",
    ]);
    assert.deepEqual(await snapshotBytes(home, snapshot), treeBytes(user.root, { gitModes: true }));
  }
});

Deno.test("snapshot: a nested repository that cannot be read, or is one of too many, is named", async () => {
  await using user = userRepository();
  for (let index = 0; index < 23; index++) {
    user.git("init", "-q", `many/n${String(index).padStart(2, "0")}`);
  }
  const snapshot = await snapshotOf(homeOf(user), user.root);
  assert.deepEqual([snapshot.parts.length, snapshot.uncovered.length], [21, 3]);
  assert.equal(snapshot.uncovered[0]?.why, "is a repository of its own, one of too many");
});

Deno.test("snapshot: key-like names and large files are known by size and time alone", async () => {
  await using user = userRepository();
  user.write(".env", "KEY=tracked\n");
  user.write(".env.example", "KEY=\n");
  user.git("add", ".");
  user.git("commit", "-q", "-m", "with a key");
  user.write("deploy/server.pem", "key\n");
  user.write("large.bin", "");
  Deno.truncateSync(join(user.root, "large.bin"), MAX_FILE_BYTES + 1);
  const home = homeOf(user);
  const expected = (envSize: number) => [
    { path: ".env", size: envSize },
    { path: "deploy/server.pem", size: 4 },
    { path: "large.bin", size: MAX_FILE_BYTES + 1 },
  ];
  const noted = async () => {
    const snapshot = await snapshotOf(home, user.root);
    const held = await snapshotBytes(home, snapshot);
    for (const { path } of snapshot.noted) assert.equal(held[path], undefined);
    assert.ok(held[".env.example"] !== undefined);
    return snapshot.noted.map(({ path, size }) => ({ path, size })).sort((a, b) => a.path < b.path ? -1 : 1);
  };
  assert.deepEqual(await noted(), expected(12));
  user.write(".gitignore", ".env\n");
  user.write(".env", "KEY=changed\n".repeat(2));
  assert.deepEqual(await noted(), expected(24));
  assert.deepEqual(await noted(), expected(24));
  const secret = await home.git.run(["rev-list", "--all"], { gitDir: join(user.root, ".git"), codes: [128] });
  assert.equal(secret.code, 0);
  user.write("large.bin", "small now\n");
  assert.deepEqual(await noted(), expected(24).slice(0, 2));
});

testUnless(NO_PIPES, "snapshot: what is neither file nor link does not hold it up", async () => {
  await using user = userRepository();
  user.remove("a.txt");
  for (const path of ["a.txt", "pipe"]) {
    assert.ok(new Deno.Command("mkfifo", { args: [join(user.root, path)] }).outputSync().success);
  }
  const home = homeOf(user);
  const snapshot = await snapshotOf(home, user.root);
  assert.deepEqual(snapshot.uncovered, [{ path: "a.txt", why: "is neither a file nor a symbolic link" }]);
  assert.deepEqual(Object.keys(await snapshotBytes(home, snapshot)), ["below/b.txt", "link", "run.sh"]);
});

testUnless(NO_PIPES, "snapshot: pipes where git keeps its own files hang nothing", async () => {
  const paths = [
    ".git/index",
    ".git/commondir",
    ".git/HEAD",
    ".git/config",
    ".git/info/exclude",
    ".git/packed-refs",
  ];
  for (const path of [...paths, ".gitattributes", ".gitignore"]) {
    await using user = userRepository();
    removeIfExists(join(user.root, path));
    assert.ok(new Deno.Command("mkfifo", { args: [join(user.root, path)] }).outputSync().success);
    const result = await takeSnapshot(homeOf(user), user.root);
    assert.notEqual(result.kind === "none" ? result.reason : "", "a snapshot took too long", path);
  }
  await using user = userRepository();
  assert.ok(new Deno.Command("mkfifo", { args: [join(user.root, "below/.gitignore")] }).outputSync().success);
  const result = await takeSnapshot(homeOf(user), user.root, { timeoutMs: 1_000 });
  assert.deepEqual(result, { kind: "none", reason: "a snapshot took too long" });
});

testUnless(NOT_LINUX, "snapshot: a file whose name is not UTF-8 is named", async () => {
  await using user = userRepository();
  const script =
    `cd "$1" && printf x > "$(printf 'tracked\\377')" && git add . && printf x > "$(printf 'new\\376')"`;
  assert.ok(new Deno.Command("sh", { args: ["-c", script, "sh", user.root] }).outputSync().success);
  const home = homeOf(user);
  for (let round = 0; round < 2; round++) {
    const snapshot = await snapshotOf(home, user.root);
    assert.deepEqual(snapshot.uncovered.map(({ path }) => path).sort(), ["new\ufffd", "tracked\ufffd"]);
    assert.deepEqual(Object.keys(await snapshotBytes(home, snapshot)).length, 4);
  }
});

/** A git that has no more rights than any other user: the tests may be run by the superuser. */
function gitWithoutPrivileges(base: string): Git {
  const path = join(base, "plain-git");
  const drop = "--bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search";
  Deno.writeTextFileSync(path, `#!/bin/sh\nexec setpriv ${drop} git "$@"\n`);
  Deno.chmodSync(path, 0o755);
  return new Git({ env: Deno.env.toObject(), executable: path });
}

testUnless(
  NOT_ROOT ?? (hasProgram("setpriv") ? null : "setpriv is not installed"),
  "snapshot: files and directories that cannot be read are named, and the others are held",
  async () => {
    await using user = userRepository();
    user.write("unreadable.txt", "x\n", 0o000);
    user.write("below/b.txt", "changed\n", 0o000);
    user.write("closed/inside.txt", "x\n");
    user.write("other.txt", "x\n");
    Deno.chmodSync(join(user.root, "closed"), 0o000);
    const home = { ...homeOf(user), git: gitWithoutPrivileges(user.base) };
    const { uncovered, ...snapshot } = await snapshotOf(home, user.root);
    assert.deepEqual(uncovered.map(({ path }) => path).sort(), ["below/b.txt", "closed", "unreadable.txt"]);
    const held = await snapshotBytes(home, snapshot);
    assert.deepEqual(Object.keys(held).sort(), ["a.txt", "below/b.txt", "link", "other.txt", "run.sh"]);
  },
);

Deno.test("snapshot: a plain directory is held within limits, and begins from nothing", async () => {
  await using user = userRepository();
  const plain = join(user.base, "plain");
  Deno.mkdirSync(join(plain, "sub"), { recursive: true });
  const home = homeOf(user);
  for (const text of ["x\n", "y\n"]) {
    Deno.writeTextFileSync(join(plain, "sub/file"), text);
    const snapshot = await snapshotOf(home, join(plain));
    assert.deepEqual(await snapshotBytes(home, snapshot), treeBytes(plain, { gitModes: true }));
    assert.equal(snapshot.root, plain);
  }
  const large = "the directory is no git work tree and has more than 5000 files or 64 MiB";
  for (const name of ["a", "b", "c"]) {
    Deno.writeTextFileSync(join(plain, name), "");
    Deno.truncateSync(join(plain, name), 30 * 1024 * 1024);
  }
  assert.deepEqual(await takeSnapshot(home, plain), { kind: "none", reason: large });
  for (const name of ["a", "b", "c"]) Deno.removeSync(join(plain, name));
  assert.equal((await takeSnapshot(home, plain)).kind, "taken");
  for (let index = 0; index < 5_001; index++) Deno.writeTextFileSync(join(plain, `f${index}`), "");
  assert.deepEqual(await takeSnapshot(home, plain), { kind: "none", reason: large });
});

Deno.test("snapshot: the state directory is no part of one that lies around it", async () => {
  await using user = userRepository();
  const home = homeOf({ ...user, base: user.root });
  const first = await snapshotOf(home, user.root);
  assert.equal(
    Object.keys(await snapshotBytes(home, first)).some((path) => path.startsWith("state/")),
    false,
  );
  assert.deepEqual((await snapshotOf(home, user.root)).parts, first.parts);
});

Deno.test("snapshot: several at once are all true", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  for (let round = 0; round < 3; round++) {
    user.write("a.txt", `round ${round}\n`);
    const expected = treeBytes(user.root, { gitModes: true });
    const taken = await Promise.all([1, 2, 3, 4].map(() => snapshotOf(home, user.root)));
    for (const snapshot of taken) assert.deepEqual(await snapshotBytes(home, snapshot), expected);
  }
});

Deno.test("snapshot: one that fails has a reason and does not throw", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  const reason = async (work: ReturnType<typeof takeSnapshot>) => {
    const result = await work;
    return result.kind === "none" ? result.reason : result;
  };
  const gone = join(user.base, "gone");
  assert.match(String(await reason(takeSnapshot(home, gone))), /^no snapshot could be taken: /);
  const git = new Git({ env: Deno.env.toObject(), executable: join(user.base, "no-git") });
  assert.equal(
    await reason(takeSnapshot({ ...home, git }, user.root)),
    "no snapshot could be taken: git is not installed, or not on the PATH of the daemon",
  );
  assert.equal(
    await reason(takeSnapshot(home, user.root, { timeoutMs: 0 })),
    "a snapshot took too long",
  );
  Deno.removeSync(join(user.root, ".git/objects"), { recursive: true });
  assert.match(String(await reason(takeSnapshot(home, user.root))), /^no snapshot could be taken: git /);
  Deno.writeTextFileSync(join(user.base, "state", "snapshots-blocked"), "");
  const blocked = { ...home, snapshots: join(user.base, "state", "snapshots-blocked") };
  assert.match(String(await reason(takeSnapshot(blocked, user.root))), /^no snapshot could be taken: /);
});
