/**
 * Test support: one turn under its watch: a real process and real files, with whatever else a test wants instead of the
 * real thing.
 *
 * @module
 */
import { customDriver } from "../../src/agents/custom/driver.ts";
import { CustomAgentConfig } from "../../src/domain/agent/custom_agent.ts";
import { isJobIn } from "../../src/domain/job/job.ts";
import type { TurnOutcome } from "../../src/domain/turn/turn.ts";
import type { JobDirectory, TurnDirectory } from "../../src/kernel/job_directories.ts";
import { Pulse } from "../../src/scheduler/pulse.ts";
import { TurnRun } from "../../src/scheduler/turn/run.ts";
import { TurnWatch } from "../../src/scheduler/turn/watch.ts";
import type { TurnWatchOptions } from "../../src/scheduler/turn/watch_options.ts";
import { type Clock, systemClock } from "../../src/system/clock.ts";
import { silentLog } from "../../src/system/log.ts";
import type { Processes } from "../../src/system/processes/processes.ts";
import { launch } from "../store/job_steps.ts";
import { memoryStore } from "../store/test_store.ts";
import type { KernelHome } from "./kernel_home.ts";
import { newJob } from "./new_job.ts";
import { turnRequest } from "./turn_request.ts";

export interface WatchedTurn {
  directory: JobDirectory;
  turn: TurnDirectory;
  watch: TurnWatch;
  /** What its end was judged to be, once for each time that this was told. */
  outcomes: TurnOutcome[];
}

/** Runs `sh -c script` as an agent that prints text. */
export async function watchedTurn(
  home: KernelHome,
  script: string,
  { processes = home.processes, clock = systemClock, ...over }: Partial<
    Pick<TurnWatchOptions, "log" | "conclude" | "onEvents"> & { processes: Processes; clock: Clock }
  > = {},
): Promise<WatchedTurn> {
  const { turn } = await home.run(script);
  const directory = home.directories.job(turn.jobId);
  const store = await memoryStore();
  await store.create(newJob({ id: turn.jobId, agent: "texter" }));
  const { job } = await store.update(turn.jobId, launch);
  if (!isJobIn(job, "running")) throw new Error("The job does not run");
  const request = turnRequest({ job_id: job.id, created_at: clock.now() });
  const driver = customDriver("texter", CustomAgentConfig.parse({ command: "sh", output: "text", args: [] }));
  const run = new TurnRun({ job, request, directory, driver, talk: null, previous: null, clock, processes });
  const outcomes: TurnOutcome[] = [];
  const watch = new TurnWatch(run, {
    store,
    processes,
    clock,
    log: silentLog,
    limits: () => ({
      total: 1,
      depth: 1,
      asking: 8,
      questionSeconds: 3_600,
      outputBytes: 1_000_000,
      stallSeconds: null,
      exitGraceSeconds: 15,
      dayUsd: null,
      retentionDays: 1,
      retentionBytes: 1,
    }),
    onEvents: () => {},
    ...over,
    conclude: async (job, outcome) => {
      outcomes.push(outcome);
      await over.conclude?.(job, outcome);
    },
  }, { pulse: new Pulse(), isAwaited: () => true, ageMs: 0, mark: null });
  return { directory, turn, watch, outcomes };
}
