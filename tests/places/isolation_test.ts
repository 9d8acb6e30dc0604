import assert from "node:assert/strict";
import { join } from "node:path";
import { isAgentAsyncError } from "../../src/domain/errors.ts";
import { disarmPlace, discardPlace, recoverPlaces } from "../../src/places/isolation/discard_place.ts";
import { makePlace, places } from "../../src/places/isolation/make_place.ts";
import { packed } from "../../src/places/isolation/pack_base.ts";
import { type Place, placeVariables, readPlace } from "../../src/places/isolation/place.ts";
import type { PlacesHome } from "../../src/places/places_home.ts";
import { applyJob } from "../../src/places/writing/apply_job.ts";
import { hostileRepository } from "../support/hostile_repository.ts";
import { homeOf } from "../support/snapshots.ts";
import { changeInPlace } from "../support/snapshots.ts";
import {
  AS_GIT,
  repositoryAt,
  treeBytes,
  type UserRepository,
  userRepository,
} from "../support/user_repository.ts";

const JOB = "0123abcd";

async function placeOf(
  { home, user, ...request }: {
    home: PlacesHome;
    user: UserRepository;
    job?: string;
    cwd?: string;
    from?: "head" | "changes";
  },
): Promise<{ place: Place; repository: UserRepository }> {
  const place = await makePlace(home, { job: JOB, cwd: user.root, from: "head", ...request });
  await packed(home, place.job);
  return { place, repository: repositoryAt({ ...user, root: place.root }) };
}

Deno.test("isolation: a place begins at the caller's commit, and shares nothing with the user", async () => {
  await using user = userRepository();
  user.git("tag", "v1");
  user.git("branch", "side");
  user.git("remote", "add", "origin", "https://example.com/x.git");
  user.git("config", "user.name", "Local Name");
  user.git("config", "alias.x", "!evil");
  user.write(".git/hooks/post-checkout", "#!/bin/sh\ntouch ran\n", 0o755);
  const committed = treeBytes(user.root, AS_GIT);
  user.write("a.txt", "not committed\n");
  user.write("staged.txt", "x\n");
  user.git("add", "staged.txt");
  user.git("stash", "push", "-q");
  user.write("a.txt", "not committed\n");
  const before = treeBytes(user.root, { withGit: true });
  const home = homeOf(user);
  const { place, repository } = await placeOf({ home, user });
  assert.deepEqual(treeBytes(place.root, AS_GIT), committed);
  assert.equal(place.root, join(home.places, JOB, "work tree"));
  assert.deepEqual(readPlace(home, JOB), place);
  assert.equal(repository.git("status", "--porcelain=v1", "--branch"), `## agent-async/${JOB}\n`);
  assert.equal(repository.git("stash", "list"), "");
  assert.equal(repository.git("config", "user.name"), "Local Name\n");
  assert.equal(repository.git("remote", "-v").split("\n")[0], "origin\thttps://example.com/x.git (fetch)");
  assert.throws(() => repository.git("config", "alias.x"));
  assert.equal(repository.git("describe", "--tags"), "v1\n");
  repository.write("new.txt", "x\n");
  repository.git("add", ".");
  repository.git("commit", "-q", "-m", "the job's");
  repository.git("stash", "list");
  repository.git("branch", "-D", "side");
  assert.deepEqual(treeBytes(user.root, { withGit: true }), before);
  repository.git("fsck", "--connectivity-only");
});

Deno.test("isolation: with the caller's uncommitted changes, in the same subdirectory", async () => {
  await using user = userRepository();
  user.write("a.txt", "not committed\n");
  user.write("below/staged.txt", "x\n");
  user.git("add", "below/staged.txt");
  user.write("below/untracked/x", "y\n", 0o755);
  user.remove("run.sh");
  user.write(".gitignore", "ignored\n");
  user.write("ignored", "x\n");
  const home = homeOf(user);
  const cwd = join(user.root, "below/untracked");
  const { place, repository } = await placeOf({ home, user, cwd, from: "changes" });
  assert.equal(place.cwd, join(place.root, "below/untracked"));
  const expected = treeBytes(user.root, AS_GIT);
  delete expected["ignored"];
  assert.deepEqual(treeBytes(place.root, AS_GIT), expected);
  assert.equal(repository.git("rev-parse", "HEAD"), user.git("rev-parse", "HEAD"));
  assert.equal(place.warnings.length, 0);
});

Deno.test("isolation: files that .worktreeinclude names are copied", async () => {
  await using user = userRepository();
  user.write(".gitignore", ".env*\nnode_modules/\nbuild/\n");
  user.write(".worktreeinclude", ".env*\n!.env.production\nnode_modules/\nnot-ignored\n../outside\n");
  user.git("add", ".");
  user.git("commit", "-q", "-m", "ignore");
  user.write(".env", "KEY=1\n", 0o600);
  user.write(".env.production", "KEY=2\n");
  user.write("node_modules/m/index.js", "x\n");
  user.write("node_modules/.bin/tool", "x\n", 0o755);
  Deno.symlinkSync("../m/index.js", join(user.root, "node_modules/.bin/link"));
  user.write("build/out", "x\n");
  user.write("not-ignored", "x\n");
  const home = homeOf(user);
  const { place } = await placeOf({ home, user });
  const expected = treeBytes(user.root, AS_GIT);
  for (const path of [".env.production", "build/out", "not-ignored"]) delete expected[path];
  assert.deepEqual(treeBytes(place.root, AS_GIT), expected);
});

Deno.test("isolation: the place outlives what the user does with the repository", async () => {
  await using user = userRepository();
  user.write("a.txt", "second\n");
  user.git("commit", "-q", "-a", "-m", "second");
  const home = homeOf(user);
  const { place, repository } = await placeOf({ home, user });
  user.git("reset", "-q", "--hard", "HEAD~1");
  user.git("reflog", "expire", "--expire=now", "--all");
  user.git("gc", "-q", "--prune=now");
  assert.equal(repository.git("show", "HEAD:a.txt"), "second\n");
  const change = await changeInPlace(home, place, () => repository.write("run.sh", "#!/bin/sh\nexit\n"));
  assert.equal((await applyJob(home, [change], { target: user.root })).kind, "done");
  assert.equal(user.read("run.sh"), "#!/bin/sh\nexit\n");
});

Deno.test("isolation: eight places work side by side, and their changes come together", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  const jobs = Array.from({ length: 8 }, (_, index) => `job0000${index}`);
  const made = await Promise.all(jobs.map((job) => placeOf({ home, user, job })));
  assert.deepEqual(places(home).map(({ job }) => job).sort(), jobs);
  assert.equal(new Set(made.map(({ place }) => place.port)).size, 8);
  const changes = await Promise.all(
    made.map(({ place, repository }, index) =>
      changeInPlace(home, place, () => {
        repository.write(`file${index}.txt`, `${index}\n`);
        repository.git("add", ".");
        repository.git("commit", "-q", "-m", `job ${index}`);
      })
    ),
  );
  const outcomes = await Promise.all(
    changes.map((change) => applyJob(home, [change], { target: user.root })),
  );
  assert.deepEqual(outcomes.map(({ kind }) => kind), jobs.map(() => "done"));
  for (const index of jobs.keys()) assert.equal(user.read(`file${index}.txt`), `${index}\n`);
  await Promise.all(jobs.map((job) => discardPlace(home, job)));
  assert.deepEqual(places(home), []);
});

Deno.test("isolation: sha256, detached HEAD, linked work trees, sparse and shallow repositories", async () => {
  await using sha256 = userRepository({ args: ["--object-format=sha256"] });
  sha256.git("checkout", "-q", "--detach");
  const first = await placeOf({ home: homeOf(sha256), user: sha256 });
  assert.equal(first.place.origin_branch, null);
  assert.deepEqual(treeBytes(first.place.root, AS_GIT), treeBytes(sha256.root, AS_GIT));
  first.repository.write("x", "x");
  first.repository.git("add", ".");
  first.repository.git("commit", "-q", "-m", "x");

  await using user = userRepository();
  user.git("branch", "agent-async");
  user.write("other/c.txt", "c\n");
  user.git("add", ".");
  user.git("commit", "-q", "-m", "second");
  const linked = repositoryAt({ ...user, root: join(user.base, "linked") });
  user.git("worktree", "add", "-q", linked.root, "-b", "linked");
  linked.git("sparse-checkout", "set", "below");
  const home = homeOf(user);
  const second = await placeOf({ home, user: linked });
  assert.deepEqual(treeBytes(second.place.root, AS_GIT), treeBytes(linked.root, AS_GIT));
  assert.deepEqual([second.place.branch, second.place.origin_branch], [`agent-async-${JOB}`, "linked"]);
  assert.equal(second.repository.git("status", "--porcelain"), "");

  const shallow = repositoryAt({ ...user, root: join(user.base, "shallow") });
  user.git("clone", "-q", "--depth=1", `file://${user.root}`, shallow.root);
  const third = await placeOf({ home, user: shallow, job: "shallow0" });
  assert.deepEqual(treeBytes(third.place.root, AS_GIT), treeBytes(shallow.root, AS_GIT));
  assert.equal(third.repository.git("log", "--oneline").trim().split("\n").length, 1);
});

Deno.test("isolation: line ends are those of the caller's tree", async () => {
  await using user = userRepository();
  Deno.writeTextFileSync(
    join(user.home, ".gitconfig"),
    "[user]\nname=T\nemail=t@e\n[core]\nautocrlf = true\n",
  );
  user.write("crlf.txt", "one\r\ntwo\r\n");
  user.write(".gitattributes", "*.unix eol=lf\n*.dos text eol=crlf\n");
  user.write("x.unix", "x\n");
  user.write("x.dos", "x\r\n");
  user.git("add", ".");
  user.git("commit", "-q", "-m", "crlf");
  user.git("rm", "-q", "-r", "--cached", ".");
  user.git("reset", "-q", "--hard");
  const { place, repository } = await placeOf({ home: homeOf(user), user });
  assert.deepEqual(treeBytes(place.root, AS_GIT), treeBytes(user.root, AS_GIT));
  assert.equal(repository.git("status", "--porcelain"), "");
});

Deno.test("isolation: what cannot be had is said, and leaves nothing", async () => {
  await using user = userRepository({ isEmpty: true });
  const home = homeOf(user);
  const message = async (work: Promise<unknown>) => {
    const error = await work.catch((error) => error);
    return isAgentAsyncError(error, "conflict") ? error.message : error;
  };
  const make = (cwd: string) => makePlace(home, { job: JOB, cwd, from: "head" });
  assert.equal(
    await message(make(user.root)),
    `Cannot make a place for the job: ${user.root} has no commit yet`,
  );
  assert.equal(
    await message(make(user.home)),
    `Cannot make a place for the job: ${user.home} is no git work tree`,
  );
  user.write("a.txt", "x\n");
  user.git("add", ".");
  user.git("commit", "-q", "-m", "first");
  user.remove(".git/objects");
  Deno.mkdirSync(join(user.root, ".git/objects"));
  assert.match(String(await message(make(user.root))), /^GitFailure: git read-tree failed: /);
  assert.deepEqual([...Deno.readDirSync(home.places)].map(({ name }) => name), []);
  assert.equal(await discardPlace(home, JOB), false);
});

Deno.test("isolation: a place can be discarded while its base is packed, and a later daemon packs it", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  const request = { job: JOB, cwd: user.root, from: "head" } as const;
  await makePlace(home, request);
  assert.equal(await discardPlace(home, JOB), true);
  assert.deepEqual([...Deno.readDirSync(home.places)], []);
  const place = await makePlace(home, request);
  assert.equal(await packed(home, JOB), true);
  const packs = join(place.root, ".git/objects/pack");
  for (const { name } of [...Deno.readDirSync(packs)]) Deno.removeSync(join(packs, name));
  assert.equal(await packed(home, JOB), false);
  await recoverPlaces(home);
  assert.equal(await packed(home, JOB), true);
});

Deno.test("isolation: half a place is none, and is removed", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  await placeOf({ home, user });
  await placeOf({ home, user, job: "whole000" });
  Deno.removeSync(join(home.places, JOB, "place.json"));
  assert.equal(readPlace(home, JOB), null);
  Deno.mkdirSync(join(home.places, ".going-x"));
  await recoverPlaces(home);
  await packed(home, "whole000");
  assert.deepEqual([...Deno.readDirSync(home.places)].map(({ name }) => name), ["whole000"]);
  await placeOf({ home, user });
  assert.equal(await message2(placeOf({ home, user })), `Job ${JOB} has a place already`);
});

async function message2(work: Promise<unknown>): Promise<string> {
  const error = await work.catch((error) => error);
  return error instanceof Error ? error.message : String(error);
}

Deno.test("isolation: a hostile repository runs nothing, in the making or in the place", async () => {
  await using user = userRepository();
  const hostile = hostileRepository(join(user.base, "hostile"));
  const repository = repositoryAt({ ...user, root: hostile.root });
  hostile.ran();
  const home = homeOf(user);
  const { place, repository: inside } = await placeOf({ home, user: repository, from: "changes" });
  assert.deepEqual(hostile.ran(), []);
  inside.git("status");
  inside.git("log", "-p", "-1");
  inside.git("diff");
  inside.git("commit", "-q", "-a", "-m", "x");
  inside.git("checkout", "-q", "-b", "x");
  assert.deepEqual(hostile.ran(), []);
  assert.ok(place.warnings.some((warning) => warning.startsWith("Files with a filter")));
});

Deno.test("isolation: what an agent planted in a place's .git is gone before a person works there", async () => {
  await using user = userRepository();
  const home = homeOf(user);
  const { place, repository } = await placeOf({ home, user });
  const marker = join(user.base, "planted");
  const program = `touch '${marker}'`;
  repository.write(".git/hooks/pre-commit", `#!/bin/sh\n${program}\n`, 0o755);
  repository.git("config", "core.hooksPath", join(place.root, "more-hooks"));
  repository.write("more-hooks/post-checkout", `#!/bin/sh\n${program}\n`, 0o755);
  repository.git("config", "core.fsmonitor", program);
  repository.git("config", "diff.external", program);
  repository.git("config", "extensions.worktreeConfig", "true");
  repository.git("config", "--worktree", "core.pager", program);
  repository.write(".git/info/attributes", "* diff=planted\n");
  assert.equal(await disarmPlace(home, JOB), true);
  repository.write("a.txt", "changed\n");
  repository.git("status");
  repository.git("diff");
  repository.git("commit", "-q", "-a", "-m", "x");
  repository.git("checkout", "-q", "-b", "x");
  assert.throws(() => Deno.statSync(marker));
  assert.equal(repository.git("log", "--format=%s", "-1"), "x\n");
  repository.remove(".git");
  Deno.symlinkSync(join(user.root, ".git"), join(place.root, ".git"));
  assert.equal(await disarmPlace(home, JOB), false);
});

Deno.test("isolation: an agent finds its place and its ports in the environment", async () => {
  await using user = userRepository();
  const { place } = await placeOf({ home: homeOf(user), user });
  const variables = placeVariables(place);
  assert.equal(variables["AGENT_ASYNC_PLACE"], place.root);
  assert.equal(variables["AGENT_ASYNC_ORIGIN"], user.root);
  const ports = variables["AGENT_ASYNC_PORTS"]?.split(",").map(Number) ?? [];
  assert.deepEqual([ports.length, ports[0]], [10, Number(variables["AGENT_ASYNC_PORT"])]);
  for (const port of ports) Deno.listen({ hostname: "127.0.0.1", port }).close();
});
