/** kill -9 at every step of making and discarding places and of taking snapshots: nothing is lost, nothing is left. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { listChanges } from "../../src/places/changes/list_changes.ts";
import { keepChange } from "../../src/places/changes/keep_change.ts";
import { recoverPlaces } from "../../src/places/isolation/discard_place.ts";
import { makePlace } from "../../src/places/isolation/make_place.ts";
import { packed } from "../../src/places/isolation/pack_base.ts";
import { readPlace } from "../../src/places/isolation/place.ts";
import { exists } from "../support/exists.ts";
import { workUntil } from "../support/killed_work.ts";
import { homeOf, snapshotBytes, snapshotOf } from "../support/snapshots.ts";
import { AS_GIT, treeBytes, type UserRepository, userRepository } from "../support/user_repository.ts";

const JOB = "0123abcd";

/** Each step takes a process and a place. The chaos family `places` makes one at random steps. */
const STRIDE = 2;

/** Everything of the user's, `.git` too. */
function allOf(user: UserRepository): Record<string, string> {
  return treeBytes(user.root, { withGit: true });
}

/** Names in the directory of places, without the journals. */
function left(directory: string): string[] {
  if (!exists(directory)) return [];
  return [...Deno.readDirSync(directory)].map(({ name }) => name).filter((name) => name !== ".journals");
}

Deno.test("place: killed at any step of its making, it is whole or gone, and can be made", async () => {
  await using user = userRepository();
  user.write("a.txt", "not committed\n");
  user.write("new/file", "new\n");
  const home = homeOf(user);
  const before = allOf(user);
  const make = { make: { job: JOB, cwd: user.root } };
  const steps = workUntil(user, make, 0);
  assert.ok(steps !== null && steps > 30, `${steps} steps`);
  const outcomes = new Set<string>();
  for (let n = 1; n <= steps; n += STRIDE) {
    Deno.removeSync(home.places, { recursive: true });
    const isKilled = workUntil(user, make, n) === null;
    await recoverPlaces(home);
    const isThere = readPlace(home, JOB) !== null;
    outcomes.add(`${isKilled ? "killed" : "lived"}, ${isThere ? "whole" : "gone"}`);
    assert.deepEqual(left(home.places), isThere ? [JOB] : [], `step ${n}`);
    const place = readPlace(home, JOB) ??
      await makePlace(home, { job: JOB, cwd: user.root, from: "changes" });
    await packed(home, JOB);
    assert.deepEqual(treeBytes(place.root, AS_GIT), treeBytes(user.root, AS_GIT), `step ${n}`);
    assert.deepEqual(allOf(user), before, `step ${n}`);
  }
  assert.ok(outcomes.has("killed, whole") && outcomes.has("killed, gone"), [...outcomes].join("; "));
});

Deno.test("place: killed at any step of its end, it is whole or gone", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  const place = await makePlace(home, { job: JOB, cwd: user.root, from: "head" });
  await packed(home, JOB);
  const before = treeBytes(place.root, { withGit: true });
  for (let n = 1;; n++) {
    if (readPlace(home, JOB) === null) {
      await makePlace(home, { job: JOB, cwd: user.root, from: "head" });
      await packed(home, JOB);
    }
    const isKilled = workUntil(user, { discard: JOB }, n) === null;
    await recoverPlaces(home);
    const isThere = readPlace(home, JOB) !== null;
    if (isThere) {
      assert.deepEqual(
        Object.keys(treeBytes(place.root, { withGit: true })).sort(),
        Object.keys(before).sort(),
        `step ${n}`,
      );
    }
    assert.deepEqual(left(home.places), isThere ? [JOB] : [], `step ${n}`);
    if (!isKilled) break;
  }
});

Deno.test("snapshot: killed at any step of taking it or keeping a change, the next one is right", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  const since = await snapshotOf(home, user.root);
  user.write("a.txt", "changed\n");
  user.write("new/file", "new\n", 0o755);
  user.remove("below");
  const before = allOf(user);
  const work = { snapshot: { directory: user.root, since } };
  const steps = workUntil(user, work, 0);
  assert.ok(steps !== null && steps > 10, `${steps} steps`);
  for (let n = 1; n <= steps; n++) {
    // With another change each time, so that nothing is as an earlier round has left it.
    user.write("round.txt", `${n}\n`);
    workUntil(user, work, n);
    const after = await snapshotOf(home, user.root);
    assert.deepEqual(
      await snapshotBytes(home, after),
      treeBytes(user.root, { gitModes: true }),
      `step ${n}`,
    );
    const kept = await keepChange(home, { before: since, after });
    assert.ok(kept.kind === "known", `step ${n}`);
    assert.deepEqual((await listChanges(home, kept.change)).map(({ path }) => path), [
      "a.txt",
      "below/b.txt",
      "new/file",
      "round.txt",
    ], `step ${n}`);
    user.remove("round.txt");
    assert.deepEqual(allOf(user), before, `step ${n}`);
  }
  assert.equal(exists(join(user.root, ".git/index.lock")), false);
});
