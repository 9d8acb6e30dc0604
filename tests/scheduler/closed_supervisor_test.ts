/** A daemon that leaves writes nothing more of a turn that it was about to launch: its successor may run it. */
import assert from "node:assert/strict";
import { AgentCatalog } from "../../src/agents/detection/catalog.ts";
import { JobDirectories } from "../../src/kernel/job_directories.ts";
import { Supervisor } from "../../src/scheduler/supervisor.ts";
import { readOutcome, writeTurn } from "../../src/scheduler/turn/files.ts";
import { AgentProbe } from "../../src/system/agent_probe.ts";
import { systemClock } from "../../src/system/clock.ts";
import { systemIds } from "../../src/system/ids.ts";
import { silentLog } from "../../src/system/log.ts";
import { systemProcesses } from "../../src/system/processes/system_processes.ts";
import { launch } from "../store/job_steps.ts";
import { memoryStore, temporaryDirectory } from "../store/test_store.ts";
import { jobId, newJob } from "../support/new_job.ts";
import { turnRequest } from "../support/turn_request.ts";

/** Closes while its launch looks for what is needed, or before. */
async function launchAndClose(
  when: "before" | "meanwhile",
): Promise<{ outcome: unknown; concluded: number }> {
  using home = temporaryDirectory();
  const directories = new JobDirectories(`${home.path}/state`);
  directories.prepare();
  await using store = await memoryStore();
  const id = jobId(1);
  await store.create(newJob({ id, agent: "gone" }));
  const { job } = await store.update(id, launch);
  const directory = directories.job(id);
  directory.create();
  await writeTurn(directory, {
    request: turnRequest({ job_id: id }),
    prompt: "x",
    env: {},
  });
  let concluded = 0;
  const probe = new AgentProbe();
  const supervisor = new Supervisor({
    store,
    directories,
    catalog: new AgentCatalog({ drivers: () => [], probe, settings: () => ({}) }),
    processes: systemProcesses(),
    clock: systemClock,
    log: silentLog,
    ids: systemIds,
    isRoot: false,
    limits: () => ({
      total: 1,
      depth: 1,
      asking: 8,
      questionSeconds: 3_600,
      outputBytes: 1_000_000,
      stallSeconds: null,
      exitGraceSeconds: 1,
      dayUsd: null,
      retentionDays: 1,
      retentionBytes: 1,
    }),
    conclude: () => {
      concluded++;
      return Promise.resolve();
    },
    onEvents: () => {},
  });
  if (when === "before") await supervisor.close();
  const launching = supervisor.launch(job);
  if (when === "meanwhile") await supervisor.close();
  await launching;
  return { outcome: readOutcome(directory.turn(1)), concluded };
}

for (const when of ["before", "meanwhile"] as const) {
  Deno.test(`a launch that cannot succeed is left to the next daemon by one that closed ${when}`, async () => {
    assert.deepEqual(await launchAndClose(when), { outcome: null, concluded: 0 });
  });
}
