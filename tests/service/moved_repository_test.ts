/** A repository that is moved or removed while the daemon holds jobs of it: each thing works all the same, or is said. */
import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { exists } from "../support/exists.ts";
import { harnessInRepository } from "../support/repository.ts";

const CHANGES = "run echo a >made.txt && echo three >>kept.txt\nsay done";

Deno.test("moved repository: what a job changed in its place is shown, not applied, and comes back with the repository", async () => {
  await using harness = await harnessInRepository();
  const { cwd, home } = harness.state;
  const { job_id } = await harness.run(CHANGES, { isolation: "worktree" });
  await harness.ended(job_id);
  const expected = await harness.service.diff({ job_id });
  Deno.renameSync(cwd, `${cwd} moved`);
  assert.deepEqual(await harness.service.diff({ job_id }), expected);
  for (const method of ["patch", "merge", "branch"] as const) {
    await assert.rejects(harness.service.apply({ job_id, method }), {
      message: new RegExp(`${cwd}.*does not exist|no such directory`, "i"),
    });
  }
  assert.equal(exists(cwd), false, "nothing is made where it was");
  // The place has all of its base: its agent goes on.
  await harness.reply(job_id, "run cat kept.txt >copy.txt && git log --oneline | wc -l >>copy.txt\nsay more");
  const { status, files_changed } = await harness.ended(job_id);
  assert.deepEqual([status, files_changed?.map((path) => path.split("/").at(-1)).sort()], [
    "done",
    ["copy.txt", "kept.txt", "made.txt"],
  ]);
  await harness.restart();
  Deno.renameSync(`${cwd} moved`, cwd);
  const { files } = await harness.service.apply({ job_id });
  assert.deepEqual(files.map(({ path }) => path), ["copy.txt", "kept.txt", "made.txt"]);
  assert.equal(Deno.readTextFileSync(`${cwd}/copy.txt`), "one\ntwo\nthree\n1\n");
  assert.equal((await harness.service.apply({ job_id, action: "discard" })).conflicts.length, 0);
  assert.equal(exists(`${home}/places/${job_id}`), false);
});

Deno.test("removed repository: of a job that worked in it the diff stays, and undo says that it is gone", async () => {
  await using harness = await harnessInRepository();
  const { cwd } = harness.state;
  const { job_id } = await harness.run(CHANGES);
  await harness.ended(job_id);
  const expected = await harness.service.diff({ job_id });
  Deno.removeSync(cwd, { recursive: true });
  assert.deepEqual(await harness.service.diff({ job_id }), expected);
  await assert.rejects(harness.service.apply({ job_id, action: "undo" }), {
    message: new RegExp(`${cwd}.*does not exist|no such directory`, "i"),
  });
  assert.equal(exists(cwd), false);
  await harness.reply(job_id, "say more");
  const ended = await harness.ended(job_id);
  assert.deepEqual([ended.status, ended.reason], ["error", "spawn_failed"]);
  assert.match(ended.error ?? "", /is not a directory any more/);
});

Deno.test("moved repository: a turn whose repository goes while it runs ends, and its change is not known with a reason", async () => {
  await using harness = await harnessInRepository();
  const { cwd } = harness.state;
  const go = `${harness.state.home}/go`;
  const { job_id } = await harness.run(
    `run echo a >made.txt; until [ -e '${go}' ]; do sleep 0.02; done\nsay done`,
  );
  await eventually(() => exists(`${cwd}/made.txt`), { what: "the agent's file" });
  Deno.renameSync(cwd, `${cwd} moved`);
  Deno.writeTextFileSync(go, "");
  const { status, files_changed } = await harness.ended(job_id);
  assert.deepEqual([status, files_changed], ["done", []]);
  await assert.rejects(harness.service.diff({ job_id }), { message: /no_snapshot/ });
});
