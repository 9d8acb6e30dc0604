/**
 * `agent_notify_done`: the agent's own word that its job is done. Waits go on until the job has ended; a process that
 * only stays silent is ended after the grace period, one that still works is not.
 *
 * @module
 */
import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { LocalHarness } from "../support/local_harness.ts";

const SHORT_GRACE = { timeouts: { exit_grace_seconds: 1 } };

/** So long that it ends nothing in a test. */
const LONG_GRACE = { timeouts: { exit_grace_seconds: 3_600 } };

async function isAt(harness: LocalHarness, job_id: string, activity: RegExp): Promise<void> {
  await eventually(async () => activity.test((await harness.service.poll({ job_id })).activity ?? ""), {
    what: `activity ${activity}`,
  });
}

Deno.test("a job that was reported as done and stays silent is ended after the grace, with the summary as its result", async () => {
  await using harness = await LocalHarness.start(SHORT_GRACE);
  const { job_id } = await harness.run("ignore TERM\nwait never");
  const reported = await harness.service.notifyDone({ job_id, summary: "All is written." });
  assert.deepEqual([reported.status, reported.summary], ["running", "All is written."]);
  const job = await harness.ended(job_id);
  assert.deepEqual(
    [job.status, job.reason, job.exit_code, job.result, job.summary],
    ["done", "completed", null, "All is written.", "All is written."],
  );
});

Deno.test("a job that was reported as done keeps the message that its agent has given", async () => {
  await using harness = await LocalHarness.start(SHORT_GRACE);
  const { job_id } = await harness.run("run true\nsay The work.\nwait never");
  await isAt(harness, job_id, /thinking/);
  await eventually(async () => (await harness.service.poll({ job_id })).result === "The work.", {
    what: "its message",
  });
  await harness.service.notifyDone({ job_id, summary: "Short." });
  const job = await harness.ended(job_id);
  assert.deepEqual([job.status, job.exit_code, job.result, job.summary], [
    "done",
    null,
    "The work.",
    "Short.",
  ]);
});

Deno.test("after a report waits go on until the job has ended: its terminal event decides how", async () => {
  await using harness = await LocalHarness.start(LONG_GRACE);
  const { service } = harness;
  const { job_id } = await harness.run("wait go\nsay over");
  const { job_id: pending } = await harness.run("say never");
  await assert.rejects(service.notifyDone({ job_id: pending, summary: "x" }), { code: "conflict" });
  const { cursor } = await service.feed({});
  await service.notifyDone({ job_id, summary: "all of it" });
  assert.equal((await service.notifyDone({ job_id })).summary, "all of it");
  for (const request of [{ job_ids: [job_id] }, { cursor }]) {
    const { jobs, timed_out } = await service.wait({ ...request, timeout_seconds: 0 });
    assert.deepEqual([jobs, timed_out], [[], true]);
  }
  const waiting = Promise.all([service.wait({ job_ids: [job_id] }), service.wait({ cursor })]);
  Deno.writeTextFileSync(`${harness.state.cwd}/go`, "");
  for (const { jobs: [job] } of await waiting) {
    assert.deepEqual([job?.status, job?.exit_code, job?.result, job?.summary], [
      "done",
      0,
      "over",
      "all of it",
    ]);
  }
});

Deno.test("a report on a job that fails afterwards makes it no success", async () => {
  await using harness = await LocalHarness.start(LONG_GRACE);
  const { job_id } = await harness.run("wait go\nfail it broke");
  await harness.service.notifyDone({ job_id, summary: "Done!" });
  Deno.writeTextFileSync(`${harness.state.cwd}/go`, "");
  const job = await harness.ended(job_id);
  assert.deepEqual([job.status, job.reason, job.error], ["error", "agent_error", "it broke"]);
});

Deno.test("an agent that leaves with exit code 0 and no last word is done by its report, and without one it is not", async () => {
  await using harness = await LocalHarness.start(LONG_GRACE);
  const { job_id } = await harness.run("wait go\nquit");
  await harness.service.notifyDone({ job_id, summary: "All of it." });
  Deno.writeTextFileSync(`${harness.state.cwd}/go`, "");
  const job = await harness.ended(job_id);
  assert.deepEqual([job.status, job.exit_code, job.result], ["done", 0, "All of it."]);
  const silent = await harness.ended((await harness.run("quit")).job_id);
  assert.equal(silent.reason, "no_result");
});

Deno.test("silence while a command or a model call is under way does not end a job that was reported as done", async () => {
  for (const prompt of ["run sleep 4\nsay over", "error no connection\nsleep 4\nsay over"]) {
    await using harness = await LocalHarness.start(SHORT_GRACE);
    const { job_id } = await harness.run(prompt);
    await isAt(harness, job_id, /running: sleep|retrying/);
    await harness.service.notifyDone({ job_id, summary: "Soon." });
    const job = await harness.ended(job_id);
    // By its own last word, with an exit code of its own.
    assert.deepEqual([job.status, job.exit_code, job.result], ["done", 0, "over"], prompt);
  }
});

Deno.test("a report is kept over a daemon that goes: the next one ends the silent agent", async () => {
  await using harness = await LocalHarness.start(SHORT_GRACE);
  const { job_id } = await harness.run("wait never");
  await isAt(harness, job_id, /thinking/);
  await harness.service.notifyDone({ job_id, summary: "Kept." });
  await harness.restart();
  const job = await harness.ended(job_id);
  assert.deepEqual([job.status, job.exit_code, job.result], ["done", null, "Kept."]);
});

Deno.test("a job that is cancelled after its report is cancelled", async () => {
  await using harness = await LocalHarness.start(LONG_GRACE);
  const { job_id } = await harness.run("wait never");
  await harness.service.notifyDone({ job_id, summary: "Done." });
  assert.equal((await harness.service.cancel({ job_id })).status, "cancelled");
});

Deno.test("words added to a job that has ended are kept and end nothing a second time", async () => {
  await using harness = await LocalHarness.start();
  const { job_id } = await harness.run("say hi");
  await harness.ended(job_id);
  const { cursor } = await harness.service.feed({});
  assert.equal((await harness.service.notifyDone({ job_id, summary: "tidied up" })).summary, "tidied up");
  const { jobs } = await harness.service.wait({ cursor, timeout_seconds: 0 });
  assert.deepEqual(jobs, []);
});
