/** What a daemon clears away that another one left between two steps, and what it leaves alone. */
import assert from "node:assert/strict";
import { JobDirectories } from "../../src/kernel/job_directories.ts";
import { writeAccepted } from "../../src/scheduler/turn/accepted_turn.ts";
import type { TurnDirectory } from "../../src/kernel/job_directories.ts";
import { turnRequest } from "../support/turn_request.ts";
import { eventually } from "../support/eventually.ts";
import { LocalHarness } from "../support/local_harness.ts";

async function writeEnvironment(turn: TurnDirectory, env: Record<string, string>): Promise<void> {
  await writeAccepted(turn, {
    request: turnRequest({ job_id: turn.jobId, turn: turn.turn }),
    prompt: "say x",
    env,
  });
}

function names(harness: LocalHarness, directory: string): string[] {
  return [...Deno.readDirSync(`${harness.state.home}/${directory}`)].map(({ name }) => name).sort();
}

Deno.test("environments and exit records of ended turns are cleared away by the next daemon", async () => {
  await using harness = await LocalHarness.start();
  const { job_id } = await harness.run("say x");
  await harness.ended(job_id);
  await eventually(() => names(harness, "environments").length === 0, { what: "the end of the environment" });
  const { home } = harness.state;
  const turn = new JobDirectories(home).job(job_id).turn(1);
  await writeEnvironment(turn, { OPENAI_API_KEY: "sk-left" });
  Deno.writeTextFileSync(`${home}/environments/.${job_id}.1.half.tmp`, "sk-half");
  Deno.renameSync(turn.archivedExitFile, turn.exitFile);
  await harness.restart();
  assert.deepEqual([names(harness, "environments"), names(harness, "exits")], [[], []]);
  assert.equal(Deno.readTextFileSync(turn.archivedExitFile).trim(), "0");
});

Deno.test("a job that a daemon died before accepting is cleared away by the next one", async () => {
  await using harness = await LocalHarness.start();
  const { home } = harness.state;
  const job = new JobDirectories(home).job("zzzzzzz1");
  await writeEnvironment(job.turn(1), { KEY: "left" });
  job.create();
  Deno.writeTextFileSync(job.recordFile, JSON.stringify({ id: job.id, number: 0 }));
  await harness.restart();
  assert.deepEqual([names(harness, "jobs"), names(harness, "environments")], [[], []]);
});

Deno.test("directories of jobs whose records a daemon had removed before it died are removed by the next one", async () => {
  await using harness = await LocalHarness.start();
  const directories = new JobDirectories(harness.state.home);
  const { job_id: kept } = await harness.run("say x");
  await harness.ended(kept);
  for (const id of ["zzzzzzz1", "zzzzzzz2"]) {
    directories.job(id).create();
    Deno.writeTextFileSync(directories.job(id).recordFile, JSON.stringify({ id, number: 7 }));
  }
  // The record of the third was not removed any more.
  directories.noteRemovals(["zzzzzzz1", "zzzzzzz2", kept]);
  await harness.restart();
  await eventually(() => names(harness, "jobs").length === 1, { what: "the end of the others" });
  assert.deepEqual(names(harness, "jobs"), [kept]);
  assert.equal((await harness.service.poll({ job_id: kept })).result, "x");
});

Deno.test("a start never has half a record: the next daemon would take it for a job that was accepted", async () => {
  await using harness = await LocalHarness.start();
  const opened: string[] = [];
  const { openSync } = Deno;
  Deno.openSync = (path, options) => {
    if (options?.write === true) opened.push(String(path).split("/").at(-1) ?? "");
    return openSync(path, options);
  };
  try {
    await harness.ended((await harness.run("say x")).job_id);
  } finally {
    Deno.openSync = openSync;
  }
  assert.ok(opened.some((name) => name.startsWith(".job.json.")), opened.join(" "));
  assert.ok(!opened.includes("job.json"));
});

Deno.test("a job that was accepted once and is unknown to the store is left as it is", async () => {
  await using harness = await LocalHarness.start();
  const job = new JobDirectories(harness.state.home).job("zzzzzzz2");
  await writeEnvironment(job.turn(1), { KEY: "left" });
  job.create();
  Deno.writeTextFileSync(job.recordFile, JSON.stringify({ id: job.id, number: 7 }));
  await harness.restart();
  assert.deepEqual(names(harness, "jobs"), [job.id]);
});

Deno.test("a job that is cancelled before it ran keeps no environment, nor do its waiting replies", async () => {
  await using harness = await LocalHarness.start({ limits: { total: 1 } });
  const first = await harness.run("wait go");
  const second = await harness.run("say never");
  await harness.reply(first.job_id, "say later");
  assert.equal(names(harness, "environments").length, 3);
  await harness.service.cancel({ job_id: second.job_id });
  await eventually(() => names(harness, "environments").length === 2, {
    what: "the second job's to be gone",
  });
  await harness.service.cancel({ job_id: first.job_id });
  await eventually(() => names(harness, "environments").length === 0, { what: "the first job's to be gone" });
});

Deno.test("environments of jobs that run or wait outlive a daemon", async () => {
  await using harness = await LocalHarness.start({ limits: { total: 1 } });
  const { job_id } = await harness.run("wait go\nsay one");
  const second = await harness.run("say two");
  await harness.reply(job_id, "say three");
  await harness.restart();
  Deno.writeTextFileSync(`${harness.state.cwd}/go`, "");
  await eventually(async () => (await harness.service.poll({ job_id })).result === "three", {
    what: "the reply",
  });
  assert.equal((await harness.ended(second.job_id)).result, "two");
});
