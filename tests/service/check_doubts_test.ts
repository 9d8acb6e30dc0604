/** What makes a check itself doubtful: it fails without the work too, or passes by itself; and checks that do not end. */
import assert from "node:assert/strict";
import { JobCheck } from "../../src/domain/job/check.ts";
import { FAILS_WITHOUT_WORK } from "../../src/scheduler/turn/check/without_work.ts";
import { runCheck } from "../../src/scheduler/turn/check/check_run.ts";
import { systemClock } from "../../src/system/clock.ts";
import { eventually } from "../support/eventually.ts";
import { exists } from "../support/exists.ts";
import { KernelHome } from "../support/kernel_home.ts";
import { LocalHarness } from "../support/local_harness.ts";

const FULL = { approval_policy: "full-auto", check_attempts: 0 } as const;

async function failed(harness: LocalHarness, prompt: string, check: string) {
  // In a directory of its own, with one file before the job.
  const cwd = harness.state.workspace(`work-${crypto.randomUUID()}`);
  Deno.writeTextFileSync(`${cwd}/old.txt`, "as it was\n");
  const { job_id } = await harness.run(prompt, { ...FULL, check, cwd });
  const job = await harness.ended(job_id);
  assert.equal(job.reason, "check_failed", job.error);
  return { job_id, doubts: job.evidence?.doubts ?? [] };
}

Deno.test("check doubts: one that fails in the same way on the files before the job is told, after all repairs", async () => {
  await using harness = await LocalHarness.start();
  const { home } = harness.state;
  for (
    const check of [
      "test -f never.txt",
      "cat old.txt; echo took 0.$(date +%N) s; exit 3",
      "pwd; no-such-program-here",
      "/usr/bin/env test -f never.txt",
    ]
  ) {
    const { job_id, doubts } = await failed(harness, "change made.txt\nsay done", check);
    assert.deepEqual(doubts, [FAILS_WITHOUT_WORK], check);
    assert.equal(exists(`${home}/jobs/${job_id}/turns/1/checks/0/tree`), false);
  }
  const { job_id } = await harness.run("say done", {
    ...FULL,
    check: "echo say again; exit 3",
    check_attempts: 1,
  });
  const job = await harness.ended(job_id);
  assert.deepEqual([job.turn, job.evidence?.doubts.includes(FAILS_WITHOUT_WORK)], [2, true]);
  assert.equal(exists(`${home}/jobs/${job_id}/turns/1/checks/0`), false);
});

Deno.test("check doubts: one that fails in another way without the work is none, nor is one that looks elsewhere", async () => {
  await using harness = await LocalHarness.start();
  const { cwd } = harness.state;
  const outside = harness.state.workspace("outside");
  for (
    const check of [
      // What the agent made is in the way, or is wrong.
      "test ! -f made.txt",
      "cat made.txt; exit 3",
      "test -f made.txt && exit 4; exit 5",
      `echo x >>'${outside}/runs'; exit 1`,
      `cd ${cwd} && exit 1`,
      "test -f ~/no-such-file",
    ]
  ) {
    assert.deepEqual((await failed(harness, "change made.txt\nsay done", check)).doubts, [], check);
  }
  assert.equal(Deno.readTextFileSync(`${outside}/runs`), "x\n");
});

Deno.test("check doubts: a daemon that takes over goes on with the run on the files before", async () => {
  await using harness = await LocalHarness.start();
  const check = "test -f made.txt || until test -f go; do echo x >begun; sleep 0.05; done; exit 1";
  const { job_id } = await harness.run("change made.txt\nsay done", { ...FULL, check });
  const tree = `${harness.state.home}/jobs/${job_id}/turns/1/checks/0/tree`;
  await eventually(() => exists(`${tree}/begun`), { what: "the run on the files before" });
  await harness.restart();
  assert.equal((await harness.service.poll({ job_id })).status, "running");
  Deno.writeTextFileSync(`${tree}/go`, "");
  const job = await harness.ended(job_id);
  assert.deepEqual([job.reason, job.evidence?.doubts, job.evidence?.check?.attempts], [
    "check_failed",
    [FAILS_WITHOUT_WORK],
    1,
  ]);
});

Deno.test("check doubts: a cancel ends the run on the files before", async () => {
  await using harness = await LocalHarness.start();
  const check = "test -f made.txt || { echo x >begun; sleep 600; }; exit 1";
  const { job_id } = await harness.run("change made.txt\nsay done", { ...FULL, check });
  const tree = `${harness.state.home}/jobs/${job_id}/turns/1/checks/0/tree`;
  await eventually(() => exists(`${tree}/begun`), { what: "the run on the files before" });
  await harness.service.cancel({ job_id });
  const job = await harness.ended(job_id);
  assert.ok(job.status === "error" || job.status === "cancelled");
});

Deno.test("check doubts: one that passes only the second time, with nothing changed in between, is told", async () => {
  await using harness = await LocalHarness.start();
  const runs = `${harness.state.workspace("outside")}/runs`;
  const check = `echo x >>'${runs}'; test $(wc -l <'${runs}') -gt 1 || { echo say I see nothing; exit 1; }`;
  const { job_id } = await harness.run("change made.txt\nsay done", { ...FULL, check, check_attempts: 2 });
  const job = await harness.ended(job_id);
  assert.deepEqual([job.status, job.evidence?.check?.attempts], ["done", 2]);
  assert.match(
    job.evidence?.doubts.join("\n") ?? "",
    /passed in its run 2 although no snapshot shows a change/,
  );
});

Deno.test("check doubts: one that hangs and takes no signal is ended with all that it started, and is told", async () => {
  await using home = new KernelHome();
  const { turn } = await home.run("echo done");
  const command = "trap '' TERM; (trap '' TERM; sleep 600) & echo begun; sleep 600";
  const end = await runCheck({
    jobId: turn.jobId,
    files: turn.check(1),
    check: JobCheck.parse({ command, attempts: 0 }),
    command: {
      executable: "/bin/sh",
      args: ["-c", command],
      cwd: "/",
      env: { AGENT_ASYNC_JOB_ID: turn.jobId },
    },
    limitMs: 500,
    limitBytes: 1_000_000,
    processes: home.processes,
    clock: systemClock,
    signal: new AbortController().signal,
    youth: () => null,
    onProcess: () => {},
  });
  assert.deepEqual([end?.kind, end?.tail], ["hung", "begun\n"]);
  assert.deepEqual(home.processes.withMarker("AGENT_ASYNC_JOB_ID", turn.jobId), []);
});
