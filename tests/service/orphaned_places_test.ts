/** Places whose jobs are gone are told, and removed on request; what they hold is kept as a patch before. */
import assert from "node:assert/strict";
import { exists } from "../support/exists.ts";
import { git, harnessInRepository } from "../support/repository.ts";
import type { LocalHarness } from "../support/local_harness.ts";

const DAY_MS = 86_400_000;

/** The place of a job that is gone. */
async function orphan(harness: LocalHarness, prompt: string): Promise<string> {
  const { home } = harness.state;
  const { job_id } = await harness.run(prompt, { isolation: "worktree" });
  await harness.ended(job_id);
  const place = `${home}/places/${job_id}`;
  Deno.renameSync(place, `${home}/aside`);
  harness.clockAhead += 8 * DAY_MS;
  assert.ok((await harness.service.prune({ older_than_days: 7 })).jobs.includes(job_id));
  if (exists(`${home}/patches`)) Deno.removeSync(`${home}/patches`, { recursive: true });
  Deno.renameSync(`${home}/aside`, place);
  return place;
}

Deno.test("prune removes orphaned places on request alone, and keeps what they hold as a patch", async () => {
  await using harness = await harnessInRepository();
  const { cwd, home } = harness.state;
  const { job_id: other } = await harness.run("say done", { isolation: "worktree" });
  await harness.ended(other);
  const place = await orphan(harness, "run echo a >made.txt && git add -A && echo b >>kept.txt\nsay done");
  // The other job was as old, and has gone with its place.
  assert.equal(exists(`${home}/places/${other}`), false);
  for (const request of [{ dry_run: true, orphans: true }, { dry_run: true }, {}]) {
    const { orphans = [] } = await harness.service.prune(request);
    assert.deepEqual(orphans.map(({ path, removed, patch }) => ({ path, removed, patch })), [
      { path: place, removed: false, patch: null },
    ]);
    assert.ok((orphans[0]?.bytes ?? 0) > 100);
  }
  const patch = `${home}/patches/${place.split("/").at(-1)}.patch`;
  const { orphans: [gone] = [] } = await harness.service.prune({ orphans: true });
  assert.deepEqual([gone?.removed, gone?.patch], [true, patch]);
  assert.equal(exists(place), false);
  await git(cwd, "apply", patch);
  assert.equal(Deno.readTextFileSync(`${cwd}/made.txt`), "a\n");
  assert.equal(Deno.readTextFileSync(`${cwd}/kept.txt`), "one\ntwo\nb\n");
  assert.equal((await harness.service.prune({ orphans: true })).orphans, undefined);
});

Deno.test("prune keeps an orphaned place that it cannot make a patch of, and one with nothing in it goes", async () => {
  await using harness = await harnessInRepository();
  const empty = await orphan(harness, "say done");
  const broken = await orphan(harness, "run echo a >made.txt\nsay done");
  const record = JSON.parse(Deno.readTextFileSync(`${broken}/place.json`));
  Deno.writeTextFileSync(`${broken}/place.json`, JSON.stringify({ ...record, base: "0".repeat(40) }));
  const { orphans = [] } = await harness.service.prune({ orphans: true });
  assert.deepEqual(
    new Map(orphans.map(({ path, removed, patch, why }) => [path, [removed, patch, why === undefined]])),
    new Map([[empty, [true, null, true]], [broken, [false, null, false]]]),
  );
  assert.equal(exists(`${record.root}/made.txt`), true);
});
