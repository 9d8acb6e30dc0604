import assert from "node:assert/strict";
import { join } from "node:path";
import { Change } from "../../src/places/changes/change.ts";
import { diffPage } from "../../src/places/changes/diff_page.ts";
import { jobChange } from "../../src/places/changes/job_change.ts";
import { keepChange } from "../../src/places/changes/keep_change.ts";
import { listChanges } from "../../src/places/changes/list_changes.ts";
import { writePatch } from "../../src/places/changes/write_patch.ts";
import { hostileRepository } from "../support/hostile_repository.ts";
import { changeOf, homeOf, snapshotOf } from "../support/snapshots.ts";
import { userRepository } from "../support/user_repository.ts";

Deno.test("changes: every kind is told with its lines", async () => {
  await using user = userRepository();
  user.write("binary", new Uint8Array([0, 1, 2]));
  const home = homeOf(user);
  const change = await changeOf(home, user.root, () => {
    user.write("a.txt", "one\nTWO\nthree\nfour\n");
    user.write('new dir/é "x".txt', "1\n2");
    user.remove("below");
    user.write("run.sh", "#!/bin/sh\n", 0o644);
    user.write("binary", new Uint8Array([0, 1, 3]));
    user.write(".env", "KEY=1\n");
    user.remove("link");
    Deno.symlinkSync("run.sh", join(user.root, "link"));
  });
  assert.deepEqual(Change.parse(JSON.parse(JSON.stringify(change))), change);
  assert.deepEqual(await listChanges(home, change), [
    { path: ".env", kind: "add", added: null, removed: null },
    { path: "a.txt", kind: "update", added: 2, removed: 1 },
    { path: "below/b.txt", kind: "delete", added: 0, removed: 1 },
    { path: "binary", kind: "update", added: null, removed: null, binary: true },
    { path: "link", kind: "update", added: 1, removed: 1 },
    { path: 'new dir/é "x".txt', kind: "add", added: 2, removed: 0 },
    {
      path: "run.sh",
      kind: "update",
      added: 0,
      removed: 0,
      permissions: { before: "755", after: "644" },
    },
  ]);
  const { patch, cursor } = await diffPage(home, change);
  assert.equal(cursor, undefined);
  assert.match(patch, /^diff --git a\/a.txt b\/a.txt$/m);
  assert.match(patch, /^-two\n\+TWO$/m);
  assert.match(patch, /^old mode 100755\nnew mode 100644$/m);
  assert.match(
    (await diffPage(home, change, { path: "new dir" })).patch,
    /^\+\+\+ "?b\/new dir\/.*\n@@ -0,0 \+1,2 @@$/m,
  );
  assert.equal((await diffPage(home, change, { path: "none" })).patch, "");
});

Deno.test("changes: nothing changed is an empty change", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  const change = await changeOf(home, user.root, () => Deno.utimeSync(join(user.root, "a.txt"), 1, 1));
  assert.deepEqual(change, { root: user.root, parts: [], noted: [], uncovered: [] });
  assert.deepEqual(await diffPage(home, change), { patch: "" });
});

Deno.test("changes: permissions alone are told, in pages and in the patch that is kept", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  const paths = Array.from({ length: 400 }, (_, index) => `many/${String(index).padStart(3, "0")} "x"`);
  for (const path of [...paths, "a.txt"]) user.write(path, "x\n", 0o600);
  const change = await changeOf(home, user.root, () => {
    for (const path of paths) Deno.chmodSync(join(user.root, path), 0o640);
    user.write("a.txt", "y\n");
  });
  assert.deepEqual(Change.parse(JSON.parse(JSON.stringify(change))), change);
  const permissions = { before: "600", after: "640" };
  assert.deepEqual(await listChanges(home, change), [
    { path: "a.txt", kind: "update", added: 1, removed: 1 },
    ...paths.map((path) => ({ path, kind: "update", added: 0, removed: 0, permissions })),
  ]);
  const whole = await diffPage(home, change, { maxBytes: 10_000_000 });
  assert.equal(whole.patch.match(/^old mode 100600\nnew mode 100640$/mg)?.length, paths.length);
  assert.match(whole.patch, /^diff --git "a\/many\/000 \\"x\\"" "b\/many\/000 \\"x\\""$/m);
  const pages: string[] = [];
  for (let cursor: number | undefined = 0; cursor !== undefined;) {
    const page: { patch: string; cursor?: number } = await diffPage(home, change, { cursor });
    pages.push(page.patch);
    cursor = page.cursor;
  }
  assert.ok(pages.length > 1);
  assert.equal(pages.join(""), whole.patch);
  const below = await diffPage(home, change, { path: 'many/007 "x"' });
  assert.equal(below.patch.match(/^old mode/mg)?.length, 1);
  const kept = join(user.base, "kept.patch");
  await writePatch(home, change, kept);
  assert.match(Deno.readTextFileSync(kept), /^Permissions of "many\/000 \\"x\\"" changed from 600 to 640$/m);
  user.write("a.txt", "x\n");
  user.git("apply", kept);
  assert.equal(user.read("a.txt"), "y\n");
});

Deno.test("changes: the pages of a patch make up the whole, and end with whole lines and characters", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  const nested = join(user.root, "nested");
  user.git("init", "-q", nested);
  user.write("nested/n.txt", "n\n");
  const change = await changeOf(home, user.root, () => {
    user.write("a.txt", Array.from({ length: 3_000 }, (_, line) => `line ${line} é\n`).join(""));
    user.write("long.txt", "é".repeat(70_000));
    user.write("nested/n.txt", "changed\n");
  });
  const whole = await diffPage(home, change, { maxBytes: 10_000_000 });
  assert.equal(whole.cursor, undefined);
  assert.match(whole.patch, /^--- a\/nested\/n.txt$/m);
  const pages: string[] = [];
  for (let cursor: number | undefined = 0; cursor !== undefined;) {
    const page: { patch: string; cursor?: number } = await diffPage(home, change, { cursor });
    assert.ok(page.patch.length > 0 && page.patch.length <= 20_000);
    pages.push(page.patch);
    cursor = page.cursor;
  }
  assert.ok(pages.length > 5);
  assert.equal(pages.join(""), whole.patch);
  assert.ok(pages[0]?.endsWith("\n"));
  assert.equal(whole.patch.includes("\ufffd"), false);
});

Deno.test("changes: outlive a commit, the user's garbage collection and the whole repository", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  user.write("a.txt", "staged\n");
  user.git("add", "a.txt");
  const change = await changeOf(home, user.root, () => {
    user.write("a.txt", "the agent's\n");
    user.git("commit", "-q", "-a", "-m", "the agent's");
  });
  user.git("reset", "-q", "--hard", "HEAD~1");
  user.git("reflog", "expire", "--expire=now", "--all");
  user.git("gc", "-q", "--prune=now");
  const told = async () => [await listChanges(home, change), (await diffPage(home, change)).patch];
  const before = await told();
  assert.match(String(before[1]), /^-staged\n\+the agent's$/m);
  Deno.removeSync(user.root, { recursive: true });
  assert.deepEqual(await told(), before);
});

Deno.test("changes: content that was collected during the turn is named, and the rest is kept", async () => {
  await using user = userRepository();
  user.write("a.txt", "second\n");
  user.git("commit", "-q", "-a", "-m", "second");
  const home = homeOf(user);
  const change = await changeOf(home, user.root, () => {
    user.git("reset", "-q", "--hard", "HEAD~1");
    user.git("reflog", "expire", "--expire=now", "--all");
    user.git("gc", "-q", "--prune=now");
    user.write("new.txt", "x\n");
  });
  assert.deepEqual(change.uncovered, [
    { path: "a.txt", why: "lost its earlier content to a garbage collection" },
  ]);
  assert.deepEqual(await listChanges(home, change), [
    { path: "a.txt", kind: "update", added: null, removed: null },
    { path: "new.txt", kind: "add", added: 1, removed: 0 },
  ]);
});

Deno.test("changes: a job's is the chain of its turns, without what others did between them", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  const first = await changeOf(home, user.root, () => {
    user.write("a.txt", "one\ntwo\nthree\nfirst turn\n");
    user.write("passing.txt", "made and removed\n");
    user.write("mixed.txt", "first\n");
  });
  user.write("users.txt", "the user's\n");
  user.write("mixed.txt", "first\nthe user's\n");
  const second = await changeOf(home, user.root, () => {
    user.write("a.txt", "one\ntwo\nthree\nfirst turn\nsecond turn\n");
    user.remove("passing.txt");
    user.write("mixed.txt", "first\nthe user's\nsecond\n");
  });
  const whole = await jobChange(home, [first, second]);
  assert.deepEqual(whole.mixed, ["mixed.txt"]);
  assert.deepEqual(await listChanges(home, whole), [
    { path: "a.txt", kind: "update", added: 2, removed: 0 },
    { path: "mixed.txt", kind: "add", added: 3, removed: 0 },
  ]);
  assert.equal(await jobChange(home, [first]), first);
});

Deno.test("changes: a hostile repository runs nothing, whatever its attributes ask for", async () => {
  await using user = userRepository();
  const hostile = hostileRepository(join(user.base, "hostile"));
  hostile.ran();
  const home = homeOf(user);
  const change = await changeOf(home, hostile.root, () => {
    Deno.writeTextFileSync(join(hostile.root, "a.txt"), "changed\n");
    Deno.writeTextFileSync(join(hostile.root, "nested/n.txt"), "changed\n");
    Deno.writeTextFileSync(
      join(hostile.root, ".gitattributes"),
      "* diff=planted merge=planted filter=planted -text\n",
    );
  });
  assert.equal((await listChanges(home, change)).length, 3);
  assert.match((await diffPage(home, change)).patch, /^\+changed$/m);
  assert.deepEqual(hostile.ran(), []);
});

Deno.test("changes: repositories that come and go are named", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  user.git("init", "-q", "leaving");
  user.write("leaving/x", "x\n");
  const change = await changeOf(home, user.root, () => {
    user.remove("leaving");
    user.git("init", "-q", "coming");
    user.write("coming/x", "x\n");
  });
  assert.deepEqual(change.uncovered, [
    { path: "coming", why: "is a repository of its own that the turn has made" },
    { path: "leaving", why: "was a repository of its own, and is none any more" },
  ]);
  const moved = await keepChange(home, {
    before: await snapshotOf(home, user.root),
    after: await snapshotOf(home, join(user.root, "coming")),
  });
  assert.deepEqual(moved, { kind: "none", reason: `the work tree ${user.root} is not there any more` });
});
