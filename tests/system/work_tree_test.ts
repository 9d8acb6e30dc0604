import assert from "node:assert/strict";
import { findWorkTree } from "../../src/system/files/work_tree.ts";

function withDirectory(test: (directory: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const directory = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "agent-async-test-" }));
    try {
      await test(directory);
    } finally {
      Deno.removeSync(directory, { recursive: true });
    }
  };
}

async function git(cwd: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("git", {
    args: [
      "-c",
      "user.name=test",
      "-c",
      "user.email=test@example.invalid",
      "-c",
      "protocol.file.allow=always",
      ...args,
    ],
    cwd,
    env: { HOME: cwd, GIT_CONFIG_NOSYSTEM: "1" },
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

Deno.test(
  "findWorkTree: a directory outside of git is plain, with symbolic links resolved",
  withDirectory(async (directory) => {
    Deno.mkdirSync(`${directory}/real/inner`, { recursive: true });
    Deno.symlinkSync(`${directory}/real`, `${directory}/link`);
    assert.deepEqual(await findWorkTree(`${directory}/link/inner`), {
      kind: "plain",
      root: `${directory}/real/inner`,
      gitDirs: [],
    });
  }),
);

Deno.test(
  "findWorkTree: a repository, from its root and from below",
  withDirectory(async (directory) => {
    await git(directory, "init", "-q", "repo");
    Deno.mkdirSync(`${directory}/repo/a/b`, { recursive: true });
    const tree = { kind: "git", root: `${directory}/repo`, gitDirs: [`${directory}/repo/.git`] };
    assert.deepEqual(await findWorkTree(`${directory}/repo`), tree);
    assert.deepEqual(await findWorkTree(`${directory}/repo/a/b`), tree);
  }),
);

Deno.test(
  "findWorkTree: an empty .git directory, as sandboxes leave behind, does not hide the repository above",
  withDirectory(async (directory) => {
    await git(directory, "init", "-q", "repo");
    Deno.mkdirSync(`${directory}/repo/a/.git`, { recursive: true });
    assert.equal((await findWorkTree(`${directory}/repo/a`)).root, `${directory}/repo`);
  }),
);

Deno.test(
  "findWorkTree: where a .git file names no repository, git works in none, also not in the one around",
  withDirectory(async (directory) => {
    await git(directory, "init", "-q", "repo");
    Deno.mkdirSync(`${directory}/repo/inner/deep`, { recursive: true });
    Deno.writeTextFileSync(`${directory}/repo/inner/.git`, "gitdir: ../gone\n");
    const cwd = `${directory}/repo/inner/deep`;
    assert.deepEqual(await findWorkTree(cwd), { kind: "plain", root: cwd, gitDirs: [] });
  }),
);

Deno.test(
  "findWorkTree: a linked work tree needs its own directory and the common one",
  withDirectory(async (directory) => {
    await git(directory, "init", "-q", "repo");
    await git(`${directory}/repo`, "commit", "-q", "--allow-empty", "-m", "first");
    await git(`${directory}/repo`, "worktree", "add", "-q", "../linked");
    Deno.mkdirSync(`${directory}/linked/deep`);
    assert.deepEqual(await findWorkTree(`${directory}/linked/deep`), {
      kind: "git",
      root: `${directory}/linked`,
      gitDirs: [`${directory}/repo/.git`, `${directory}/repo/.git/worktrees/linked`],
    });
  }),
);

Deno.test(
  "findWorkTree: a submodule's repository lies inside the one around it",
  withDirectory(async (directory) => {
    await git(directory, "init", "-q", "inner");
    await git(`${directory}/inner`, "commit", "-q", "--allow-empty", "-m", "first");
    await git(directory, "init", "-q", "outer");
    await git(`${directory}/outer`, "submodule", "--quiet", "add", `${directory}/inner`, "sub");
    assert.deepEqual(await findWorkTree(`${directory}/outer/sub`), {
      kind: "git",
      root: `${directory}/outer/sub`,
      gitDirs: [`${directory}/outer/.git/modules/sub`],
    });
  }),
);

Deno.test(
  "findWorkTree: a .git file that names nothing makes a plain directory",
  withDirectory(async (directory) => {
    for (const text of ["", "garbage\n", "gitdir: \n", "gitdir: ../nowhere\n", "gitdir: /\n", "\0\xff"]) {
      Deno.writeTextFileSync(`${directory}/.git`, text);
      assert.deepEqual(await findWorkTree(directory), { kind: "plain", root: directory, gitDirs: [] }, text);
    }
  }),
);

Deno.test(
  "findWorkTree: throws for a directory that does not exist",
  withDirectory(async (directory) => {
    await assert.rejects(() => findWorkTree(`${directory}/none`), Deno.errors.NotFound);
  }),
);
