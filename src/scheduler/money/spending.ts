/**
 * Room `scheduler`: what jobs with a budget have used, with all that they have started. Of a job that has ended its last
 * word stands in a file of the job around it, so that neither a daemon's end nor the removal of the child loses it.
 *
 * @module
 */
import { join } from "node:path";
import * as z from "zod";
import { type Budget, shareOf, type Spent, sumOfSpent, WARNING_SHARE } from "../../domain/job/budget.ts";
import type { Job } from "../../domain/job/job.ts";
import { parsedJson } from "../../domain/reading/parsed_json.ts";
import type { TurnOutcome } from "../../domain/turn/turn.ts";
import type { Usage } from "../../domain/turn/usage.ts";
import type { JobDirectories } from "../../kernel/job_directories.ts";
import type { Clock } from "../../system/clock.ts";
import { ifOurs, readTextIfOurs, writeAtomically } from "../../system/files/files.ts";
import type { TurnRun } from "../turn/run.ts";
import { readLaunch, readPreviousOutcome } from "../turn/files.ts";
import type { GivenSteer } from "../talk/live_turn.ts";
import { priceOf } from "./prices.ts";

export interface SpendingOptions {
  directories: JobDirectories;
  /** The watched turn of a job. */
  run: (id: string) => TurnRun | null;
  /** Jobs that run. */
  running: () => readonly Job[];
  clock: Clock;
  /** Tells the agent of a running turn that a budget comes to its end. */
  warn: (job: Job) => void;
}

/** Ms between two looks at what a turn has used. */
const LOOK_MS = 500;

/** By job id, of all jobs below one with a budget: what each has used itself, over all its turns. */
const Ledger = z.record(
  z.string(),
  z.object({ cost_usd: z.number().nullable(), tokens: z.number().nullable() }),
);
type Ledger = z.infer<typeof Ledger>;

/** What an agent is told at {@link WARNING_SHARE}, where it can be told anything. */
const BUDGET_WARNING =
  "Four fifths of the budget of this task are used. Come to an end: leave the work in a good state, and say what is left.";

export class Spending {
  readonly #looks = new WeakMap<TurnRun, { at: number; isWarned: boolean }>();

  constructor(private readonly options: SpendingOptions) {}

  /**
   * The cause for which a running turn is to be ended; `null` for none. At {@link WARNING_SHARE} its agent is told, once.
   * A look may read a file, so there is one every {@link LOOK_MS} at most.
   */
  over(run: TurnRun): "budget_exceeded" | null {
    const budgets = budgetsOver(run.job);
    if (budgets.length === 0) return null;
    const now = this.options.clock.steady();
    const known = this.#looks.get(run) ?? { at: Number.NEGATIVE_INFINITY, isWarned: false };
    if (now - known.at < LOOK_MS) return null;
    const share = Math.max(...budgets.map(({ id, budget }) => shareOf(budget, this.#spent(id))));
    const isToWarn = share >= WARNING_SHARE && share < 1 && !known.isWarned;
    this.#looks.set(run, { at: now, isWarned: known.isWarned || isToWarn });
    if (isToWarn) this.options.warn(run.job);
    return share < 1 ? null : "budget_exceeded";
  }

  /** What a job has used with all that it has started, as far as it is known. */
  spent(job: Job): Spent {
    return this.#spent(job.id, job);
  }

  /** Notes what a turn has used in the jobs around it that have a budget. Throws when the disk is full. */
  note(job: Job, outcome: TurnOutcome): void {
    const { usage } = outcome.totals;
    const own = { cost_usd: costOf(usage, outcome.model), tokens: usage.total_tokens };
    for (const { id } of job.budgets_over ?? []) {
      const path = this.#ledgerFile(id);
      ifOurs(() => writeAtomically(path, JSON.stringify({ ...this.#ledger(id), [job.id]: own })));
    }
  }

  #spent(id: string, record?: Job): Spent {
    const below = this.#ledger(id);
    const running = this.options.running().filter((job) =>
      (job.budgets_over ?? []).some((over) => over.id === id)
    );
    const live = running.flatMap((job): [string, Spent][] => {
      const run = this.options.run(job.id);
      return run === null ? [] : [[job.id, ofRun(run)]];
    });
    const ended = Object.entries(below).filter(([child]) => !live.some(([other]) => other === child))
      .map(([, { cost_usd, tokens }]) => ({ costUsd: cost_usd, tokens }));
    return sumOfSpent([this.#own(id, record), ...live.map(([, spent]) => spent), ...ended]);
  }

  #own(id: string, record?: Job): Spent {
    const run = this.options.run(id);
    if (run !== null) return ofRun(run);
    const directory = this.options.directories.job(id);
    const job = record ?? this.options.running().find((one) => one.id === id);
    const last = directory.turns().at(-1);
    if (last === undefined) return { costUsd: null, tokens: null };
    const outcome = readPreviousOutcome(directory, {
      turn: last + 1,
      previous_turn: job?.turn ?? last,
    });
    return outcome === null
      ? { costUsd: null, tokens: null }
      : { costUsd: costOf(outcome.totals.usage, outcome.model), tokens: outcome.totals.usage.total_tokens };
  }

  #ledger(id: string): Ledger {
    return Ledger.safeParse(parsedJson(readTextIfOurs(this.#ledgerFile(id)) ?? "")).data ?? {};
  }

  #ledgerFile(id: string): string {
    return join(this.options.directories.job(id).path, "spent.json");
  }
}

/** The budgets that hold for a job: its own, and those of the jobs around it. */
function budgetsOver({ id, budget, budgets_over = [] }: Job): { id: string; budget: Budget }[] {
  return [...(budget === undefined ? [] : [{ id, budget }]), ...budgets_over];
}

function ofRun(run: TurnRun): Spent {
  const { usage } = run.totals;
  const model = run.output.tally.model ?? readLaunch(run.files)?.model ?? null;
  return { costUsd: costOf(usage, model), tokens: usage.total_tokens };
}

/** As the agent tells it, else by the price of its tokens. */
function costOf(usage: Usage, model: string | null): number | null {
  return usage.cost_usd ?? priceOf(usage, model);
}

/** What a scheduler has of jobs and talks, for {@link spendingOf}. */
interface Scheduling {
  readonly options: { readonly directories: JobDirectories; readonly clock: Clock };
  readonly supervisor: { run(id: string): TurnRun | null };
  readonly talks: { steer(id: string, given: GivenSteer): Promise<unknown> };
  queue(): { readonly running: readonly Job[] };
}

export function spendingOf(scheduler: Scheduling): Spending {
  return new Spending({
    ...scheduler.options,
    run: (id) => scheduler.supervisor.run(id),
    running: () => scheduler.queue().running,
    warn: ({ id, turn }) => {
      const given = { key: `budget-${turn}`, text: BUDGET_WARNING, by: "agent-async" };
      void scheduler.talks.steer(id, given).catch(() => {});
    },
  });
}
