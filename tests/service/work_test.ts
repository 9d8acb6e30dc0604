/** What a job changed is shown, and taken back: through the real service, on real repositories. */
import assert from "node:assert/strict";
import type { LocalHarness } from "../support/local_harness.ts";
import { harnessInRepository } from "../support/repository.ts";

Deno.test("diff: files with their lines, the patch, and where it began", async () => {
  await using harness = await harnessInRepository();
  const { job_id } = await harness.run(
    "run printf 'a\\nb\\n' >made.txt && printf 'one\\n' >kept.txt\nsay done",
  );
  await harness.ended(job_id);
  const diff = await harness.service.diff({ job_id });
  assert.deepEqual(diff.files, [
    { path: "kept.txt", kind: "update", added: 0, removed: 1 },
    { path: "made.txt", kind: "add", added: 2, removed: 0 },
  ]);
  assert.match(diff.patch ?? "", /^diff --git a\/kept\.txt b\/kept\.txt\n[^]*-two\n[^]*\+a\n\+b\n$/);
  assert.match(diff.base ?? "", /^[0-9a-f]{40}$/);
  assert.deepEqual([diff.applied, diff.conflicts_with], [true, []]);
  const one = await harness.service.diff({ job_id, path: "made.txt", stat: true });
  assert.deepEqual([one.files.map(({ path }) => path), one.patch], [["made.txt"], undefined]);
});

Deno.test("diff: a path as results name it is taken, one that leads out of the tree refused", async () => {
  await using harness = await harnessInRepository();
  for (const isolation of ["none", "worktree"] as const) {
    const { job_id } = await harness.run("run mkdir d && echo a >d/made.txt && echo b >top.txt\nsay done", {
      isolation,
    });
    const { files_changed } = await harness.ended(job_id);
    const named = files_changed?.find((path) => path.endsWith("made.txt")) ?? assert.fail("not listed");
    for (const path of [named, "d", "./d/", "e/../d/made.txt"]) {
      const { files, patch } = await harness.service.diff({ job_id, path });
      assert.deepEqual(files.map((file) => file.path), ["d/made.txt"], path);
      assert.equal(patch?.split("diff --git").length, 2, path);
    }
    for (const path of [".", "./", harness.state.cwd]) {
      assert.equal((await harness.service.diff({ job_id, path, stat: true })).files.length, 2, path);
    }
    for (const path of ["..", "../x", "d/../../x", "/etc/passwd", "a\0b"]) {
      await assert.rejects(() => harness.service.diff({ job_id, path }), { code: "invalid_argument" });
    }
  }
});

Deno.test("undo: takes back all turns but not what the user wrote, twice changes nothing, and a reply goes on", async () => {
  await using harness = await harnessInRepository();
  const { cwd } = harness.state;
  const { job_id } = await harness.run("run echo a >made.txt\nsay done");
  await harness.ended(job_id);
  Deno.writeTextFileSync(`${cwd}/yours.txt`, "x\n");
  await harness.reply(job_id, "run echo b >>made.txt && echo three >>kept.txt\nsay done");
  await harness.ended(job_id);
  const undone = await harness.service.apply({ job_id, action: "undo" });
  assert.deepEqual([undone.conflicts, undone.files], [[], [
    { path: "kept.txt", kind: "update" },
    { path: "made.txt", kind: "delete" },
  ]]);
  assert.deepEqual(Deno.readTextFileSync(`${cwd}/kept.txt`), "one\ntwo\n");
  assert.deepEqual(Deno.readTextFileSync(`${cwd}/yours.txt`), "x\n");
  await harness.restart();
  assert.equal((await harness.service.diff({ job_id })).applied, false);
  const again = await harness.service.apply({ job_id, action: "undo" });
  assert.deepEqual([again.files, again.conflicts], [[], []]);
  assert.match(again.message, /taken back before/);
  await harness.reply(job_id, "run echo c >later.txt\nsay done");
  await harness.ended(job_id);
  const later = await harness.service.apply({ job_id, action: "undo" });
  assert.deepEqual(later.files, [{ path: "later.txt", kind: "delete" }]);
});

Deno.test("undo: lines that the user has changed since are a conflict, and then nothing has changed", async () => {
  await using harness = await harnessInRepository();
  const { cwd } = harness.state;
  const { job_id } = await harness.run("run echo new >kept.txt && echo a >made.txt\nsay done");
  await harness.ended(job_id);
  Deno.writeTextFileSync(`${cwd}/kept.txt`, "mine\n");
  const { conflicts, files } = await harness.service.apply({ job_id, action: "undo" });
  assert.deepEqual([files, conflicts.map(({ path }) => path)], [[], ["kept.txt"]]);
  assert.deepEqual(Deno.readTextFileSync(`${cwd}/kept.txt`), "mine\n");
  assert.deepEqual(Deno.readTextFileSync(`${cwd}/made.txt`), "a\n");
});

Deno.test("undo: refused while a job writes there, and of a job that still runs", async () => {
  await using harness = await harnessInRepository();
  const { job_id } = await harness.run("run echo a >made.txt\nsay done");
  await harness.ended(job_id);
  const writer = await harness.run("wait never");
  await assert.rejects(
    () => harness.service.apply({ job_id, action: "undo" }),
    new RegExp(`Job ${writer.job_id} writes in`),
  );
  await assert.rejects(
    () => harness.service.apply({ job_id: writer.job_id, action: "undo" }),
    /Cannot undo job .*: it is (?:running|pending)/,
  );
});

Deno.test("diff and apply: a job under suggest, one in place, one that is not there", async () => {
  await using harness = await harnessInRepository();
  const reader = await harness.run("say hello", { approval_policy: "suggest" });
  await harness.ended(reader.job_id);
  await assert.rejects(() => harness.service.diff({ job_id: reader.job_id }), /no_snapshot.*under suggest/);
  const { job_id } = await harness.run("run echo a >made.txt\nsay done");
  await harness.ended(job_id);
  await assert.rejects(() => harness.service.apply({ job_id }), /is there already/);
  await assert.rejects(() => harness.service.apply({ job_id, action: "discard" }), /no place of its own/);
  await assert.rejects(() => harness.service.diff({ job_id: "zzzzzzzz" }), /There is no job/);
});

Deno.test("undo: under a cap of suggest nothing is written", async () => {
  await using harness = await harnessInRepository();
  const { job_id } = await harness.run("run echo a >made.txt\nsay done");
  await harness.ended(job_id);
  await harness.restart(() =>
    Deno.writeTextFileSync(`${harness.state.home}/config.json`, '{ "max_approval_policy": "suggest" }')
  );
  await assert.rejects(
    () => harness.service.apply({ job_id, action: "undo" }),
    /max_approval_policy is suggest/,
  );
});

Deno.test("diff: a long patch comes in pages that together are the whole", async () => {
  await using harness: LocalHarness = await harnessInRepository();
  const { job_id } = await harness.run("run seq 1 9000 >long.txt\nsay done");
  await harness.ended(job_id);
  let whole = "";
  let cursor: number | undefined;
  do {
    const page = await harness.service.diff({ job_id, cursor });
    assert.ok((page.patch ?? "").length <= 20_000);
    whole += page.patch ?? "";
    cursor = page.cursor;
  } while (cursor !== undefined);
  assert.equal(whole.match(/^\+\d+$/gm)?.length, 9_000);
});
