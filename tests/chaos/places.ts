/**
 * Chaos, family "places": random work of agents and of a user on one repository, with snapshots, undoing and applying
 * between them, killed with -9 at random steps. Every byte is compared.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Change } from "../../src/places/changes/change.ts";
import { readPlace } from "../../src/places/isolation/place.ts";
import { discardPlace, recoverPlaces } from "../../src/places/isolation/discard_place.ts";
import { makePlace } from "../../src/places/isolation/make_place.ts";
import { packed } from "../../src/places/isolation/pack_base.ts";
import type { PlacesHome } from "../../src/places/places_home.ts";
import { applyJob } from "../../src/places/writing/apply_job.ts";
import { undoJob } from "../../src/places/writing/undo_job.ts";
import { recoverWrites } from "../../src/places/writing/write_journal.ts";
import { workUntil } from "../support/killed_work.ts";
import { changeInPlace, changeOf, homeOf, snapshotBytes, snapshotOf } from "../support/snapshots.ts";
import { treeBytes, type UserRepository, userRepository } from "../support/user_repository.ts";
import type { Fault, Trial } from "./fault.ts";
import { work } from "./random_tree.ts";

/** Most steps on the disk after which a process is killed; about as many as a change of ten files takes. */
const MOST_STEPS = 60;

export const PLACE_FAULTS: readonly Fault[] = [
  {
    name: "turns beside a working user, each undone, killed or not",
    family: "places",
    kind: "round",
    attempt: turnsUndone,
  },
  {
    name: "places made, worked in and applied, killed or not",
    family: "places",
    kind: "round",
    attempt: placesApplied,
  },
  {
    name: "kill -9 while places are made and discarded and snapshots taken",
    family: "places",
    kind: "round",
    attempt: placesKilled,
  },
];

function repository({ random }: Trial): UserRepository {
  const user = userRepository({ args: random.pick([[], [], ["--object-format=sha256"]]) });
  work(user.root, random, 30);
  for (const [path, bytes] of Object.entries(treeBytes(user.root))) {
    if (!bytes.startsWith("->")) {
      Deno.chmodSync(join(user.root, path), random.pick([0o644, 0o644, 0o600, 0o664, 0o750]));
    }
  }
  if (random.below(3) === 0) {
    user.write(".gitattributes", random.pick(["* text=auto\n", "*.txt eol=crlf\n", "* ident\n"]));
  }
  if (random.below(4) === 0) user.git("config", "core.autocrlf", random.pick(["true", "input"]));
  if (random.below(4) === 0) user.git("config", "core.splitIndex", "true");
  if (random.below(3) > 0) commit(user);
  return user;
}

function commit(user: UserRepository): void {
  user.git("add", "-A");
  user.git("commit", "-q", "--allow-empty", "-m", "of the user");
}

/** What a user does while jobs come and go. */
function userWork(user: UserRepository, { random }: Trial): void {
  const all: (() => void)[] = [
    () => commit(user),
    () => user.git("add", "-A"),
    () => user.git("reset", "-q"),
    () => user.git("stash", "-q"),
    () => user.git("checkout", "-q", "--detach"),
    () => user.git("checkout", "-q", "-b", `b${random.below(1_000_000)}`),
    () => user.git("gc", "-q", "--prune=now"),
    () => user.git("reflog", "expire", "--expire=now", "--all"),
    () => user.git("update-index", "--refresh"),
    () => work(user.root, random, 5),
  ];
  for (let count = random.below(4); count > 0; count--) {
    try {
      random.pick(all)();
    } catch {
      // A stash of nothing, an index that needs a refresh: the user would shrug, too.
    }
  }
}

async function turnsUndone(trial: Trial): Promise<void> {
  await using user = repository(trial);
  const home = homeOf(user);
  for (let turn = 0; turn < 3; turn++) {
    userWork(user, trial);
    const before = treeBytes(user.root);
    const change = await changeOf(home, user.root, () => work(user.root, trial.random, 12));
    const after = treeBytes(user.root);
    assert.deepEqual(
      await snapshotBytes(home, await snapshotOf(home, user.root)),
      treeBytes(user.root, { gitModes: true }),
      "the snapshot is not what is on disk",
    );
    if (trial.random.below(3) === 0) continue;
    await orKilled(
      trial,
      { user, home, work: { changes: [change] }, before: after, after: before },
      async () => {
        const outcome = await undoJob(home, [change]);
        assert.equal(outcome.kind, "done", JSON.stringify(outcome));
      },
    );
  }
}

async function placesApplied(trial: Trial): Promise<void> {
  await using user = repository(trial);
  const home = homeOf(user);
  commit(user);
  const job = "chaos000";
  const place = await makePlace(home, { job, cwd: user.root, from: "changes" });
  await packed(home, job);
  const ofGit = { gitModes: true };
  assert.deepEqual(treeBytes(place.root, ofGit), treeBytes(user.root, ofGit), "the place is not as the tree");
  const changes: Change[] = [];
  for (let turn = 0; turn < 2; turn++) {
    changes.push(await changeInPlace(home, place, () => work(place.root, trial.random, 10)));
  }
  const wanted = treeBytes(place.root, ofGit);
  if (trial.random.below(2) === 0) await discardPlace(home, job);
  user.write("of the user/untouched", "x\n");
  const before = treeBytes(user.root, ofGit);
  const after = { ...wanted, "of the user/untouched": before["of the user/untouched"] ?? "" };
  const index = Deno.readFileSync(join(user.root, ".git/index"));
  await orKilled(
    trial,
    { user, home, work: { changes, target: user.root }, before, after, ofGit },
    async () => {
      const outcome = await applyJob(home, changes, { target: user.root });
      assert.equal(outcome.kind, "done", JSON.stringify(outcome));
    },
  );
  assert.deepEqual(Deno.readFileSync(join(user.root, ".git/index")), index, "the index was touched");
  await discardPlace(home, job);
}

async function placesKilled(trial: Trial): Promise<void> {
  await using user = repository(trial);
  const { random } = trial;
  const home = homeOf(user);
  commit(user);
  work(user.root, random, 5);
  const job = "chaos000";
  const ofGit = { gitModes: true };
  const all = treeBytes(user.root, { withGit: true });
  workUntil(user, { make: { job, cwd: user.root } }, 1 + random.below(MOST_STEPS));
  await recoverPlaces(home);
  const place = readPlace(home, job) ?? await makePlace(home, { job, cwd: user.root, from: "changes" });
  await packed(home, job);
  assert.deepEqual(treeBytes(place.root, ofGit), treeBytes(user.root, ofGit), "the place is not as the tree");
  for (const directory of [place.root, user.root]) {
    const since = await snapshotOf(home, directory);
    if (directory === place.root) work(place.root, random, 10);
    workUntil(user, { snapshot: { directory, since } }, 1 + random.below(MOST_STEPS));
    assert.deepEqual(
      await snapshotBytes(home, await snapshotOf(home, directory)),
      treeBytes(directory, ofGit),
      "the snapshot is not what is on disk",
    );
  }
  assert.deepEqual(treeBytes(user.root, { withGit: true }), all, "something of the user's was touched");
  const whole = Object.keys(treeBytes(place.root)).sort();
  workUntil(user, { discard: job }, 1 + random.below(6));
  await recoverPlaces(home);
  if (readPlace(home, job) === null) {
    assert.deepEqual([...Deno.readDirSync(home.places)].filter(({ name }) => name !== ".journals"), []);
  } else assert.deepEqual(Object.keys(treeBytes(place.root)).sort(), whole, "half a place is left");
}

/** Does it, or lets a process do it that is killed at a random step; then all is as before, or all as after. */
async function orKilled(
  { random }: Trial,
  { user, home, work, before, after, ofGit = { gitModes: false } }: {
    user: UserRepository;
    home: PlacesHome;
    work: Record<string, unknown>;
    before: Record<string, string>;
    after: Record<string, string>;
    ofGit?: { gitModes: boolean };
  },
  alive: () => Promise<void>,
): Promise<void> {
  if (random.below(2) === 0) {
    workUntil(user, work, 1 + random.below(MOST_STEPS));
    await recoverWrites(home);
    const now = treeBytes(user.root, ofGit);
    const isAfter = Object.keys(now).every((path) => now[path] === after[path]) &&
      Object.keys(after).every((path) => path in now);
    if (!isAfter) assert.deepEqual(now, before, "killed, and neither as before nor as after");
  }
  await alive();
  assert.deepEqual(treeBytes(user.root, ofGit), after);
}
