/** Jobs that work in a repository of their own, through the real service: made, set up, taken over, back and away. */
import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { exists } from "../support/exists.ts";
import { git, harnessInRepository } from "../support/repository.ts";

const ISOLATED = { isolation: "worktree" } as const;

Deno.test("isolation: two writers of one repository run side by side, and the caller's tree stays as it is", async () => {
  await using harness = await harnessInRepository();
  const { cwd } = harness.state;
  const [one, two] = await Promise.all([
    harness.run("run touch begun && until test -f go; do sleep 0.05; done\nsay one", ISOLATED),
    harness.run("run touch begun && until test -f go; do sleep 0.05; done\nsay two", ISOLATED),
  ]);
  const places = await eventually(async () => {
    const jobs = await Promise.all([one, two].map(({ job_id }) => harness.service.poll({ job_id })));
    const paths = jobs.map(({ place }) => place?.path);
    return paths.every((path) => typeof path === "string" && exists(`${path}/begun`)) ? paths : null;
  }, { what: "both agents work" });
  assert.equal(new Set(places).size, 2);
  for (const path of places) Deno.writeTextFileSync(`${path}/go`, "");
  for (const { job_id } of [one, two]) assert.equal((await harness.ended(job_id)).status, "done");
  assert.deepEqual([...Deno.readDirSync(cwd)].map(({ name }) => name).sort(), [".git", "kept.txt"]);
  assert.equal(await git(cwd, "status", "--porcelain"), "");
});

Deno.test("isolation: applied as uncommitted changes, once; a reply goes on and is applied after; undone and again", async () => {
  await using harness = await harnessInRepository();
  const { cwd } = harness.state;
  const { job_id } = await harness.run("run echo a >made.txt && echo three >>kept.txt\nsay done", ISOLATED);
  const job = await harness.ended(job_id);
  assert.deepEqual([job.place?.applied, job.files_changed?.length, exists(`${cwd}/made.txt`)], [
    false,
    2,
    false,
  ]);
  assert.equal((await harness.service.diff({ job_id })).applied, false);
  Deno.writeTextFileSync(`${cwd}/yours.txt`, "x\n");
  await git(cwd, "add", "yours.txt");
  const applied = await harness.service.apply({ job_id });
  assert.deepEqual([applied.conflicts, applied.files.map(({ path }) => path)], [[], [
    "kept.txt",
    "made.txt",
  ]]);
  assert.equal(await git(cwd, "status", "--porcelain"), " M kept.txt\nA  yours.txt\n?? made.txt\n");
  assert.deepEqual((await harness.service.apply({ job_id })).files, []);
  assert.equal((await harness.service.poll({ job_id })).place?.applied, true);
  await harness.reply(job_id, "run cat kept.txt && echo b >>made.txt\nsay more");
  await harness.ended(job_id);
  assert.deepEqual((await harness.service.apply({ job_id })).files, [{ path: "made.txt", kind: "update" }]);
  assert.equal(Deno.readTextFileSync(`${cwd}/made.txt`), "a\nb\n");
  const undone = await harness.service.apply({ job_id, action: "undo" });
  assert.deepEqual(undone.files.map(({ path }) => path), ["kept.txt", "made.txt"]);
  assert.equal(await git(cwd, "status", "--porcelain"), "A  yours.txt\n");
  assert.equal((await harness.service.apply({ job_id })).files.length, 2);
});

Deno.test("isolation: a conflict changes nothing and names file and lines; jobs that will meet are named", async () => {
  await using harness = await harnessInRepository();
  const { cwd } = harness.state;
  const one = await harness.run("run printf 'mine\\ntwo\\n' >kept.txt\nsay done", ISOLATED);
  const two = await harness.run("run printf 'other\\ntwo\\n' >kept.txt && echo x >x.txt\nsay done", ISOLATED);
  for (const { job_id } of [one, two]) await harness.ended(job_id);
  assert.deepEqual((await harness.service.diff({ job_id: one.job_id })).conflicts_with, [two.job_id]);
  await harness.service.apply({ job_id: one.job_id });
  const { conflicts, files } = await harness.service.apply({ job_id: two.job_id });
  assert.deepEqual([files, conflicts.map(({ path }) => path)], [[], ["kept.txt"]]);
  assert.deepEqual([Deno.readTextFileSync(`${cwd}/kept.txt`), exists(`${cwd}/x.txt`)], [
    "mine\ntwo\n",
    false,
  ]);
});

Deno.test("isolation: taken over as a branch, and discarded with the diff kept", async () => {
  await using harness = await harnessInRepository();
  const { cwd } = harness.state;
  const { job_id } = await harness.run("run echo a >made.txt\nsay done", { ...ISOLATED, title: "Make it" });
  const { place } = await harness.ended(job_id);
  const taken = await harness.service.apply({ job_id, method: "branch" });
  assert.match(taken.message, /branch agent-async\//);
  assert.equal(await git(cwd, "show", "-s", "--format=%s", String(place?.branch)), "Make it\n");
  assert.equal(await git(cwd, "status", "--porcelain"), "");
  await harness.service.apply({ job_id, action: "discard" });
  assert.equal(exists(String(place?.path)), false);
  assert.match((await harness.service.diff({ job_id })).patch ?? "", /\+a/);
  await harness.reply(job_id, "say more");
  assert.match((await harness.ended(job_id)).error ?? "", /was discarded/);
});

Deno.test("isolation: the user's setup runs in the place, with its ports; its failure ends the job", async () => {
  await using harness = await harnessInRepository();
  const { cwd, home } = harness.state;
  const configure = (setup: string) =>
    harness.restart(() =>
      Deno.writeTextFileSync(
        `${home}/config.json`,
        JSON.stringify({ projects: { [cwd]: { setup, isolation: "worktree" } } }),
      )
    );
  await configure('echo "$AGENT_ASYNC_PORT" >port.txt');
  const { job_id } = await harness.run("run cat port.txt\nsay done");
  const job = await harness.ended(job_id);
  assert.deepEqual([job.status, job.place?.isolation], ["done", "worktree"]);
  assert.match(job.output, /^ {2}\d{4,5}$/m);
  await configure("echo not today; exit 3");
  const failed = await harness.ended((await harness.run("say never")).job_id);
  assert.deepEqual([failed.reason, failed.result], ["setup_failed", null]);
  assert.match(failed.error ?? "", /failed with exit code 3:\nnot today/);
});

Deno.test("isolation: with what is not committed yet, in the same subdirectory, and refused outside of git", async () => {
  await using harness = await harnessInRepository();
  const { cwd } = harness.state;
  Deno.mkdirSync(`${cwd}/deep`);
  Deno.writeTextFileSync(`${cwd}/deep/new.txt`, "uncommitted\n");
  const { job_id } = await harness.run("run cat new.txt\nsay done", {
    ...ISOLATED,
    cwd: `${cwd}/deep`,
    with_changes: true,
  });
  const job = await harness.ended(job_id);
  assert.match(job.output, /uncommitted/);
  assert.deepEqual([job.cwd, job.files_changed], [`${cwd}/deep`, []]);
  const plain = harness.state.workspace("plain");
  await assert.rejects(
    () => harness.run("say x", { ...ISOLATED, cwd: plain }),
    /isolation: worktree needs a git/,
  );
});

Deno.test("isolation: a pruned job leaves no place", async () => {
  await using harness = await harnessInRepository();
  const { job_id } = await harness.run("say done", ISOLATED);
  const { place } = await harness.ended(job_id);
  assert.ok(exists(String(place?.path)));
  await harness.service.prune({ older_than_days: 0 });
  assert.equal(exists(String(place?.path)), false);
});

Deno.test("isolation: before a person goes into a place, what its agent planted in .git is put back", async () => {
  await using harness = await harnessInRepository();
  const { job_id } = await harness.run(
    "run printf '#!/bin/sh\\ntouch ran' >.git/hooks/pre-commit && chmod +x .git/hooks/pre-commit\n" +
      "run git config core.fsmonitor 'touch ran; true'\nsay done",
    ISOLATED,
  );
  const { place } = await harness.ended(job_id);
  const root = String(place?.path);
  assert.ok(exists(`${root}/.git/hooks/pre-commit`));
  assert.deepEqual(await harness.service.enter({ job_id }), { job_id, path: root });
  assert.equal(exists(`${root}/.git/hooks/pre-commit`), false);
  assert.equal((await git(root, "status", "--porcelain")).includes("ran"), false);
  assert.equal(exists(`${root}/ran`), false);
});
