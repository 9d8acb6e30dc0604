/** What the results of real jobs say for and against their outcome. */
import assert from "node:assert/strict";
import { DID_NOTHING, STILL_RUNNING } from "../../src/domain/turn/doubts.ts";
import { LocalHarness } from "../support/local_harness.ts";

/** Of a job that may not write, so that nobody looked. */
const UNKNOWN = { lines_added: null, lines_removed: null };

const NONE = { lines_added: 0, lines_removed: 0 };

const ECHO = {
  echo: { command: "/bin/sh", args: ["-c", "cat"], output: "text", version_args: ["-c", "echo 1.0"] },
};

Deno.test("evidence: failed commands are counted over turns, and a turn that did nothing is doubted", async () => {
  await using harness = await LocalHarness.start();
  const { job_id } = await harness.run("run exit 3\nrun echo fine\nrun exit 1\nsay done");
  assert.deepEqual((await harness.ended(job_id)).evidence, { ...NONE, commands_failed: 2, doubts: [] });
  await harness.reply(job_id, "say nothing to do");
  const job = await harness.ended(job_id);
  assert.deepEqual([job.commands_run, job.evidence], [3, {
    ...NONE,
    commands_failed: 2,
    doubts: [DID_NOTHING],
  }]);
  await harness.restart();
  assert.deepEqual((await harness.service.poll({ job_id })).evidence, job.evidence);
});

Deno.test("evidence: of a job that only reads, of an agent that tells nothing, of one that never ran", async () => {
  await using harness = await LocalHarness.start({ agents: ECHO, limits: { total: 1 } });
  const reader = await harness.run("say hello", { approval_policy: "suggest" });
  assert.deepEqual((await harness.ended(reader.job_id)).evidence, {
    ...UNKNOWN,
    commands_failed: 0,
    doubts: [],
  });
  const silent = await harness.run("words", { agent: "echo", approval_policy: "full-auto" });
  assert.deepEqual((await harness.ended(silent.job_id)).evidence, {
    ...NONE,
    commands_failed: null,
    doubts: [],
  });
  const running = await harness.run("wait never");
  const never = await harness.run("say late");
  await harness.service.cancel({ job_id: never.job_id });
  assert.deepEqual((await harness.ended(never.job_id)).evidence, {
    ...NONE,
    commands_failed: 0,
    doubts: [],
  });
  assert.equal((await harness.service.poll({ job_id: running.job_id })).evidence, undefined);
});

Deno.test("evidence: a command that still ran when its turn ended well is a doubt and no failure", async () => {
  await using harness = await LocalHarness.start();
  const item = { id: "left", type: "command_execution", command: "make watch", status: "in_progress" };
  const begun = JSON.stringify({ type: "item.started", item });
  const { job_id } = await harness.run(`raw ${begun}\nchange made.txt\nsay done`);
  const job = await harness.ended(job_id);
  assert.deepEqual([job.status, job.commands_run, job.evidence], ["done", 1, {
    lines_added: 1,
    lines_removed: 0,
    commands_failed: 0,
    doubts: [STILL_RUNNING],
  }]);
});
