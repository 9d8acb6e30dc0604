import assert from "node:assert/strict";
import { join } from "node:path";
import { branchJob } from "../../src/places/commits/branch_job.ts";
import { mergeJob } from "../../src/places/commits/merge_job.ts";
import { isAgentAsyncError } from "../../src/domain/errors.ts";
import { discardPlace } from "../../src/places/isolation/discard_place.ts";
import { makePlace } from "../../src/places/isolation/make_place.ts";
import { packed } from "../../src/places/isolation/pack_base.ts";
import { recoverWrites } from "../../src/places/writing/write_journal.ts";
import { homeOf } from "../support/snapshots.ts";
import { repositoryAt, treeBytes, type UserRepository, userRepository } from "../support/user_repository.ts";

const JOB = "0123abcd";
const MESSAGE = "Add what was asked for\n\nBy an agent.\n";

async function placeIn(user: UserRepository) {
  const home = homeOf(user);
  const place = await makePlace(home, { job: JOB, cwd: user.root, from: "head" });
  await packed(home, JOB);
  return { home, place, inside: repositoryAt({ ...user, root: place.root }) };
}

/** Hooks that note their name. */
function withHooks(user: UserRepository): () => boolean {
  const marker = join(user.base, "hook-ran");
  for (const hook of ["pre-commit", "post-commit", "post-merge", "post-checkout", "reference-transaction"]) {
    user.write(`.git/hooks/${hook}`, `#!/bin/sh\ntouch '${marker}'\n`, 0o755);
  }
  return () => {
    try {
      return Deno.statSync(marker).isFile;
    } catch {
      return false;
    }
  };
}

Deno.test("branch: the agent's commits and the rest as one more, with nothing of the user's touched", async () => {
  await using user = userRepository();
  user.git("branch", `agent-async/${JOB}`);
  user.write("a.txt", "not committed\n");
  user.write("staged.txt", "x\n");
  user.git("add", "staged.txt");
  const { home, place, inside } = await placeIn(user);
  inside.write("first.txt", "1\n");
  inside.git("add", ".");
  inside.git("commit", "-q", "-m", "the agent's own");
  inside.write("second.txt", "2\n", 0o755);
  inside.write(".env", "KEY=1\n");
  inside.remove("below");
  const before = treeBytes(user.root);
  const index = Deno.readFileSync(join(user.root, ".git/index"));
  const ran = withHooks(user);
  const outcome = await branchJob(home, place, { name: `agent-async/${JOB}`, message: MESSAGE });
  assert.equal(outcome.branch, `agent-async/${JOB}-2`);
  assert.deepEqual(outcome.left, [{ path: ".env", why: "may hold a key, or is too large" }]);
  await discardPlace(home, JOB);
  Deno.removeSync(home.snapshots, { recursive: true });
  assert.equal(ran(), false);
  assert.deepEqual(treeBytes(user.root), before);
  assert.deepEqual(Deno.readFileSync(join(user.root, ".git/index")), index);
  assert.equal(
    user.git("log", "--format=%s %an", outcome.branch),
    "Add what was asked for T\nthe agent's own T\nfirst T\n",
  );
  assert.equal(
    user.git("diff", "--stat", "--summary", "main", outcome.branch).includes("mode 100755 second.txt"),
    true,
  );
  user.git("fsck", "--strict");
});

Deno.test("branch: commits what the user's git would, where line ends are converted", async () => {
  await using user = userRepository();
  user.git("config", "core.autocrlf", "true");
  user.write("crlf.txt", "one\r\ntwo\r\n");
  user.git("add", ".");
  user.git("commit", "-q", "-m", "crlf");
  const { home, place, inside } = await placeIn(user);
  inside.write("crlf.txt", "one\r\nTWO\r\n");
  const { branch } = await branchJob(home, place, { name: "b", message: MESSAGE });
  assert.equal(user.git("show", `${branch}:crlf.txt`), "one\nTWO\n");
  assert.equal(user.git("diff", "--stat", "main", branch).includes("2 +-"), true);
});

Deno.test("branch: what cannot be had is said", async () => {
  await using user = userRepository();
  const { home, place, inside } = await placeIn(user);
  const message = async () => {
    const error = await branchJob(home, place, { name: "b", message: MESSAGE }).catch((error) => error);
    return isAgentAsyncError(error, "conflict") ? error.message : error;
  };
  assert.equal(await message(), "The job has changed nothing that a branch could hold");
  user.git("branch", "b/inside");
  inside.write("x", "x\n");
  assert.equal((await branchJob(home, place, { name: "b", message: MESSAGE })).branch, "b-2");
  inside.remove(".git");
  Deno.symlinkSync(join(user.root, ".git"), join(place.root, ".git"));
  assert.equal(
    await message(),
    `The repository of the place ${place.root} is not the one that was made there`,
  );
  Deno.removeSync(user.root, { recursive: true });
  assert.equal(await message(), `The repository ${user.root} is not there any more`);
});

Deno.test("merge: fast-forwards where nothing happened beside the job, and keeps what is staged and changed", async () => {
  await using user = userRepository();
  const { home, place, inside } = await placeIn(user);
  inside.write("run.sh", "#!/bin/sh\nexit\n");
  inside.write("new/x", "x\n");
  inside.remove("link");
  user.write("a.txt", "not committed\n");
  user.write("staged.txt", "x\n");
  user.git("add", "staged.txt");
  const ran = withHooks(user);
  const outcome = await mergeJob(home, place, { message: MESSAGE });
  assert.deepEqual(outcome, {
    kind: "done",
    files: [
      { path: "link", kind: "delete" },
      { path: "new/x", kind: "add" },
      { path: "run.sh", kind: "update" },
    ],
    left: [],
  });
  assert.equal(ran(), false);
  assert.equal(user.git("status", "--porcelain"), " M a.txt\nA  staged.txt\n");
  assert.equal(user.git("log", "--format=%s"), "Add what was asked for\nfirst\n");
  assert.equal((Deno.statSync(join(user.root, "run.sh")).mode ?? 0) & 0o777, 0o755);
  assert.deepEqual(await mergeJob(home, place, { message: MESSAGE }), { kind: "done", files: [], left: [] });
  user.git("fsck", "--strict");
});

Deno.test("merge: with what the user has committed meanwhile, converted line ends and all", async () => {
  await using user = userRepository();
  user.git("config", "core.autocrlf", "true");
  user.write("crlf.txt", "1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n");
  user.git("add", ".");
  user.git("commit", "-q", "-m", "crlf");
  const { home, place, inside } = await placeIn(user);
  inside.write("crlf.txt", "one\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n");
  user.write("crlf.txt", "1\r\n2\r\n3\r\n4\r\n5\r\n6\r\nseven\r\n");
  user.git("commit", "-q", "-a", "-m", "the user's");
  assert.equal((await mergeJob(home, place, { message: MESSAGE })).kind, "done");
  assert.equal(user.read("crlf.txt"), "one\r\n2\r\n3\r\n4\r\n5\r\n6\r\nseven\r\n");
  assert.equal(user.git("status", "--porcelain"), "");
  assert.equal(user.git("log", "--format=%s", "-1", "--merges"), "Add what was asked for\n");
  assert.equal(user.git("rev-parse", "HEAD^1"), user.git("rev-parse", "HEAD@{1}"));
  assert.equal(user.git("reflog", "-1", "--format=%gs %gn", "main"), "agent-async: merge a job's work T\n");
});

Deno.test("merge: conflicts, uncommitted changes, staged changes and locks change nothing", async () => {
  await using user = userRepository();
  const { home, place, inside } = await placeIn(user);
  inside.write("a.txt", "one\nthe job's\nthree\n");
  const conflicts = async () => {
    const before = treeBytes(user.root, { withGit: true });
    const outcome = await mergeJob(home, place, { message: MESSAGE });
    const after = treeBytes(user.root, { withGit: true });
    for (const tree of [before, after]) {
      for (const path of Object.keys(tree)) if (path.startsWith(".git/objects/")) delete tree[path];
    }
    assert.deepEqual(after, before);
    return outcome.kind === "conflicts" ? outcome.conflicts : outcome;
  };
  user.write("a.txt", "one\ntwo\nuncommitted\n");
  assert.deepEqual(await conflicts(), [{ path: "a.txt", lines: null, why: "has uncommitted changes" }]);
  user.git("add", "a.txt");
  assert.deepEqual(await conflicts(), [{ path: "a.txt", lines: null, why: "has staged changes" }]);
  user.git("commit", "-q", "-m", "the user's");
  user.write("a.txt", "one\nthe user's\nthree\n");
  user.git("commit", "-q", "-a", "-m", "the user's");
  assert.deepEqual(await conflicts(), [{ path: "a.txt", lines: "2", why: "was changed here too" }]);
  user.git("reset", "-q", "--hard", "HEAD~2");
  user.write(".git/index.lock", "");
  assert.deepEqual(await conflicts(), [{
    path: ".git/index.lock",
    lines: null,
    why: "is held by another git",
  }]);
  user.remove(".git/index.lock");
  user.git("checkout", "-q", "--detach");
  await assert.rejects(conflicts(), /its HEAD is detached/);
  user.git("checkout", "-q", "main");
  user.write(".gitattributes", "a.txt filter=lfs\n");
  assert.deepEqual(await conflicts(), [
    { path: "a.txt", lines: null, why: "has the filter lfs, which only your own git may run" },
  ]);
  user.remove(".gitattributes");
  assert.equal((await mergeJob(home, place, { message: MESSAGE })).kind, "done");
});

Deno.test("merge: a branch that moves in the middle takes everything back", async () => {
  await using user = userRepository();
  const { home, place, inside } = await placeIn(user);
  inside.write("a.txt", "the job's\n");
  inside.write("new.txt", "x\n");
  const before = treeBytes(user.root);
  const real = Deno.link;
  Object.defineProperty(Deno, "link", {
    configurable: true,
    writable: true,
    value: (from: string, to: string) => {
      if (to.startsWith(user.root)) {
        user.git("update-ref", "refs/heads/main", user.git("commit-tree", "-m", "x", "HEAD^{tree}").trim());
      }
      return real(from, to);
    },
  });
  try {
    assert.deepEqual(await mergeJob(home, place, { message: MESSAGE }), {
      kind: "conflicts",
      conflicts: [{ path: "refs/heads/main", lines: null, why: "has just been moved" }],
    });
  } finally {
    Object.defineProperty(Deno, "link", { configurable: true, writable: true, value: real });
  }
  assert.deepEqual(treeBytes(user.root), before);
  assert.deepEqual(await recoverWrites(home), []);
  assert.throws(() => Deno.statSync(join(user.root, ".git/index.lock")));
});
