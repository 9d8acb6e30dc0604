/** What the guard of an agent's git keeps from running: real git in a repository that runs programs wherever it can. */
import assert from "node:assert/strict";
import { agentEnvironment } from "../../src/scheduler/turn/agent_environment.ts";
import { gitGuard } from "../../src/scheduler/turn/git_guard.ts";
import { withoutPrograms } from "../../src/scheduler/turn/git_programs.ts";
import { findWorkTree } from "../../src/system/files/work_tree.ts";
import { hostileRepository } from "../support/hostile_repository.ts";

const COMMANDS = [
  "status",
  "diff",
  "diff --stat",
  "log -p",
  "show --ext-diff --textconv",
  "log --show-signature",
  "log --alternate-refs",
  "blame a.txt",
  "grep --textconv one",
  "planted",
  "checkout -q -- a.txt",
  "add a.txt below/b.txt",
  "-c user.name=T -c user.email=t@example.com commit -q --allow-empty -m x",
  "fetch -q ssh://example.invalid/x",
];

Deno.test("gitGuard: no program of the repository runs with any git command, and without it many do", async () => {
  const directory = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    const repository = hostileRepository(`${directory}/repository`);
    const host = { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin", HOME: directory, GIT_SSH_COMMAND: "false" };
    const guard = gitGuard(await findWorkTree(repository.root), { home: directory });
    const env = agentEnvironment({ host, configured: {}, driver: {}, git: guard, jobId: "x", depth: 1 });
    for (const command of COMMANDS) {
      await git(repository.root, command, env);
      assert.deepEqual(repository.ran(), [], command);
    }
    Deno.writeTextFileSync(`${repository.root}/a.txt`, "one\ntwo\nthree\n");
    for (const command of COMMANDS) await git(repository.root, command, host);
    const ran = repository.ran();
    for (
      const name of ["fsmonitor", "diff-external", "textconv", "clean", "smudge", "alias", "hook-pre-commit"]
    ) {
      assert.ok(ran.includes(`git-${name}`), `${name} did not run without the guard: ${ran}`);
    }
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("gitGuard: an agent's git shows the same changes as without the repository's programs", async () => {
  const directory = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    const { root } = hostileRepository(`${directory}/repository`);
    const host = { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin", HOME: directory };
    const guard = gitGuard(await findWorkTree(`${root}/below`), { home: directory });
    const env = agentEnvironment({ host, configured: {}, driver: {}, git: guard, jobId: "x", depth: 1 });
    assert.match(await git(root, "status --short -uno", env), /^ M a\.txt$/m);
    assert.match(await git(root, "diff", env), /^diff --git a\/a\.txt b\/a\.txt\n(?:.*\n)*\+three$/m);
    assert.match(await git(root, "log -p -1", env), /^\+two$/m);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("gitGuard: a submodule's programs do not run with the outer repository's status and diff", async () => {
  const directory = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    const { root, ran } = hostileRepository(`${directory}/repository`);
    const host = { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin", HOME: directory };
    // As a link to a commit, with and without a name in `.gitmodules`.
    await git(root, "-c core.fsmonitor=false add nested", { ...host, GIT_CONFIG_PARAMETERS: "" });
    const check = async (what: string) => {
      const guard = gitGuard(await findWorkTree(root), { home: directory });
      const env = agentEnvironment({ host, configured: {}, driver: {}, git: guard, jobId: "x", depth: 1 });
      ran();
      await git(root, "status", env);
      await git(root, "diff --submodule=diff", env);
      assert.deepEqual(ran(), [], what);
      return await git(root, "status --short", env);
    };
    await check("a submodule without a name");
    Deno.writeTextFileSync(`${root}/.gitmodules`, '[submodule "n"]\n\tpath = nested\n\turl = ./n\n');
    assert.match(await check("a submodule with a name"), /^.m nested$|^AM nested$/m);
    await git(root, "status", host);
    assert.ok(ran().some((name) => name.startsWith("nested-")), "without the guard nothing ran either");
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("withoutPrograms: what names no program stays, and so does git-lfs as it installs itself", () => {
  const lfs = [
    { key: "filter.lfs.clean", value: "git-lfs clean -- %f" },
    { key: "filter.lfs.smudge", value: "git-lfs smudge -- %f" },
    { key: "filter.lfs.process", value: "git-lfs filter-process" },
    { key: "filter.lfs.required", value: "true" },
  ];
  const plain = [{ key: "user.name", value: "T" }, { key: "core.bare", value: "false" }];
  assert.deepEqual(withoutPrograms([...plain, ...lfs]), []);
  assert.deepEqual(withoutPrograms([...lfs, { key: "lfs.customtransfer.x.path", value: "./evil" }]), [
    { key: "filter.lfs.clean", value: "" },
    { key: "filter.lfs.required", value: "false" },
    { key: "filter.lfs.smudge", value: "" },
    { key: "filter.lfs.process", value: "" },
  ]);
  assert.deepEqual(withoutPrograms([{ key: "filter.lfs.clean", value: "git-lfs clean -- %f; ./evil" }]), [
    { key: "filter.lfs.clean", value: "" },
    { key: "filter.lfs.required", value: "false" },
  ]);
});

async function git(cwd: string, command: string, env: Record<string, string>): Promise<string> {
  const { stdout } = await new Deno.Command("git", { args: command.split(" "), cwd, clearEnv: true, env })
    .output();
  return new TextDecoder().decode(stdout);
}
