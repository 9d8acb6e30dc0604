import assert from "node:assert/strict";
import { join } from "node:path";
import { isDiskFull } from "../../src/system/files/files.ts";
import { applyJob } from "../../src/places/writing/apply_job.ts";
import { makePlace } from "../../src/places/isolation/make_place.ts";
import { takeSnapshot } from "../../src/places/snapshots/take_snapshot.ts";
import { undoJob } from "../../src/places/writing/undo_job.ts";
import { CANNOT_MOUNT, mountSmallDisk } from "../support/small_disk.ts";
import { testUnless } from "../support/skippable.ts";
import { changeOf, homeOf, snapshotOf } from "../support/snapshots.ts";
import { repositoryAt, treeBytes, type UserRepository, userRepository } from "../support/user_repository.ts";

const noise = (bytes: number) => {
  const all = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 65_536) crypto.getRandomValues(all.subarray(at, at + 65_536));
  return all;
};

/** Takes all that is left of a disk. */
function fill(directory: string): () => void {
  const path = join(directory, "filler");
  using file = Deno.openSync(path, { write: true, create: true });
  try {
    for (;;) file.writeSync(new Uint8Array(4_096));
  } catch {
    // It is full: a file system in memory gives its space in pages.
  }
  return () => Deno.removeSync(path);
}

testUnless(CANNOT_MOUNT, "full disk: of the state directory: a reason, and nothing half-made", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  using _disk = mountSmallDisk(home.state, "2m");
  await snapshotOf(home, user.root);
  const empty = fill(home.state);
  user.write("big", noise(300_000));
  const before = treeBytes(user.root);
  assert.deepEqual(await takeSnapshot(home, user.root), {
    kind: "none",
    reason: "no snapshot could be taken: the disk is full (ENOSPC)",
  });
  await assert.rejects(makePlace(home, { job: "0123abcd", cwd: user.root, from: "head" }));
  assert.deepEqual(treeBytes(user.root), before);
  empty();
  assert.equal((await takeSnapshot(home, user.root)).kind, "taken");
  user.git("commit", "-q", "--allow-empty", "-m", "x");
  const place = await makePlace(home, { job: "0123abcd", cwd: user.root, from: "head" });
  assert.equal(treeBytes(place.root)["a.txt"], before["a.txt"]);
});

testUnless(CANNOT_MOUNT, "full disk: of the work tree: undoing and applying change nothing", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  const disk = join(user.base, "small disk");
  Deno.mkdirSync(disk);
  using _disk = mountSmallDisk(disk, "2m");
  const small: UserRepository = repositoryAt({ ...user, root: join(disk, "work") });
  Deno.mkdirSync(small.root);
  small.git("init", "-q", "-b", "main");
  small.write("a.txt", "a\n");
  small.write("big", noise(600_000));
  const change = await changeOf(home, small.root, () => {
    small.remove("big");
    small.write("a.txt", "changed\n");
    small.write("z.txt", "z\n");
  });
  const empty = fill(disk);
  const before = treeBytes(small.root);
  await assert.rejects(undoJob(home, [change]), isDiskFull);
  assert.deepEqual(treeBytes(small.root), before);
  assert.deepEqual([...Deno.readDirSync(home.journals)], []);
  const reversed = {
    ...change,
    parts: change.parts.map((part) => ({ ...part, before: part.after, after: part.before })),
  };
  await assert.rejects(applyJob(home, [reversed], { target: small.root }), isDiskFull);
  assert.deepEqual(treeBytes(small.root), before);
  empty();
  assert.equal((await undoJob(home, [change])).kind, "done");
});
