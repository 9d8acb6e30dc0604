import assert from "node:assert/strict";
import { join } from "node:path";
import type { Change } from "../../src/places/changes/change.ts";
import { keepChange } from "../../src/places/changes/keep_change.ts";
import type { PlacesHome } from "../../src/places/places_home.ts";
import { applyJob } from "../../src/places/writing/apply_job.ts";
import { undoJob } from "../../src/places/writing/undo_job.ts";
import { homeOf, snapshotOf } from "../support/snapshots.ts";
import { repositoryAt, treeBytes, type UserRepository, userRepository } from "../support/user_repository.ts";

/** A clone of the user's repository, as a place for a job. */
function placeOf(user: UserRepository): UserRepository {
  const place = repositoryAt({ ...user, root: join(user.base, "place") });
  user.git("clone", "-q", "--shared", user.root, place.root);
  return place;
}

/** What `turn` changes in the place; kept in the store of the user's repository. */
async function turnIn(
  home: PlacesHome,
  { place, user }: { place: UserRepository; user: UserRepository },
  turn: () => void,
): Promise<Change> {
  const before = await snapshotOf(home, place.root, { origin: user.root });
  turn();
  const after = await snapshotOf(home, place.root, { origin: user.root });
  const result = await keepChange(home, { before, after });
  assert.ok(result.kind === "known");
  return result.change;
}

const lines = (count: number) => Array.from({ length: count }, (_, line) => `line ${line}\n`).join("");

Deno.test("apply: the change arrives unstaged, and everything of the user's stays", async () => {
  await using user = userRepository();
  user.write("long.txt", lines(30));
  user.git("add", ".");
  user.git("commit", "-q", "-m", "long");
  const home = homeOf(user);
  const place = placeOf(user);
  const change = await turnIn(home, { place, user }, () => {
    place.write("long.txt", lines(30).replace("line 3\n", "the job's\n"));
    place.write("new/run", "#!/bin/sh\n", 0o755);
    place.remove("below");
    place.write("run.sh", "#!/bin/sh\nexit\n");
    place.git("add", "-A");
    place.git("commit", "-q", "-m", "the job's");
    place.write("crlf.txt", "one\r\ntwo\r\n");
  });
  user.write("long.txt", lines(30).replace("line 20\n", "the user's\n"));
  user.git("add", "long.txt");
  user.write("long.txt", user.read("long.txt").replace("line 25\n", "unstaged\n"));
  user.write("untracked.txt", "x\n");
  Deno.removeSync(place.root, { recursive: true });
  const staged = user.git("diff", "--cached");
  const outcome = await applyJob(home, [change], { target: user.root });
  assert.deepEqual(outcome, {
    kind: "done",
    files: [
      { path: "below/b.txt", kind: "delete" },
      { path: "crlf.txt", kind: "add" },
      { path: "long.txt", kind: "update" },
      { path: "new/run", kind: "add" },
      { path: "run.sh", kind: "update" },
    ],
    left: [],
  });
  assert.equal(user.git("diff", "--cached"), staged);
  const expected = lines(30).replace("line 3\n", "the job's\n").replace("line 20\n", "the user's\n")
    .replace("line 25\n", "unstaged\n");
  assert.equal(user.read("long.txt"), expected);
  assert.equal(user.read("crlf.txt"), "one\r\ntwo\r\n");
  assert.equal(user.git("ls-files", "-o", "--exclude-standard"), "crlf.txt\nnew/run\nuntracked.txt\n");
  assert.equal((Deno.statSync(join(user.root, "new/run")).mode ?? 0) & 0o100, 0o100);
  assert.deepEqual(await applyJob(home, [change], { target: user.root }), {
    kind: "done",
    files: [],
    left: [],
  });
});

Deno.test("apply: conflicts change nothing and name files and lines", async () => {
  await using user = userRepository();
  user.write("long.txt", lines(30));
  user.git("add", ".");
  user.git("commit", "-q", "-m", "long");
  const home = homeOf(user);
  const place = placeOf(user);
  const change = await turnIn(home, { place, user }, () => {
    place.write(
      "long.txt",
      lines(30).replace("line 3\nline 4\n", "the job's\n").replace("line 20\n", "again\n"),
    );
    place.write("fine.txt", "x\n");
    place.write("both.txt", "the job's\n");
    place.write("binary", new Uint8Array([0, 1]));
  });
  user.write(
    "long.txt",
    lines(30).replace("line 4\n", "the user's\n").replace("line 20\n", "the user's 20\n"),
  );
  user.write("both.txt", "the user's\n");
  user.write("binary", new Uint8Array([0, 2]));
  const before = treeBytes(user.root, { withGit: true });
  assert.deepEqual(await applyJob(home, [change], { target: user.root }), {
    kind: "conflicts",
    conflicts: [
      { path: "binary", lines: null, why: "was changed here too" },
      { path: "both.txt", lines: "1", why: "was changed here too" },
      { path: "long.txt", lines: "4-5, 21", why: "was changed here too" },
    ],
  });
  assert.deepEqual(treeBytes(user.root, { withGit: true }), before);
});

Deno.test("apply: of several turns, after the user has switched branches, and below a directory", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  const place = placeOf(user);
  const first = await turnIn(home, { place, user }, () => place.write("a.txt", "one\ntwo\nthree\nfirst\n"));
  const second = await turnIn(home, { place, user }, () => {
    place.write("a.txt", "one\ntwo\nthree\nfirst\nsecond\n");
    place.write("below/c.txt", "c\n");
  });
  user.git("checkout", "-q", "-b", "other");
  user.write("a.txt", "zero\none\ntwo\nthree\n");
  user.git("commit", "-q", "-a", "-m", "other");
  const target = join(user.root, "below");
  assert.equal((await applyJob(home, [first], { target })).kind, "done");
  assert.equal(user.read("a.txt"), "zero\none\ntwo\nthree\nfirst\n");
  // A reply after an apply goes on from what was applied.
  assert.equal((await applyJob(home, [second], { target })).kind, "done");
  assert.equal(user.read("a.txt"), "zero\none\ntwo\nthree\nfirst\nsecond\n");
  assert.equal(user.read("below/c.txt"), "c\n");
});

Deno.test("apply: a file that the job renames takes the user's edits with it", async () => {
  await using user = userRepository();
  user.write("old.txt", lines(40));
  user.git("add", ".");
  user.git("commit", "-q", "-m", "old");
  const home = homeOf(user);
  const place = placeOf(user);
  const change = await turnIn(home, { place, user }, () => {
    place.remove("old.txt");
    place.write("moved/new.txt", lines(40).replace("line 5\n", "the job's\n"));
  });
  user.write("old.txt", lines(40).replace("line 30\n", "the user's\n"));
  assert.equal((await applyJob(home, [change], { target: user.root })).kind, "done");
  assert.equal(
    user.read("moved/new.txt"),
    lines(40).replace("line 5\n", "the job's\n").replace("line 30\n", "the user's\n"),
  );
  assert.equal(treeBytes(user.root)["old.txt"], undefined);
});

Deno.test("apply: converted line ends and filters do not stand between place and tree", async () => {
  await using user = userRepository();
  user.git("config", "core.autocrlf", "true");
  user.write("crlf.txt", "one\r\ntwo\r\nthree\r\n");
  user.git("add", ".");
  user.git("commit", "-q", "-m", "crlf");
  const home = homeOf(user);
  const place = placeOf(user);
  place.write("crlf.txt", "one\r\ntwo\r\nthree\r\n");
  const change = await turnIn(
    home,
    { place, user },
    () => place.write("crlf.txt", "one\r\nTWO\r\nthree\r\n"),
  );
  assert.equal((await applyJob(home, [change], { target: user.root })).kind, "done");
  assert.equal(user.read("crlf.txt"), "one\r\nTWO\r\nthree\r\n");
});

Deno.test("apply: permissions alone go where the file has here what it had in the place, and back again", async () => {
  await using user = userRepository();
  user.write("mine.txt", "x\n");
  user.git("add", ".");
  user.git("commit", "-q", "-m", "mine");
  const home = homeOf(user);
  const place = placeOf(user);
  const chmod = ({ root }: UserRepository, path: string, bits: number) =>
    Deno.chmodSync(join(root, path), bits);
  for (const { root } of [user, place]) Deno.chmodSync(join(root, "a.txt"), 0o644);
  chmod(place, "mine.txt", 0o644);
  chmod(user, "mine.txt", 0o640);
  chmod(user, "below/b.txt", 0o640);
  const change = await turnIn(home, { place, user }, () => {
    chmod(place, "a.txt", 0o600);
    chmod(place, "mine.txt", 0o600);
    place.write("below/b.txt", "changed\n");
  });
  const before = treeBytes(user.root);
  assert.deepEqual(await applyJob(home, [change], { target: user.root }), {
    kind: "done",
    files: [{ path: "a.txt", kind: "update" }, { path: "below/b.txt", kind: "update" }],
    left: [{ path: "mine.txt", why: "has other permissions here than where the job worked" }],
  });
  const bits = () =>
    ["a.txt", "mine.txt", "below/b.txt"].map((path) => treeBytes(user.root)[path]?.slice(0, 3));
  assert.deepEqual(bits(), ["600", "640", "640"]);
  const outcome = await undoJob(home, [{ ...change, root: user.root }], { isElsewhere: true });
  assert.equal(outcome.kind, "done", JSON.stringify(outcome));
  assert.deepEqual(treeBytes(user.root), before);
});
