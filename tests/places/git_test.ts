import assert from "node:assert/strict";
import { join } from "node:path";
import { isAgentAsyncError } from "../../src/domain/errors.ts";
import { Git } from "../../src/places/git/git.ts";
import { GitFailure } from "../../src/places/git/git_failure.ts";
import { hostileRepository } from "../support/hostile_repository.ts";
import { userGit, userRepository } from "../support/user_repository.ts";

const env = Deno.env.toObject();

/** A bare git directory like ours. */
function bare(base: string): string {
  userGit({ cwd: base, home: base }, "init", "-q", "--bare", "ours.git");
  return join(base, "ours.git");
}

/** An executable that stands for git. */
function fakeGit(base: string, script: string): string {
  const path = join(base, "fake-git");
  Deno.writeTextFileSync(path, `#!/bin/sh\n${script}\n`);
  Deno.chmodSync(path, 0o755);
  return path;
}

Deno.test("git: runs with our git directory and gives bytes, text and code", async () => {
  await using user = userRepository();
  const gitDir = bare(user.base);
  const git = new Git({ env });
  const id = await git.line(["hash-object", "-w", "--stdin"], { gitDir, stdin: "x\n" });
  assert.equal(id, "587be6b4c3f93f93c489c0111bba5596147a26cb");
  const output = await git.run(["cat-file", "blob", id], { gitDir });
  assert.deepEqual({ ...output, bytes: [...output.bytes] }, {
    code: 0,
    bytes: [120, 10],
    text: "x\n",
    errors: "",
    isCut: false,
  });
  assert.equal(
    (await git.run(["cat-file", "-e", "0".repeat(40)], { gitDir, codes: [1, 128] })).code !== 0,
    true,
  );
});

Deno.test("git: reads objects of other repositories, whatever their path is called", async () => {
  await using user = userRepository({ name: 'a:b "c" \\d é' });
  const gitDir = bare(user.base);
  const id = user.git("rev-parse", "HEAD:a.txt").trim();
  const alternates = [join(user.root, ".git/objects")];
  const { text } = await new Git({ env }).run(["cat-file", "blob", id], { gitDir, alternates });
  assert.equal(text, "one\ntwo\nthree\n");
});

Deno.test("git: runs no program of a hostile repository, and reads no configuration of the user's", async () => {
  await using user = userRepository();
  const hostile = hostileRepository(join(user.base, "hostile"));
  hostile.ran();
  const gitDir = bare(user.base);
  const run = {
    gitDir,
    workTree: hostile.root,
    index: join(gitDir, "copy"),
    alternates: [join(hostile.root, ".git/objects")],
  };
  Deno.copyFileSync(join(hostile.root, ".git/index"), run.index);
  const git = new Git({
    env: { ...env, HOME: user.home, GIT_DIR: hostile.root, GIT_EXTERNAL_DIFF: "/evil" },
  });
  await git.run(["ls-files", "-z", "-o", "-m", "-d"], run);
  await git.run(["update-index", "-z", "--add", "--remove", "--stdin"], { ...run, stdin: "a.txt\0" });
  await git.run(["diff-files", "-p", "--ignore-submodules=all"], run);
  assert.deepEqual(hostile.ran(), []);
  const settings = await git.run(["config", "--list", "--show-origin"], run);
  assert.equal(settings.text.includes(user.home), false);
});

Deno.test("git: ends by itself at its time limit, its output limit and the caller's signal", async () => {
  await using user = userRepository();
  const gitDir = bare(user.base);
  const slow = new Git({
    env,
    executable: fakeGit(
      user.base,
      'case "$*" in *--version*) echo git version 2.40.0;; *) exec sleep 600;; esac',
    ),
  });
  const failure = async (work: Promise<unknown>) => {
    const error = await work.then(() => null, (error) => error);
    return error instanceof GitFailure ? error.kind : error;
  };
  assert.equal(await failure(slow.run(["gc"], { gitDir, timeoutMs: 50 })), "timed_out");
  const controller = new AbortController();
  const aborted = failure(slow.run(["gc"], { gitDir, signal: controller.signal }));
  queueMicrotask(() => setTimeout(() => controller.abort(), 20));
  assert.equal(await aborted, "aborted");
  const git = new Git({ env });
  const id = await git.line(["hash-object", "-w", "--stdin"], { gitDir, stdin: "x".repeat(2_000_000) });
  assert.equal(await failure(git.run(["cat-file", "blob", id], { gitDir, maxBytes: 1_000 })), "full");
  const cut = await git.run(["cat-file", "blob", id], { gitDir, maxBytes: 1_000, mayCut: true });
  assert.deepEqual([cut.text, cut.isCut], ["x".repeat(1_000), true]);
});

Deno.test("git: says what is missing when there is no git, or one that is too old", async () => {
  await using user = userRepository();
  const gitDir = bare(user.base);
  const message = async (git: Git) => {
    const error = await git.run(["gc"], { gitDir }).catch((error) => error);
    return isAgentAsyncError(error, "conflict") ? `${error.message} ${error.hint}` : error;
  };
  assert.equal(
    await message(new Git({ env, executable: join(user.base, "none") })),
    "git is not installed, or not on the PATH of the daemon Install git 2.38 or later, then call again.",
  );
  const old = fakeGit(user.base, "echo git version 2.37.1");
  assert.equal(
    await message(new Git({ env, executable: old })),
    "git 2.38 or later is needed; this is git version 2.37.1 Install a newer git, then call again.",
  );
  fakeGit(user.base, "echo git version 3.0.0.rc1");
  await new Git({ env, executable: old }).run(["gc"], { gitDir });
});
