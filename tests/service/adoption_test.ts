/** What a daemon makes of the jobs that another one left behind at any point of their lives. */
import assert from "node:assert/strict";
import { AgentCatalog } from "../../src/agents/detection/catalog.ts";
import { codexDriver } from "../../src/agents/codex/driver.ts";
import { compose } from "../../src/daemon/serve/compose.ts";
import type { Job } from "../../src/domain/job/job.ts";
import { transition } from "../../src/domain/job/transition.ts";
import { JobDirectories } from "../../src/kernel/job_directories.ts";
import { launch } from "../../src/kernel/launch.ts";
import type { TurnWrapper } from "../../src/kernel/wrapper/turn_wrapper.ts";
import { isoTime } from "../../src/domain/job/ids.ts";
import { spawnFailure, unbornOutcome } from "../../src/scheduler/turn/unborn_turn.ts";
import { acceptedTurn, writeOutcome, writeTurn } from "../../src/scheduler/turn/files.ts";
import { prepareLaunch } from "../../src/scheduler/turn/launch.ts";
import { openStore } from "../../src/store/database/open_store.ts";
import { AgentProbe } from "../../src/system/agent_probe.ts";
import { systemClock } from "../../src/system/clock.ts";
import { systemIds } from "../../src/system/ids.ts";
import { silentLog } from "../../src/system/log.ts";
import { eventually } from "../support/eventually.ts";
import { LocalHarness } from "../support/local_harness.ts";
import { jobId, newJob } from "../support/new_job.ts";
import { makeStateHome, type StateHome } from "../support/state_home.ts";
import { turnRequest } from "../support/turn_request.ts";
import { testWrappers } from "../support/wrappers.ts";
import { pidIn, signalGroup } from "../support/signals.ts";

/** A job that is committed as running, as a daemon leaves it that dies right after that commit. */
async function leaveRunning(state: StateHome, prompt: string, over: Partial<Job> = {}): Promise<Job> {
  const directories = new JobDirectories(state.home);
  directories.prepare();
  const path = `${state.home}/queue.db`;
  const { store } = await openStore({
    path,
    clock: systemClock,
    log: silentLog,
    records: { ids: () => [], changedSince: () => [], read: () => null },
  });
  const tree = { kind: "plain" as const, root: state.cwd };
  const job = newJob({ id: jobId(77), cwd: state.cwd, tree, created_at: Date.now(), ...over });
  const directory = directories.job(job.id);
  directory.create();
  const request = turnRequest({
    job_id: job.id,
    approval_policy: job.approval_policy,
    created_at: Date.now(),
  });
  await writeTurn(directory, { request, prompt, env: state.env });
  await store.create(job);
  const { job: running } = await store.update(
    job.id,
    (one) => transition(one, { type: "launch", at: Date.now() }),
  );
  await store[Symbol.asyncDispose]();
  return running;
}

/** Launches the job's process, as the daemon that dies does just before. */
async function launchAndForget(state: StateHome, job: Job, wrapper: TurnWrapper): Promise<void> {
  const directory = new JobDirectories(state.home, { wrapper }).job(job.id);
  const asked = acceptedTurn(job, directory);
  assert.ok(asked.ok);
  const prepared = await prepareLaunch(job, asked.turn, directory, {
    catalog: new AgentCatalog({
      drivers: () => [codexDriver],
      probe: new AgentProbe(),
      settings: () => ({}),
    }),
    ids: systemIds,
    isRoot: true,
  });
  assert.ok(prepared.ok);
  const child = launch(prepared.launch);
  let hasEnded = false;
  child.status.finally(() => hasEnded = true);
  await eventually(() => hasEnded, { what: "the end of the process" });
}

async function adopted(state: StateHome, job: Job, wrapper: TurnWrapper) {
  const composition = await compose({ home: state.home, env: state.env, log: silentLog, wrapper });
  try {
    const { jobs } = await composition.service.wait({ job_ids: [job.id], timeout_seconds: 100 });
    const events = await composition.service.events({ job_id: job.id, limit: 500 });
    return { job: jobs[0], events: events.events };
  } finally {
    await composition.close();
  }
}

testWrappers("a job that was committed but never launched is launched, once", async (wrapper) => {
  await using state = makeStateHome();
  const job = await leaveRunning(state, "change once\nsay done");
  const { job: ended } = await adopted(state, job, wrapper);
  assert.deepEqual({ status: ended?.status, result: ended?.result }, { status: "done", result: "done" });
  assert.equal(Deno.readTextFileSync(`${state.cwd}/once`), "0\n");
});

testWrappers("a job that was launched a moment ago is never launched a second time", async (wrapper) => {
  await using state = makeStateHome();
  const job = await leaveRunning(state, "run echo x >>once; sleep 0.3\nsay done");
  const launched = launchAndForget(state, job, wrapper);
  const { job: ended, events } = await adopted(state, job, wrapper);
  await launched;
  assert.equal(ended?.status, "done", JSON.stringify(ended));
  assert.equal(Deno.readTextFileSync(`${state.cwd}/once`), "x\n");
  assert.deepEqual(events.map((event) => event.seq), events.map((_, n) => n + 1));
});

testWrappers("a job whose process ended while no daemon lived is finished truthfully", async (wrapper) => {
  for (
    const [prompt, status, exitCode] of [["say done", "done", 0], ["say no\nexit 9", "error", 9]] as const
  ) {
    await using state = makeStateHome();
    const job = await leaveRunning(state, prompt);
    await launchAndForget(state, job, wrapper);
    const { job: ended } = await adopted(state, job, wrapper);
    assert.deepEqual({ status: ended?.status, exit_code: ended?.exit_code }, { status, exit_code: exitCode });
  }
});

testWrappers(
  "a job whose whole process group was killed while no daemon lived is lost, with what it had said",
  async (wrapper) => {
    await using state = makeStateHome();
    const job = await leaveRunning(state, "say something\nwait never");
    const launched = launchAndForget(state, job, wrapper);
    const turn = new JobDirectories(state.home).job(job.id).turn(1);
    await eventually(() => Deno.readTextFileSync(turn.rawFile).includes("something"), { what: "output" });
    signalGroup(await eventually(() => pidIn(turn.pidFile), { what: "its pid" }), "SIGKILL");
    await launched;
    const { job: ended, events } = await adopted(state, job, wrapper);
    assert.deepEqual({ status: ended?.status, reason: ended?.reason, result: ended?.result }, {
      status: "error",
      reason: "lost",
      result: "something",
    });
    assert.equal(events.filter((event) => event.type === "message").length, 1);
  },
);

testWrappers(
  "a job whose outcome a daemon wrote before it died has ended when that was written",
  async (wrapper) => {
    await using state = makeStateHome();
    const job = await leaveRunning(state, "say done");
    const turn = new JobDirectories(state.home).job(job.id).turn(1);
    const failure = spawnFailure("It could not be started");
    const outcome = unbornOutcome(job, { failure, survivors: [], previous: null, at: Date.now() });
    writeOutcome(turn, outcome);
    const { job: after } = await adopted(state, job, wrapper);
    assert.deepEqual(
      { status: after?.status, reason: after?.reason, finished_at: after?.finished_at },
      { status: "error", reason: "spawn_failed", finished_at: isoTime(outcome.finished_at) },
    );
  },
);

testWrappers("a job that was being cancelled when the daemon died is cancelled", async (wrapper) => {
  await using state = makeStateHome();
  const job = await leaveRunning(state, "ignore INT\nignore TERM\nwait never");
  const launched = launchAndForget(state, job, wrapper);
  const turn = new JobDirectories(state.home).job(job.id).turn(1);
  await eventually(() => Deno.readTextFileSync(turn.rawFile).includes("turn.started"), { what: "output" });
  const path = `${state.home}/queue.db`;
  const { store } = await openStore({
    path,
    clock: systemClock,
    log: silentLog,
    records: { ids: () => [], changedSince: () => [], read: () => null },
  });
  await store.update(
    job.id,
    (one) => transition(one, { type: "stop", cause: "cancelled", readBytes: 0, at: Date.now() }),
  );
  await store[Symbol.asyncDispose]();
  const { job: ended } = await adopted(state, job, wrapper);
  await launched;
  assert.equal(ended?.status, "cancelled");
});

testWrappers("daemons that follow one another lose no event and tell none twice", async (wrapper) => {
  await using harness = await LocalHarness.start({}, { wrapper });
  const lines = Array.from({ length: 60 }, (_, n) => `say ${n}\nsleep 0.02`).join("\n");
  const { job_id } = await harness.run(lines);
  for (let round = 0; round < 5; round++) {
    const { cursor } = await harness.service.poll({ job_id });
    await harness.service.events({ job_id, cursor, wait_seconds: 5 });
    await harness.restart();
  }
  const job = await harness.ended(job_id);
  assert.equal(job.status, "done");
  const { events } = await harness.service.events({ job_id, limit: 500 });
  assert.deepEqual(
    events.filter((event) => event.type === "message").map((event) => event.text),
    Array.from({ length: 60 }, (_, n) => String(n)),
  );
  assert.deepEqual(events.map((event) => event.seq), events.map((_, n) => n + 1));
  assert.equal(events.filter((event) => event.type === "status").length, 2);
});

testWrappers("a store that is gone is rebuilt from the job directories", async (wrapper) => {
  await using harness = await LocalHarness.start({}, { wrapper });
  const { job_id } = await harness.run("say kept\nchange a");
  const before = await harness.ended(job_id);
  const running = await harness.run("wait go\nsay went", { cwd: harness.state.workspace("b") });
  await eventually(async () => (await harness.service.poll({ job_id: running.job_id })).cursor >= 2, {
    what: "a start",
  });
  await harness.restart();
  for (const suffix of ["", "-wal", "-shm"]) {
    await Deno.remove(`${harness.state.home}/queue.db${suffix}`).catch(() => {});
  }
  await harness.restart().catch(() => {});
  const after = await harness.service.poll({ job_id });
  assert.deepEqual(after, before);
  Deno.writeTextFileSync(`${harness.state.workspace("b")}/go`, "");
  assert.equal((await harness.ended(running.job_id)).result, "went");
});

testWrappers("a job that stays after its success is done, whichever daemon ends it", async (wrapper) => {
  await using harness = await LocalHarness.start({ timeouts: { exit_grace_seconds: 1 } }, { wrapper });
  const { job_id } = await harness.run("say fine\nignore INT\nlinger 60");
  const turn = new JobDirectories(harness.state.home).job(job_id).turn(1);
  await eventually(() => Deno.statSync(`${turn.path}/grace`).isFile, { what: "the end of the grace" });
  await harness.restart(() => {
    Deno.writeTextFileSync(
      `${harness.state.home}/config.json`,
      JSON.stringify({ timeouts: { exit_grace_seconds: 60 } }),
    );
  });
  const job = await harness.ended(job_id);
  assert.deepEqual({ status: job.status, result: job.result }, { status: "done", result: "fine" });
});

testWrappers("replies that wait are in the record that a store is rebuilt from", async (wrapper) => {
  await using harness = await LocalHarness.start({}, { wrapper });
  const { job_id } = await harness.run("wait go\nsay one");
  await harness.reply(job_id, "say two");
  await harness.restart(() => {
    for (const suffix of ["", "-wal", "-shm"]) {
      try {
        Deno.removeSync(`${harness.state.home}/queue.db${suffix}`);
      } catch {
        // Not every store has all three.
      }
    }
  });
  Deno.writeTextFileSync(`${harness.state.cwd}/go`, "");
  const job = await eventually(async () => {
    const now = await harness.service.poll({ job_id });
    return now.turn === 2 && now.status === "done" && now;
  }, { what: "the reply" });
  assert.equal(job.result, "two");
});

testWrappers("a reply that is made again after a store was rebuilt is not run again", async (wrapper) => {
  await using harness = await LocalHarness.start({}, { wrapper });
  const { job_id } = await harness.run("say one");
  await harness.ended(job_id);
  const request = { job_id, prompt: "say two", request_key: "two", origin: harness.origin };
  assert.equal((await harness.service.reply(request)).turn, 2);
  await eventually(async () => (await harness.service.poll({ job_id })).result === "two", {
    what: "the reply",
  });
  await harness.ended(job_id);
  await harness.restart(() => Deno.removeSync(`${harness.state.home}/queue.db`));
  assert.equal((await harness.service.reply(request)).turn, 2);
  const { result, turn } = await harness.ended(job_id);
  assert.deepEqual([result, turn], ["two", 2]);
});

testWrappers("a state directory may be reached through a symlink", async (wrapper) => {
  await using state = makeStateHome();
  const link = `${state.cwd}/link`;
  Deno.symlinkSync(state.home, link);
  const composition = await compose({ home: link, env: state.env, log: silentLog, wrapper });
  assert.equal((await composition.service.list({})).total, 0);
  await composition.close();
});
