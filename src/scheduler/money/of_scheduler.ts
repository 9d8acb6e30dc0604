/**
 * Room `scheduler`: budgets, made with what the scheduler has of jobs and talks.
 *
 * @module
 */
import { join } from "node:path";
import type { Job } from "../../domain/job/job.ts";
import type { JobDirectories } from "../../kernel/job_directories.ts";
import type { JobStore } from "../../store/job_store.ts";
import type { Clock } from "../../system/clock.ts";
import type { Log } from "../../system/log.ts";
import type { Limits } from "../limits.ts";
import { ADVICE_KEY, type GivenSteer } from "../talk/live_turn.ts";
import type { TurnRun } from "../turn/run.ts";
import { DayBudget } from "./day_budget.ts";
import { DayLedger } from "./day_ledger.ts";
import { Spending } from "./spending.ts";

export type { Spending } from "./spending.ts";

interface Scheduling {
  readonly options: {
    readonly directories: JobDirectories;
    readonly store: JobStore;
    readonly clock: Clock;
    readonly log: Log;
    readonly limits: () => Limits;
  };
  readonly supervisor: { run(id: string): TurnRun | null };
  readonly talks: { steer(id: string, given: GivenSteer): Promise<unknown> };
  readonly active: { running(): readonly Job[] };
}

/** The file in the state directory that {@link DayLedger} keeps. */
const DAY_LEDGER_FILE = "day_budget.json";

function dayBudgetOf(scheduler: Scheduling): DayBudget {
  const { directories, log, limits } = scheduler.options;
  return new DayBudget({
    ...scheduler.options,
    ledger: new DayLedger({ path: join(directories.home, DAY_LEDGER_FILE), log }),
    limit: () => limits().dayUsd,
    runs: () => scheduler.active.running().flatMap(({ id }) => scheduler.supervisor.run(id) ?? []),
  });
}

export function spendingOf(scheduler: Scheduling): Spending {
  return new Spending({
    ...scheduler.options,
    day: dayBudgetOf(scheduler),
    run: (id) => scheduler.supervisor.run(id),
    running: () => scheduler.active.running(),
    warn: ({ id, turn }, text) => {
      const given = { key: `${ADVICE_KEY}budget of turn ${turn}`, text, by: "agent-async" };
      void scheduler.talks.steer(id, given).catch(() => {});
    },
  });
}
