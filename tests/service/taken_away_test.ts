/** Jobs whose files are removed, replaced or flooded while they run: they end, and their slot is free again. */
import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { exists } from "../support/exists.ts";
import { LocalHarness } from "../support/local_harness.ts";
import { isAlive } from "../support/program.ts";
import { testWrappers } from "../support/wrappers.ts";
import { pidIn } from "../support/signals.ts";

/** A job that has done `deed` in its own directory and goes on to its last word. */
async function afterDeed(harness: LocalHarness, deed: string) {
  const own = `${harness.state.home}/jobs/$AGENT_ASYNC_JOB_ID`;
  const { job_id } = await harness.run(`run cd "${own}" && ${deed}\nsay x`);
  const { status } = await harness.ended(job_id);
  await harness.service.poll({ job_id });
  await eventually(() => harness.activeJobs === 0, { what: "a free slot" });
  return status;
}

for (
  const deed of [
    "rm -rf turns/1",
    'rm -rf "$PWD"',
    "rm -f events.jsonl && mkdir events.jsonl turns/1/outcome.json",
    "rm events.jsonl && ln -s events.jsonl events.jsonl",
    "cd turns/1 && rm raw.jsonl stderr.log && ln -s raw.jsonl raw.jsonl && ln -s stderr.log stderr.log",
    "rm -f turns/1/stderr.log && mkdir -p turns/1/stderr.log/full",
    "rm -f events.jsonl output.txt && mkfifo events.jsonl output.txt",
    "mkfifo turns/1/outcome.json turns/1/exit",
    "rm -f turns/1/alive && echo x >turns/1/alive",
  ]
) {
  Deno.test(`a job ends that does: ${deed}`, async () => {
    await using harness = await LocalHarness.start();
    assert.match(await afterDeed(harness, deed), /done|error/);
  });
}

Deno.test("a job whose directory was removed under a daemon that died is ended by the next, process and all", async () => {
  await using harness = await LocalHarness.start();
  const { job_id } = await harness.run("run echo $$ >pid\nwait never");
  const pid = await eventually(() => pidIn(`${harness.state.cwd}/pid`), {
    what: "the agent",
  });
  await harness.restart(() => Deno.removeSync(`${harness.state.home}/jobs/${job_id}`, { recursive: true }));
  const job = await harness.ended(job_id);
  assert.deepEqual([job.status, job.reason], ["error", "spawn_failed"]);
  assert.equal(isAlive(pid), false);
});

Deno.test("a job that hides that it runs is not run a second time by the next daemon", async () => {
  await using harness = await LocalHarness.start();
  const { cwd, home } = harness.state;
  const hide = `run echo $$ >>runs; cd "${home}/jobs/$AGENT_ASYNC_JOB_ID/turns/1" && rm alive pid agent`;
  const { job_id } = await harness.run(`${hide}\nrun touch hidden\nwait never`);
  await eventually(() => exists(`${cwd}/hidden`), { what: "the agent's deed" });
  await harness.restart();
  const job = await harness.ended(job_id);
  assert.deepEqual([job.status, job.reason], ["error", "lost"]);
  const pids = Deno.readTextFileSync(`${cwd}/runs`).trim().split("\n");
  assert.deepEqual([pids.length, isAlive(Number(pids[0]))], [1, false]);
});

for (const [what, deed] of [["link", "ln -s / scratch"], ["file", "touch scratch"]] as const) {
  Deno.test(`a ${what} that a turn puts in the place of the next one's directory does not keep that from running`, async () => {
    await using harness = await LocalHarness.start();
    const { cwd, home } = harness.state;
    const next = `${home}/jobs/$AGENT_ASYNC_JOB_ID/turns/2`;
    const { job_id } = await harness.run(`wait go\nrun cd "${next}" && rmdir scratch && ${deed}\nsay one`);
    await harness.reply(job_id, "say two");
    Deno.writeTextFileSync(`${cwd}/go`, "");
    await eventually(async () => (await harness.service.poll({ job_id })).result === "two", {
      what: "the reply",
    });
    const { status } = await harness.ended(job_id);
    assert.equal(status, "done");
  });
}

Deno.test("a job whose files stay out of reach can be cancelled", async () => {
  await using harness = await LocalHarness.start();
  const { job_id } = await harness.run("say x\nwait never");
  await harness.service.events({ job_id, cursor: 2, wait_seconds: 100 });
  const events = `${harness.state.home}/jobs/${job_id}/events.jsonl`;
  await harness.restart(() => {
    Deno.removeSync(events);
    Deno.mkdirSync(events);
  });
  const { status } = await harness.service.cancel({ job_id });
  assert.equal(status, "cancelled");
});

Deno.test("many jobs whose files are out of reach do not add up to a start that nobody waits for", async () => {
  await using harness = await LocalHarness.start({ limits: { total: 12 } });
  const ids: string[] = [];
  for (let n = 0; n < 12; n++) {
    const { job_id } = await harness.run("say x\nwait never", { cwd: harness.state.workspace(`work-${n}`) });
    ids.push(job_id);
  }
  for (const job_id of ids) await harness.service.events({ job_id, cursor: 2, wait_seconds: 100 });
  const begun = performance.now();
  await harness.restart(() => {
    for (const id of ids) {
      const events = `${harness.state.home}/jobs/${id}/events.jsonl`;
      Deno.removeSync(events);
      Deno.mkdirSync(events);
    }
  });
  const seconds = (performance.now() - begun) / 1000;
  // A front-end gives a daemon 20 s; two for each job would be 24.
  assert.ok(seconds < 20, `the start took ${seconds} s`);
});

Deno.test("a turn whose output cannot be measured any more is watched as before", async () => {
  await using harness = await LocalHarness.start();
  const turn = `${harness.state.home}/jobs/$AGENT_ASYNC_JOB_ID/turns/1`;
  const { job_id } = await harness.run(
    `run cd "${turn}" && rm stderr.log && ln -s stderr.log stderr.log\nsay x\nwait go`,
  );
  await eventually(async () => (await harness.service.poll({ job_id })).result === "x", { what: "its word" });
  // What fails is tried again after a second.
  const begun = performance.now();
  const looks: number[] = [];
  for (let n = 0; n < 30; n++) {
    Deno.writeTextFileSync(`${harness.state.home}/jobs/${job_id}/turns/1/raw.jsonl`, "news\n", {
      append: true,
    });
    const { cursor } = await harness.service.poll({ job_id });
    await harness.service.events({ job_id, cursor, wait_seconds: 100 });
    looks.push(performance.now() - begun);
  }
  Deno.writeTextFileSync(`${harness.state.cwd}/go`, "");
  assert.equal((await harness.ended(job_id)).status, "done");
  assert.ok(looks.at(-1)! < 25_000, `${looks} ms`);
});

Deno.test("a flood is ended at once, and what came beyond the limit is given back", async () => {
  const limit = 4 * 2 ** 20;
  await using harness = await LocalHarness.start({ limits: { output_bytes: limit } });
  const { job_id } = await harness.run("flood 100000000000");
  const job = await harness.ended(job_id);
  assert.equal(job.reason, "output_limit");
  const { size } = Deno.statSync(`${harness.state.home}/jobs/${job_id}/turns/1/raw.jsonl`);
  assert.ok(size < 2 * limit, `${size} bytes are kept`);
});

testWrappers(
  "an agent that removes the directory of exit records hurts no other job, now or later",
  async (wrapper) => {
    await using harness = await LocalHarness.start({}, { wrapper });
    const { home } = harness.state;
    const other = await harness.run("say before\nwait go\nsay after\nexit 7", {
      cwd: harness.state.workspace("other"),
    });
    await harness.service.events({ job_id: other.job_id, cursor: 2, wait_seconds: 100 });
    const vandal = await harness.run(`run rm -rf "${home}/exits"\nrun touch gone\nwait go\nsay x`);
    await eventually(() => exists(`${harness.state.cwd}/gone`), { what: "the agent's deed" });
    // One begins and one ends before it is there again.
    const meanwhile = await harness.run("say meanwhile", { cwd: harness.state.workspace("meanwhile") });
    Deno.writeTextFileSync(`${harness.state.workspace("other")}/go`, "");
    const { reason, exit_code } = await harness.ended(other.job_id);
    assert.deepEqual([reason, exit_code], ["exit_code", 7]);
    assert.equal((await harness.ended(meanwhile.job_id)).result, "meanwhile");
    await eventually(() => exists(`${home}/exits`), { what: "the directory" });
    Deno.writeTextFileSync(`${harness.state.cwd}/go`, "");
    assert.equal((await harness.ended(vandal.job_id)).result, "x");
    const begun = performance.now();
    for (let n = 0; n < 6; n++) {
      const later = await harness.run("say later");
      assert.equal((await harness.ended(later.job_id)).result, "later");
    }
    // Without being told of exit records, each end is found up to five seconds later.
    assert.ok(performance.now() - begun < 20_000, "the directory is not watched any more");
    await eventually(() => [...Deno.readDirSync(`${home}/exits`)].length === 0, {
      what: "the end of the record",
    });
  },
);

for (const name of ["environments", "jobs"]) {
  Deno.test(`a start makes ${name} again, which an agent has removed`, async () => {
    await using harness = await LocalHarness.start();
    Deno.removeSync(`${harness.state.home}/${name}`, { recursive: true });
    const { job_id } = await harness.run("say x");
    assert.equal((await harness.ended(job_id)).result, "x");
    const { mode } = Deno.statSync(`${harness.state.home}/${name}`);
    assert.equal((mode ?? 0) & 0o777, 0o700);
  });
}
