/** A repository with 100,000 files: snapshots, changes, undo and places are right, and none of them is given up. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { listChanges } from "../../src/places/changes/list_changes.ts";
import { makePlace } from "../../src/places/isolation/make_place.ts";
import { packed } from "../../src/places/isolation/pack_base.ts";
import { applyJob } from "../../src/places/writing/apply_job.ts";
import { undoJob } from "../../src/places/writing/undo_job.ts";
import { changeInPlace, changeOf, homeOf } from "../support/snapshots.ts";
import { repositoryAt, type UserRepository, userRepository } from "../support/user_repository.ts";

const FILES = 100_000;

function pathOf(index: number): string {
  return `d${index % 500}/f${index}.txt`;
}

/** Commits files that all have the same content, and checks them out: written one by one, they would take a minute. */
async function commitFiles(user: UserRepository): Promise<void> {
  const import_ = new Deno.Command("git", {
    args: ["fast-import", "--quiet", "--force"],
    cwd: user.root,
    env: { HOME: user.home, GIT_CONFIG_NOSYSTEM: "1" },
    stdin: "piped",
  }).spawn();
  const lines = ["blob", "mark :1", "data 4", "one", "", "commit refs/heads/main"];
  lines.push("committer T <t@example.com> 0 +0000", "data 4", "many", "from refs/heads/main^0");
  for (let index = 0; index < FILES; index++) lines.push(`M 100644 :1 ${pathOf(index)}`);
  const writer = import_.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`${lines.join("\n")}\n`));
  await writer.close();
  assert.ok((await import_.status).success);
  user.git("reset", "-q", "--hard");
}

function turn(user: Pick<UserRepository, "write" | "remove">): void {
  user.write(pathOf(7), "changed\n");
  user.remove(pathOf(99_999));
  user.write("new/file.txt", "new\n");
}

const CHANGED = [pathOf(7), pathOf(99_999), "new/file.txt"].sort();

Deno.test("many files: 100,000 of them are seen, changed, undone, and worked on in a place", async () => {
  await using user = userRepository();
  await commitFiles(user);
  const home = homeOf(user);
  const change = await changeOf(home, user.root, () => turn(user));
  assert.deepEqual((await listChanges(home, change)).map(({ path }) => path).sort(), CHANGED);
  assert.deepEqual(change.uncovered, []);
  assert.equal((await undoJob(home, [change])).kind, "done");
  assert.equal(user.git("status", "--porcelain"), "");
  const place = await makePlace(home, { job: "0123abcd", cwd: user.root, from: "head" });
  await packed(home, place.job);
  const inside = repositoryAt({ ...user, root: place.root });
  const inPlace = await changeInPlace(home, place, () => turn(inside));
  const applied = await applyJob(home, [inPlace], { target: user.root });
  assert.ok(applied.kind === "done");
  assert.deepEqual(applied.files.map(({ path }) => path).sort(), CHANGED);
  assert.equal(Deno.readTextFileSync(join(user.root, pathOf(7))), "changed\n");
});
