import assert from "node:assert/strict";
import { join } from "node:path";
import type { PlacesHome } from "../../src/places/places_home.ts";
import { takeSnapshot } from "../../src/places/snapshots/take_snapshot.ts";
import { eventually } from "../support/eventually.ts";
import { hostileRepository } from "../support/hostile_repository.ts";
import { homeOf, snapshotBytes, snapshotOf } from "../support/snapshots.ts";
import { repositoryAt, treeBytes, type UserRepository, userRepository } from "../support/user_repository.ts";

/** The snapshot holds what is on disk, now and after every change that `change` makes. */
async function isTrue(user: UserRepository, changes: (() => void)[] = []): Promise<void> {
  const home = homeOf(user);
  for (const change of [() => {}, ...changes]) {
    change();
    const snapshot = await snapshotOf(home, user.root);
    assert.deepEqual(await snapshotBytes(home, snapshot), treeBytes(user.root, { gitModes: true }));
    assert.deepEqual(snapshot.uncovered, []);
  }
}

Deno.test("snapshot: holds the bytes on disk, and leaves everything of the user's as it was", async () => {
  await using user = userRepository();
  user.write("a.txt", "changed\n");
  user.write("new/deep/file", "new\n");
  user.write("staged.txt", "staged\n");
  user.git("add", "staged.txt");
  user.remove("below/b.txt");
  user.write("run.sh", "#!/bin/sh\n", 0o644);
  user.git("stash", "list");
  const before = treeBytes(user.root, { withGit: true });
  await isTrue(user);
  assert.deepEqual(treeBytes(user.root, { withGit: true }), before);
  const home = homeOf(user);
  const again = await snapshotOf(home, join(user.root, "new"));
  assert.equal(again.root, user.root);
  assert.equal((await snapshotOf(home, user.root)).parts[0]?.tree, again.parts[0]?.tree);
});

Deno.test("snapshot: sees every kind of change from one to the next", async () => {
  await using user = userRepository();
  await isTrue(user, [
    () => user.write("a.txt", "One\ntwo\nthree\n"),
    () => user.write("a.txt", "ONE\ntwo\nthree\n"),
    () => user.write("run.sh", "#!/bin/sh\n", 0o644),
    () => user.remove("link"),
    () => user.write("link/now/a/directory", "x"),
    () => user.remove("below"),
    () => Deno.symlinkSync("link", join(user.root, "below")),
    () => user.remove("link"),
    () => user.write('with\nline feed "quote" \\ tab\té', "x"),
    () => user.write("A.txt", "clashes by case"),
    () => user.write("binary", new Uint8Array([0, 255, 10, 13, 0])),
    () => user.remove("A.txt"),
  ]);
});

/** Seconds as git compares them: it is built without parts of a second. */
const changedAt = (path: string) => Math.floor((Deno.statSync(path).ctime?.getTime() ?? 0) / 1_000);

/**
 * Does `first` and writes the file again, with as many bytes, in the same second: size and times are then as before.
 * The second is over when it returns.
 */
async function inOneSecond(path: string, first: (text: string) => void | Promise<void>): Promise<void> {
  for (let round = 0;; round++) {
    await first(`first ${round}\n`.padEnd(20));
    const second = changedAt(path);
    Deno.writeTextFileSync(path, `SECOND ${round}\n`.padEnd(20));
    const isOne = changedAt(path) === second;
    await eventually(() => Date.now() > (second + 1) * 1_000, { what: "the next second" });
    if (isOne) return;
  }
}

Deno.test("snapshot: sees changes of the same size in the second of the index", async () => {
  await using user = userRepository();
  const path = join(user.root, "a.txt");
  await inOneSecond(path, (text) => {
    user.write("a.txt", text);
    user.git("add", "a.txt");
  });
  await isTrue(user);
  await inOneSecond(path, async (text) => {
    user.write("a.txt", text);
    await isTrue(user);
  });
  await isTrue(user);
});

Deno.test("snapshot: of a repository before its first commit, with a detached HEAD, on a branch of packed refs", async () => {
  await using empty = userRepository({ isEmpty: true });
  await isTrue(empty, [
    () => empty.write("first", "x\n"),
    () => empty.git("add", "."),
    () => empty.remove("first"),
  ]);
  await using user = userRepository();
  await isTrue(user, [
    () => user.git("checkout", "-q", "--detach"),
    () => user.git("checkout", "-q", "-b", "other/branch"),
    () => user.git("pack-refs", "--all"),
    () => user.write("a.txt", "on a packed branch\n"),
  ]);
});

Deno.test("snapshot: of a linked work tree, a submodule, and a clone that borrows its objects", async () => {
  await using user = userRepository();
  const at = (name: string) => repositoryAt({ ...user, root: join(user.base, name) });
  const linked = at("linked");
  user.git("worktree", "add", "-q", linked.root, "-b", "linked");
  linked.write("a.txt", "of the linked one\n");
  await isTrue(linked, [
    () => linked.git("commit", "-q", "-a", "-m", "linked"),
    () => linked.write("a.txt", "x\n"),
  ]);
  await isTrue(user);

  const outer = at("outer");
  Deno.mkdirSync(outer.root);
  outer.git("init", "-q");
  outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", user.root, "sub");
  const sub = at("outer/sub");
  sub.write("a.txt", "of the submodule\n");
  await isTrue(sub, [() => sub.git("commit", "-q", "-a", "-m", "sub")]);
  assert.equal((await snapshotOf(homeOf(user), join(sub.root, "below"))).root, sub.root);

  const borrowing = at("borrowing");
  user.git("clone", "-q", "--shared", user.root, borrowing.root);
  borrowing.write("a.txt", "borrowed\n");
  await isTrue(borrowing);
});

Deno.test("snapshot: a user who commits, switches, stashes, resets and collects garbage meanwhile", async () => {
  await using user = userRepository();
  user.write("a.txt", "staged and only in the user's objects\n");
  user.git("add", "a.txt");
  await isTrue(user, [
    () => user.git("stash"),
    () => user.git("stash", "pop"),
    () => user.git("commit", "-q", "-a", "-m", "second"),
    () => user.git("checkout", "-q", "-b", "side", "HEAD~1"),
    () => user.git("reset", "-q", "--hard", "main"),
    () => user.git("gc", "-q", "--prune=now"),
    () => user.git("reset", "-q", "--soft", "HEAD~1"),
  ]);
});

Deno.test("snapshot: what only the user's objects had outlives their garbage collection", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  user.write("a.txt", "staged\n");
  user.write("dir/b.txt", "staged too\n");
  user.git("add", ".");
  const snapshot = await snapshotOf(home, user.root);
  const expected = treeBytes(user.root, { gitModes: true });
  user.git("reset", "-q", "--hard");
  user.git("reflog", "expire", "--expire=now", "--all");
  user.git("gc", "-q", "--prune=now");
  assert.deepEqual(await snapshotBytes(home, snapshot), expected);
});

Deno.test("snapshot: an index that remembers what garbage collection took reads the file again", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  user.write("a.txt", "committed, then amended away\n");
  user.git("commit", "-q", "-a", "-m", "second");
  await snapshotOf(home, user.root);
  user.git("reset", "-q", "--soft", "HEAD~1");
  user.git("reset", "-q");
  user.git("reflog", "expire", "--expire=now", "--all");
  user.git("gc", "-q", "--prune=now");
  user.write("run.sh", "changed beside it\n");
  await isTrue(user);
});

Deno.test("snapshot: flags that hide files from git do not hide them from us", async () => {
  await using user = userRepository();
  user.git("update-index", "--assume-unchanged", "a.txt");
  user.git("update-index", "--skip-worktree", "below/b.txt");
  user.write("a.txt", "hidden change\n");
  user.write("below/b.txt", "hidden too\n");
  await isTrue(user);
  await using both = userRepository();
  both.git("update-index", "--assume-unchanged", "a.txt");
  both.git("update-index", "--skip-worktree", "a.txt");
  both.write("a.txt", "hidden twice\n");
  await isTrue(both);
});

Deno.test("snapshot: split, version 4, damaged and locked indexes", async () => {
  await using split = userRepository();
  split.git("config", "core.splitIndex", "true");
  split.write("c.txt", "c\n");
  split.git("add", ".");
  split.git("update-index", "--split-index");
  assert.ok(
    [...Deno.readDirSync(join(split.root, ".git"))].some(({ name }) => name.startsWith("sharedindex.")),
  );
  await isTrue(split, [
    () => split.write("a.txt", "x\n"),
    () => split.git("commit", "-q", "-a", "-m", "second"),
  ]);

  await using four = userRepository();
  four.git("update-index", "--index-version", "4");
  four.write(".git/index.lock", "left by a crash");
  await isTrue(four, [() => four.write("a.txt", "x\n")]);

  await using damaged = userRepository();
  damaged.write(".git/index", "not an index");
  const result = await takeSnapshot(homeOf(damaged), damaged.root);
  assert.match(
    result.kind === "none" ? result.reason : "",
    /^no snapshot could be taken: git ls-files failed: /,
  );
});

Deno.test("snapshot: sparse checkouts, with a full and with a sparse index", async () => {
  for (const more of [[], ["--sparse-index"]]) {
    await using user = userRepository();
    user.write("other/c.txt", "c\n");
    user.git("add", ".");
    user.git("commit", "-q", "-m", "second");
    user.git("sparse-checkout", "init", "--cone", ...more);
    user.git("sparse-checkout", "set", "below");
    assert.equal(treeBytes(user.root)["other/c.txt"], undefined);
    await isTrue(user, [
      () => user.write("below/b.txt", "x\n"),
      () => user.write("other/c.txt", "written outside of the cone\n"),
    ]);
  }
});

Deno.test("snapshot: unmerged files, files added with intent only, and tracked files that are ignored", async () => {
  await using user = userRepository();
  user.git("checkout", "-q", "-b", "side");
  user.write("a.txt", "side\n");
  user.git("commit", "-q", "-a", "-m", "side");
  user.git("checkout", "-q", "main");
  user.write("a.txt", "main\n");
  user.git("commit", "-q", "-a", "-m", "main");
  assert.throws(() => user.git("merge", "side"));
  user.write("intent.txt", "x\n");
  user.git("add", "-N", "intent.txt");
  user.write(".gitignore", "*.log\n");
  user.write("kept.log", "tracked\n");
  user.git("add", "-f", "kept.log");
  await isTrue(user, [
    () => {
      user.write("later.log", "tracked later\n");
      user.git("add", "-f", "later.log");
    },
    () => user.write("later.log", "changed\n"),
  ]);
});

Deno.test("snapshot: a repository with sha256, and a partial clone", async () => {
  await using sha256 = userRepository({ args: ["--object-format=sha256"] });
  await isTrue(sha256, [() => sha256.write("a.txt", "x\n")]);

  await using user = userRepository();
  user.write("big", "x".repeat(10_000));
  user.git("add", ".");
  user.git("commit", "-q", "-m", "big");
  user.git("config", "uploadpack.allowFilter", "true");
  const partial = join(user.base, "partial");
  user.git(
    "clone",
    "-q",
    "--no-local",
    "--filter=blob:none",
    "--no-checkout",
    `file://${user.root}`,
    partial,
  );
  const clone = { ...user, root: partial, git: (...args: string[]) => user.git("-C", partial, ...args) };
  clone.git("checkout", "-q", "HEAD", "--", "a.txt");
  Deno.removeSync(join(user.root, ".git"), { recursive: true });
  const home = homeOf(user);
  for (const text of ["one\ntwo\nthree\n", "changed\n"]) {
    Deno.writeTextFileSync(join(partial, "a.txt"), text);
    const snapshot = await snapshotOf(home, partial);
    assert.deepEqual(await snapshotBytes(home, snapshot), treeBytes(partial, { gitModes: true }));
  }
});

Deno.test("snapshot: line ends, filters and encodings do not stand between us and the bytes", async () => {
  await using user = userRepository();
  user.write(".gitattributes", "* text=auto\n*.lfs filter=pointer\n*.id ident\n");
  user.git("config", "filter.pointer.clean", "echo pointer; cat >/dev/null");
  user.git("config", "filter.pointer.smudge", "echo content");
  user.write("crlf.txt", "one\r\ntwo\r\n");
  user.write("big.lfs", "the content\n");
  user.write("x.id", "$Id$\n");
  user.git("add", ".");
  user.git("commit", "-q", "-m", "converted");
  await isTrue(user, [
    () => Deno.utimeSync(join(user.root, "big.lfs"), new Date(), new Date()),
    () => user.write("crlf.txt", "one\r\nTWO\r\n"),
  ]);
  await using auto = userRepository();
  Deno.writeTextFileSync(
    join(auto.home, ".gitconfig"),
    "[user]\nname=T\nemail=t@e\n[core]\nautocrlf = true\n",
  );
  auto.write("crlf.txt", "one\r\ntwo\r\n");
  auto.git("add", ".");
  auto.git("commit", "-q", "-m", "converted");
  await isTrue(auto);
});

Deno.test("snapshot: what the user's git ignores stays out, wherever that is said", async () => {
  await using user = userRepository();
  const ignore = join(user.home, "my ignore");
  Deno.writeTextFileSync(ignore, "by-setting\n!not-by-exclude\n");
  user.git("config", "core.excludesFile", "~/my ignore");
  user.write(".git/info/exclude", "by-exclude\nnot-by-exclude\n");
  user.write(".gitignore", "build/\n");
  for (const path of ["by-setting", "by-exclude", "not-by-exclude", "build/out", "kept"]) {
    user.write(path, "x\n");
  }
  const home = homeOf(user);
  const held = Object.keys(await snapshotBytes(home, await snapshotOf(home, user.root)));
  assert.deepEqual(held.sort(), [".gitignore", "a.txt", "below/b.txt", "kept", "link", "run.sh"]);
  await using other = userRepository();
  Deno.mkdirSync(join(other.home, ".config/git"), { recursive: true });
  Deno.writeTextFileSync(join(other.home, ".config/git/ignore"), "by-default\n");
  other.write("by-default", "x\n");
  const more = homeOf(other);
  assert.equal((await snapshotBytes(more, await snapshotOf(more, other.root)))["by-default"], undefined);
});

Deno.test("snapshot: a hostile repository runs nothing", async () => {
  await using user = userRepository();
  const hostile = hostileRepository(join(user.base, "hostile"));
  hostile.ran();
  const home = homeOf(user);
  await snapshotOf(home, hostile.root);
  Deno.writeTextFileSync(join(hostile.root, "a.txt"), "changed\n");
  Deno.writeTextFileSync(join(hostile.root, "nested/n.txt"), "changed\n");
  const snapshot = await snapshotOf(home, hostile.root);
  assert.deepEqual(hostile.ran(), []);
  const held = await snapshotBytes(home, snapshot);
  const disk = treeBytes(hostile.root, { gitModes: true });
  assert.deepEqual([held["a.txt"], held["nested/n.txt"]], [disk["a.txt"], disk["nested/n.txt"]]);
});

Deno.test("snapshot: a plain directory in which nothing has changed costs no git, and every change is seen", async () => {
  await using user = userRepository();
  const root = join(user.root, "..", "plain");
  Deno.mkdirSync(join(root, "below"), { recursive: true });
  const file = join(root, "below", "a.txt");
  Deno.writeTextFileSync(file, "one\n");
  Deno.utimeSync(file, 1_000, 1_000);
  const home = homeOf(user);
  let runs = 0;
  const counted: PlacesHome = {
    ...home,
    git: new Proxy(home.git, {
      get(git, name) {
        if (name === "run") runs++;
        const value = Reflect.get(git, name, git);
        return typeof value === "function" ? value.bind(git) : value;
      },
    }),
  };
  const settled = async () => {
    const snapshot = await snapshotOf(counted, root);
    const before = runs;
    assert.ok(before > 0);
    const same = await snapshotOf(counted, root);
    return runs === before ? same : (assert.deepEqual(same.parts, snapshot.parts), null);
  };
  const first = await eventually(settled, { what: "the directory counts as settled" });
  for (
    const change of [
      () => Deno.writeTextFileSync(file, "two\n"),
      () => Deno.chmodSync(file, 0o755),
      () => Deno.writeTextFileSync(join(root, "new.txt"), ""),
      () => Deno.removeSync(join(root, "new.txt")),
      () => Deno.renameSync(file, join(root, "below", "b.txt")),
    ]
  ) {
    change();
    const snapshot = await snapshotOf(counted, root);
    assert.deepEqual(await snapshotBytes(counted, snapshot), treeBytes(root, { gitModes: true }));
  }
  assert.notEqual(first.parts[0]?.tree, (await snapshotOf(counted, root)).parts[0]?.tree);
});
