/** What a job changed on disk, whatever its agent tells of it: from snapshots before and after each turn. */
import assert from "node:assert/strict";
import { CHANGED_NOTHING } from "../../src/domain/turn/doubts.ts";
import { LocalHarness } from "../support/local_harness.ts";
import { harnessInRepository } from "../support/repository.ts";

Deno.test("disk changes: a file that a command wrote is told, with its lines, though the agent says nothing of it", async () => {
  await using harness = await harnessInRepository();
  const { cwd } = harness.state;
  const { job_id } = await harness.run(
    "run printf 'a\\nb\\n' >made.txt && printf 'one\\n' >kept.txt\nsay done",
  );
  const job = await harness.ended(job_id);
  assert.deepEqual(job.files_changed, [`${cwd}/kept.txt`, `${cwd}/made.txt`]);
  assert.deepEqual([job.evidence?.lines_added, job.evidence?.lines_removed], [2, 1]);
  await harness.restart();
  assert.deepEqual((await harness.service.poll({ job_id })).files_changed, job.files_changed);
});

Deno.test("disk changes: what the user changed between two turns is not the job's", async () => {
  await using harness = await harnessInRepository();
  const { cwd } = harness.state;
  const { job_id } = await harness.run("run echo a >mine.txt\nsay done");
  await harness.ended(job_id);
  Deno.writeTextFileSync(`${cwd}/yours.txt`, "x\n");
  await harness.reply(job_id, "run echo b >more.txt\nsay done");
  const job = await harness.ended(job_id);
  assert.deepEqual(job.files_changed, [`${cwd}/mine.txt`, `${cwd}/more.txt`]);
  assert.deepEqual([job.evidence?.lines_added, job.evidence?.lines_removed], [2, 0]);
});

Deno.test("disk changes: an agent that lies about its files is doubted", async () => {
  await using harness = await harnessInRepository();
  const item = {
    id: "f",
    type: "file_change",
    status: "completed",
    changes: [{ path: "kept.txt", kind: "update" }],
  };
  const { job_id } = await harness.run(`raw ${JSON.stringify({ type: "item.completed", item })}\nsay done`);
  const job = await harness.ended(job_id);
  assert.deepEqual([job.files_changed, job.evidence?.doubts], [[], [CHANGED_NOTHING]]);
});

Deno.test("disk changes: permissions alone are told, shown and taken back, though git does not see them", async () => {
  await using harness = await harnessInRepository();
  const { cwd } = harness.state;
  const bits = () => (Deno.statSync(`${cwd}/kept.txt`).mode ?? 0) & 0o777;
  Deno.chmodSync(`${cwd}/kept.txt`, 0o600);
  const { job_id } = await harness.run("run chmod 644 kept.txt\nsay done");
  const job = await harness.ended(job_id);
  assert.deepEqual(job.files_changed, [`${cwd}/kept.txt`]);
  assert.deepEqual([job.evidence?.lines_added, job.evidence?.lines_removed], [0, 0]);
  const { files, patch } = await harness.service.diff({ job_id });
  assert.deepEqual(files, [{
    path: "kept.txt",
    kind: "update",
    added: 0,
    removed: 0,
    permissions: { before: "600", after: "644" },
  }]);
  assert.equal(patch, "diff --git a/kept.txt b/kept.txt\nold mode 100600\nnew mode 100644\n");
  assert.equal(bits(), 0o644);
  await harness.service.apply({ job_id, action: "undo" });
  assert.equal(bits(), 0o600);
});

Deno.test("disk changes: what a check writes is told, and is not the job's", async () => {
  await using harness = await harnessInRepository();
  const { cwd } = harness.state;
  const { job_id } = await harness.run("change made.txt\nsay done", {
    approval_policy: "full-auto",
    check: "echo x >report.txt",
  });
  const job = await harness.ended(job_id);
  assert.deepEqual(job.files_changed, [`${cwd}/made.txt`]);
  assert.match(job.evidence?.doubts.join() ?? "", /check itself changed files.*: report\.txt\./);
});

Deno.test("disk changes: a job that only reads takes no snapshot, and a small plain directory is covered", async () => {
  await using harness = await LocalHarness.start();
  const { cwd, home } = harness.state;
  const reader = await harness.run("say hello", { approval_policy: "suggest" });
  await harness.ended(reader.job_id);
  assert.deepEqual(
    [...Deno.readDirSync(`${home}/jobs/${reader.job_id}/turns/1`)].filter(({ name }) =>
      name === "before.json"
    ),
    [],
  );
  const writer = await harness.run("run echo a >plain.txt\nsay done");
  assert.deepEqual((await harness.ended(writer.job_id)).files_changed, [`${cwd}/plain.txt`]);
});

Deno.test("disk changes: a file that git ignores is told on the agent's word, and named as not covered", async () => {
  await using harness = await harnessInRepository();
  const { cwd } = harness.state;
  Deno.writeTextFileSync(`${cwd}/.gitignore`, "out/\n*.log\n");
  const changed = (path: string) =>
    JSON.stringify({
      type: "item.completed",
      item: { id: path, type: "file_change", status: "completed", changes: [{ path, kind: "add" }] },
    });
  const { job_id } = await harness.run(
    [
      "run mkdir out && echo a >out/main.js && echo b >kept.txt",
      `raw ${changed(`${cwd}/out/main.js`)}`,
      `raw ${changed("kept.txt")}`,
      `raw ${changed("never-made.txt")}`,
      "say done",
    ].join("\n"),
  );
  const job = await harness.ended(job_id);
  assert.deepEqual(job.files_changed, [`${cwd}/kept.txt`, `${cwd}/out/main.js`]);
  assert.deepEqual(job.evidence?.doubts, []);
  const { files, notes } = await harness.service.diff({ job_id });
  assert.deepEqual(files.map(({ path }) => path), ["kept.txt"]);
  assert.deepEqual(notes, [
    "Its agent has changed files that git ignores, which are neither shown nor taken back: out/main.js.",
    "Files that git ignores and empty directories are not covered.",
  ]);
  const { message } = await harness.service.apply({ job_id, action: "undo" });
  assert.match(message, /Not held, and so left as they are: out\/main\.js \(is ignored by git\)\./);
  assert.equal(Deno.readTextFileSync(`${cwd}/out/main.js`), "a\n");
});

Deno.test("disk changes: an agent that changed nothing but ignored files is not doubted for it", async () => {
  await using harness = await harnessInRepository();
  const { cwd } = harness.state;
  Deno.writeTextFileSync(`${cwd}/.gitignore`, "*.log\n");
  const item = {
    id: "f",
    type: "file_change",
    status: "completed",
    changes: [{ path: "a.log", kind: "add" }],
  };
  const { job_id } = await harness.run(
    `run echo a >a.log\nraw ${JSON.stringify({ type: "item.completed", item })}\nsay done`,
  );
  const job = await harness.ended(job_id);
  assert.deepEqual([job.files_changed, job.evidence?.doubts], [[`${cwd}/a.log`], []]);
});
