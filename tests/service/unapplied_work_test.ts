/** Work of isolated jobs that nobody has taken over is marked where jobs are listed, and outlives them as a patch. */
import assert from "node:assert/strict";
import { exists } from "../support/exists.ts";
import { git, harnessInRepository } from "../support/repository.ts";

const DAY_MS = 86_400_000;
const ISOLATED = { isolation: "worktree" } as const;
const CHANGES = "run echo a >made.txt && echo three >>kept.txt && printf '\\0\\377' >binary\nsay done";

Deno.test("prune keeps the whole patch of work that was neither applied nor discarded, and says of which jobs", async () => {
  await using harness = await harnessInRepository();
  const { cwd, home } = harness.state;
  const run = async (prompt: string, over = {}) => {
    const { job_id } = await harness.run(prompt, { ...ISOLATED, ...over });
    await harness.ended(job_id);
    return job_id;
  };
  const open = await run(CHANGES);
  await harness.reply(open, "run echo b >>made.txt\nsay more");
  await harness.ended(open);
  const none = await run("say nothing");
  const applied = await run("run echo x >other.txt\nsay done");
  await harness.service.apply({ job_id: applied });
  const discarded = await run("run echo y >gone.txt\nsay done");
  await harness.service.apply({ job_id: discarded, action: "discard" });
  const { jobs } = await harness.service.list({});
  assert.deepEqual(
    new Map(jobs.map(({ job_id, work }) => [job_id, work])),
    new Map([[discarded, undefined], [applied, undefined], [none, undefined], [open, "not_applied"]]),
  );
  assert.equal((await harness.service.poll({ job_id: open })).work, "not_applied");
  assert.equal((await harness.service.poll({ job_id: applied })).work, undefined);

  harness.clockAhead = 8 * DAY_MS;
  const dry = await harness.service.prune({ older_than_days: 7, dry_run: true });
  assert.deepEqual([dry.jobs.length, dry.not_applied], [4, [open]]);
  assert.equal(exists(`${home}/patches`), false);
  const pruned = await harness.service.prune({ older_than_days: 7 });
  assert.deepEqual([pruned.jobs.length, pruned.not_applied], [4, [open]]);
  assert.deepEqual([...Deno.readDirSync(`${home}/patches`)].map(({ name }) => name), [`${open}.patch`]);
  if (Deno.build.os !== "windows") {
    const modes = ["", `/${open}.patch`].map((path) => Deno.statSync(`${home}/patches${path}`).mode ?? 0);
    assert.deepEqual(modes.map((mode) => mode & 0o777), [0o700, 0o600]);
  }
  Deno.removeSync(`${cwd}/other.txt`);
  await git(cwd, "apply", `${home}/patches/${open}.patch`);
  assert.equal(Deno.readTextFileSync(`${cwd}/made.txt`), "a\nb\n");
  assert.equal(Deno.readTextFileSync(`${cwd}/kept.txt`), "one\ntwo\nthree\n");
  assert.deepEqual([...Deno.readFileSync(`${cwd}/binary`)], [0, 255]);
});

Deno.test("prune keeps a job whose patch cannot be written, and removes the others", async () => {
  await using harness = await harnessInRepository();
  const { job_id: open } = await harness.run(CHANGES, ISOLATED);
  const { job_id: other } = await harness.run("say done", ISOLATED);
  await harness.ended(open);
  await harness.ended(other);
  Deno.writeTextFileSync(`${harness.state.home}/patches`, "in the way");
  harness.clockAhead = 8 * DAY_MS;
  assert.deepEqual((await harness.service.prune({ older_than_days: 7 })).jobs, [other]);
  assert.equal((await harness.service.diff({ job_id: open })).files.length, 3);
  Deno.removeSync(`${harness.state.home}/patches`);
  assert.deepEqual((await harness.service.prune({ older_than_days: 7 })).jobs, [open]);
  assert.equal(exists(`${harness.state.home}/patches/${open}.patch`), true);
});
