/** Repositories and paths that were named to break something, and users who change what is being written. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { diffPage } from "../../src/places/changes/diff_page.ts";
import { listChanges } from "../../src/places/changes/list_changes.ts";
import { discardPlace } from "../../src/places/isolation/discard_place.ts";
import { makePlace } from "../../src/places/isolation/make_place.ts";
import { packed } from "../../src/places/isolation/pack_base.ts";
import { applyJob } from "../../src/places/writing/apply_job.ts";
import { undoJob } from "../../src/places/writing/undo_job.ts";
import { changeInPlace, changeOf, homeOf, snapshotBytes, snapshotOf } from "../support/snapshots.ts";
import {
  AS_GIT,
  repositoryAt,
  treeBytes,
  type UserRepository,
  userRepository,
} from "../support/user_repository.ts";

const JOB = "0123abcd";

function turn(user: Pick<UserRepository, "write" | "remove">): void {
  user.write("a.txt", "changed\n");
  user.write("-new\nfile", "new\n");
  user.remove("below");
}

const ROOTS = [
  "-rf",
  "--git-dir=x",
  "a\nb",
  "a:b",
  'q"uote',
  "back\\slash",
  " blank ",
  "#x",
  "*?[x]",
  "é\u0301",
];

for (const name of ROOTS) {
  Deno.test(`hostile paths: a repository ${JSON.stringify(name)} is worked in, undone, and worked on in a place`, async () => {
    await using user = userRepository({ name });
    const home = homeOf(user);
    const before = treeBytes(user.root);
    const change = await changeOf(home, user.root, () => turn(user));
    const paths = (await listChanges(home, change)).map(({ path }) => path).sort();
    assert.deepEqual(paths, ["-new\nfile", "a.txt", "below/b.txt"]);
    assert.match((await diffPage(home, change)).patch, /^\+changed$/m);
    assert.equal((await undoJob(home, [change])).kind, "done");
    assert.deepEqual(treeBytes(user.root), before);
    const place = await makePlace(home, { job: JOB, cwd: user.root, from: "head" });
    await packed(home, JOB);
    const inPlace = await changeInPlace(home, place, () => turn(repositoryAt({ ...user, root: place.root })));
    assert.equal((await applyJob(home, [inPlace], { target: user.root })).kind, "done");
    assert.deepEqual(treeBytes(user.root, AS_GIT), treeBytes(place.root, AS_GIT));
    assert.equal(await discardPlace(home, JOB), true);
  });
}

Deno.test("hostile paths: paths as long as the system takes them, and in a place longer", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  const room = 4_090 - user.root.length - 1;
  const depth = Math.floor(room / 251);
  const long = `${`${"d".repeat(250)}/`.repeat(depth)}${"f".repeat(room - depth * 251 || 1)}`;
  user.write(long, "long\n");
  assert.deepEqual(
    await snapshotBytes(home, await snapshotOf(home, user.root)),
    treeBytes(user.root, AS_GIT),
  );
  const before = treeBytes(user.root);
  const change = await changeOf(home, user.root, () => {
    user.write(long, "changed\n");
    user.write("a.txt", "changed\n");
  });
  assert.equal((await undoJob(home, [change])).kind, "done");
  assert.deepEqual(treeBytes(user.root), before);
  user.git("add", "-A");
  user.git("commit", "-q", "-m", "long");
  const place = await makePlace(home, { job: JOB, cwd: user.root, from: "head" });
  await packed(home, JOB);
  // From the place's root the path is short enough for git, from the top of the file system it is too long for us.
  const inside = repositoryAt({ ...user, root: place.root });
  assert.ok(join(place.root, long).length > 4_096);
  assert.equal(inside.git("status", "--porcelain"), "");
  const inPlace = await changeInPlace(home, place, () => inside.write("a.txt", "of the job\n"));
  assert.equal((await applyJob(home, [inPlace], { target: user.root })).kind, "done");
  assert.equal(user.git("status", "--porcelain"), " M a.txt\n");
});

Deno.test("hostile paths: a directory that became a link to elsewhere is not written through, and nothing is undone", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  const change = await changeOf(home, user.root, () => {
    user.write("below/b.txt", "changed\n");
    user.write("a.txt", "changed\n");
  });
  const outside = join(user.base, "outside");
  Deno.renameSync(join(user.root, "below"), outside);
  Deno.symlinkSync(outside, join(user.root, "below"));
  const before = treeBytes(user.root);
  const outcome = await undoJob(home, [change]);
  assert.equal(outcome.kind, "conflicts", JSON.stringify(outcome));
  assert.deepEqual(treeBytes(user.root), before);
  assert.equal(Deno.readTextFileSync(join(outside, "b.txt")), "changed\n");
  // And the other way round: what was a link when the job changed it is a directory now.
  Deno.removeSync(join(user.root, "below"));
  Deno.renameSync(outside, join(user.root, "below"));
  const linked = await changeOf(home, user.root, () => {
    user.remove("link");
    Deno.symlinkSync("run.sh", join(user.root, "link"));
  });
  user.remove("link");
  user.write("link/of the user", "x\n");
  const now = treeBytes(user.root);
  assert.equal((await undoJob(home, [linked])).kind, "conflicts");
  assert.deepEqual(treeBytes(user.root), now);
});

Deno.test("apply: a user who saves a file while it is written keeps what he has saved, and nothing is taken over", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  const place = await makePlace(home, { job: JOB, cwd: user.root, from: "head" });
  await packed(home, JOB);
  const inside = repositoryAt({ ...user, root: place.root });
  const change = await changeInPlace(home, place, () => {
    inside.write("a.txt", "of the job\n");
    inside.write("below/b.txt", "of the job\n");
    inside.write("new.txt", "of the job\n");
    inside.write("run.sh", "of the job\n");
  });
  const before = treeBytes(user.root);
  const moments = [["link", "before"], ["link", "after"], ["rename", "before"]] as const;
  for (const how of ["in place", "as a new file"] as const) {
    for (const [name, moment] of moments) {
      for (let nth = 1; nth <= 4; nth++) {
        let calls = 0;
        const real: CallableFunction = Deno[name];
        Object.defineProperty(Deno, name, {
          configurable: true,
          writable: true,
          value: async (...args: string[]) => {
            const isNow = args.some((path) => path.startsWith(user.root)) && ++calls === nth;
            if (isNow && moment === "before") save(user, how);
            await Reflect.apply(real, Deno, args);
            if (isNow && moment === "after") save(user, how);
          },
        });
        let outcome;
        try {
          outcome = await applyJob(home, [change], { target: user.root });
        } finally {
          Object.defineProperty(Deno, name, { configurable: true, writable: true, value: real });
        }
        const which = `${how}, ${moment} ${name} ${nth}: ${JSON.stringify(outcome)}`;
        const tree = treeBytes(user.root);
        if (calls < nth) user.write("run.sh", "saved by the user\n");
        else if (outcome.kind === "done") {
          // It was saved after it had been written: then it is the user's, on top of the job's.
          assert.equal(user.read("a.txt"), "of the job\n", which);
        } else {
          assert.deepEqual(
            Object.entries(tree).filter(([path]) => path !== "run.sh"),
            Object.entries(before).filter(([path]) => path !== "run.sh"),
            which,
          );
        }
        assert.equal(user.read("run.sh"), "saved by the user\n", which);
        user.git("reset", "-q", "--hard");
        user.git("clean", "-qfd");
      }
    }
  }
});

/** As editors save: into the file, or by another file that takes its name. */
function save(user: UserRepository, how: "in place" | "as a new file"): void {
  if (how === "in place") return user.write("run.sh", "saved by the user\n");
  user.write("run.sh~", "saved by the user\n");
  Deno.renameSync(join(user.root, "run.sh~"), join(user.root, "run.sh"));
}
