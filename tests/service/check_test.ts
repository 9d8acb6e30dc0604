/**
 * Checks of jobs: real commands on what scripted agents have done. What a check prints goes back to the agent, and the
 * scripted agent does what it reads there.
 */
import assert from "node:assert/strict";
import { DEFAULT_CHECK_ATTEMPTS } from "../../src/domain/job/check.ts";
import { systemProcesses } from "../../src/system/processes/system_processes.ts";
import { eventually } from "../support/eventually.ts";
import { exists } from "../support/exists.ts";
import { LocalHarness } from "../support/local_harness.ts";

/** Passes when `fixed.txt` is there; else tells the agent to make it. */
const WANTS_FIXED = "test -f fixed.txt || { echo change fixed.txt; echo say repaired; exit 3; }";

const FULL = { approval_policy: "full-auto" } as const;

async function events(harness: LocalHarness, job_id: string) {
  const page = await harness.service.events({ job_id, limit: 500, types: ["check", "status"] });
  return page.events.map((event) =>
    event.type === "check"
      ? `${event.turn} check ${event.state} ${event.attempt}`
      : event.type === "status"
      ? `${event.turn} ${event.state}`
      : event.type
  );
}

Deno.test("check: one that passes at once is evidence, and the job is done", async () => {
  await using harness = await LocalHarness.start();
  const { job_id } = await harness.run("change made.txt\nsay done", { ...FULL, check: "test -f made.txt" });
  const job = await harness.ended(job_id);
  assert.equal(job.status, "done");
  const { seconds, ...check } = job.evidence?.check ?? assert.fail("no evidence");
  assert.deepEqual(check, { command: "test -f made.txt", exit_code: 0, attempts: 1 });
  assert.ok(seconds >= 0 && seconds < 600);
  assert.equal(job.result, "done");
  assert.deepEqual(await events(harness, job_id), [
    "1 running",
    "1 check started 1",
    "1 check passed 1",
    "1 done",
  ]);
});

Deno.test("check: its output goes back to the agent's session, and nobody sees an end that is none", async () => {
  await using harness = await LocalHarness.start();
  const { job_id } = await harness.run("change made.txt\nsay done", { ...FULL, check: WANTS_FIXED });
  const job = await harness.ended(job_id);
  assert.deepEqual([job.status, job.turn, job.result, job.evidence?.check?.attempts], [
    "done",
    2,
    "repaired",
    2,
  ]);
  assert.deepEqual(job.files_changed?.length, 2);
  assert.deepEqual(await events(harness, job_id), [
    "1 running",
    "1 check started 1",
    "1 check failed 1",
    "1 error",
    "2 running",
    "2 check started 2",
    "2 check passed 2",
    "2 done",
  ]);
  const { notifications } = await harness.service.feed({ cursor: 0 });
  assert.deepEqual(
    notifications.filter((one) =>
      one.job_id === job_id && one.status !== "running" && one.status !== "pending"
    )
      .map(({ status }) => status),
    ["done"],
  );
});

Deno.test("check: one that fails for good ends the job with the end of what it printed", async () => {
  await using harness = await LocalHarness.start();
  const check = "echo say tried; echo it is broken >&2; exit 7";
  const { job_id } = await harness.run("say done", { ...FULL, check });
  const job = await harness.ended(job_id);
  assert.deepEqual([job.status, job.reason, job.turn], ["error", "check_failed", 1 + DEFAULT_CHECK_ATTEMPTS]);
  assert.match(job.error ?? "", /failed with exit code 7:\nsay tried\nit is broken/);
  assert.deepEqual([job.evidence?.check?.exit_code, job.evidence?.check?.attempts], [
    7,
    1 + DEFAULT_CHECK_ATTEMPTS,
  ]);
  const none = await harness.run("say done", { ...FULL, check, check_attempts: 0 });
  assert.deepEqual([(await harness.ended(none.job_id)).reason, (await harness.ended(none.job_id)).turn], [
    "check_failed",
    1,
  ]);
});

Deno.test("check: a turn that failed by itself is not checked", async () => {
  await using harness = await LocalHarness.start();
  const { job_id } = await harness.run("fail no luck", { ...FULL, check: "touch checked.txt" });
  const job = await harness.ended(job_id);
  assert.deepEqual([job.status, job.evidence?.check], ["error", undefined]);
  assert.deepEqual((await events(harness, job_id)).filter((line) => line.includes("check")), []);
});

Deno.test("check: a reply is checked as well, and has repairs of its own", async () => {
  await using harness = await LocalHarness.start();
  const check = "test ! -f bad.txt || { echo 'run rm bad.txt'; echo say mended; exit 1; }";
  const { job_id } = await harness.run("say done", { ...FULL, check, check_attempts: 1 });
  assert.equal((await harness.ended(job_id)).status, "done");
  await harness.reply(job_id, "run touch bad.txt\nsay done again");
  const job = await harness.ended(job_id);
  assert.deepEqual([job.status, job.turn, job.result, job.evidence?.check?.attempts], [
    "done",
    3,
    "mended",
    2,
  ]);
});

Deno.test("check: a daemon that takes over goes on with a check that runs, and finds one that has ended", async () => {
  await using harness = await LocalHarness.start();
  const check = "echo x >>begun; until test -f go.txt; do sleep 0.05; done; test -f made.txt";
  const { job_id } = await harness.run("change made.txt\nsay done", { ...FULL, check });
  const begun = `${harness.state.cwd}/begun`;
  await eventually(() => exists(begun), { what: "the check has begun" });
  assert.equal((await harness.service.poll({ job_id })).activity, "checking");
  await harness.restart();
  assert.equal((await harness.service.poll({ job_id })).status, "running");
  await harness.restart(() => Deno.writeTextFileSync(`${harness.state.cwd}/go.txt`, ""));
  const job = await harness.ended(job_id);
  assert.deepEqual([job.status, job.evidence?.check?.exit_code, job.evidence?.check?.attempts], [
    "done",
    0,
    1,
  ]);
  assert.equal(Deno.readTextFileSync(begun), "x\n", "it was begun again");
  assert.deepEqual(await events(harness, job_id), [
    "1 running",
    "1 check started 1",
    "1 check passed 1",
    "1 done",
  ]);
});

Deno.test("check: a cancel ends it with everything that it has started", async () => {
  await using harness = await LocalHarness.start();
  const check = "sleep 1000 & echo $! >pid; wait";
  const { job_id } = await harness.run("say done", { ...FULL, check });
  const file = `${harness.state.cwd}/pid`;
  const pid = Number(
    await eventually(() => exists(file) && /^\d+\n$/.exec(Deno.readTextFileSync(file))?.[0], {
      what: "its pid",
    }),
  );
  const sleeper = systemProcesses().identify(pid) ?? assert.fail("it does not run");
  await harness.service.cancel({ job_id });
  assert.equal(systemProcesses().isAlive(sleeper), false);
  const job = await harness.ended(job_id);
  assert.deepEqual([job.status, job.reason], ["cancelled", "cancelled"]);
});

Deno.test("check: one that floods is ended and fails at once, without a repair", async () => {
  await using harness = await LocalHarness.start({ limits: { output_bytes: 1_048_576 } });
  const { job_id } = await harness.run("say done", { ...FULL, check: "yes" });
  const job = await harness.ended(job_id);
  assert.deepEqual([job.reason, job.turn, job.evidence?.check?.exit_code], ["check_failed", 1, null]);
  assert.match(job.error ?? "", /printed more than the output limit/);
});

Deno.test("check: a name of the configuration runs under every policy, any other command under full-auto alone", async () => {
  const projects: Record<string, unknown> = {};
  await using harness = await LocalHarness.start({ projects });
  const { cwd, home } = harness.state;
  Deno.writeTextFileSync(
    `${home}/config.json`,
    JSON.stringify({
      projects: {
        [cwd]: {
          checks: {
            test: "test -f made.txt",
            lint: { command: "exit 4" },
            boxed: { command: "true", sandbox: "bwrap" },
          },
        },
        "/nowhere": { checks: { other: "true" } },
      },
    }),
  );
  await harness.restart();
  const named = await harness.run("change made.txt\nsay done", {
    approval_policy: "auto-edit",
    check: "test",
  });
  assert.equal((await harness.ended(named.job_id)).status, "done");
  const lint = await harness.run("say done", {
    approval_policy: "suggest",
    check: "lint",
    check_attempts: 0,
  });
  assert.match((await harness.ended(lint.job_id)).error ?? "", /^The check lint failed with exit code 4/);
  await assert.rejects(
    () => harness.run("say done", { check: "boxed" }),
    /check: "boxed" is to run in the sandbox of "bwrap", which has none/,
  );
  for (const check of ["test -f made.txt", "other", "true"]) {
    await assert.rejects(
      () => harness.run("say done", { approval_policy: "auto-edit", check }),
      /check: .*is not the name of a check/,
    );
  }
});
