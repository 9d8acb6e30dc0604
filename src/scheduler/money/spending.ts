/**
 * Room `scheduler`: what jobs with a budget have used, with all that they have started. Of a job that has ended its last
 * word stands in a file of the job around it, so that neither a daemon's end nor the removal of the child loses it.
 *
 * @module
 */
import { join } from "node:path";
import * as z from "zod";
import {
  type Budget,
  shareOf,
  type Spent,
  spentText,
  sumOfSpent,
  type UsedUp,
  WARNING_SHARE,
} from "../../domain/job/budget.ts";
import type { Job } from "../../domain/job/job.ts";
import { parsedJson } from "../../domain/reading/parsed_json.ts";
import type { TurnOutcome } from "../../domain/turn/turn.ts";
import type { JobDirectories } from "../../kernel/job_directories.ts";
import type { Clock } from "../../system/clock.ts";
import { ifOurs, writeAtomically } from "../../system/files/files.ts";
import { readTextIfOurs } from "../../system/files/is_there.ts";
import type { TurnRun } from "../turn/run.ts";
import { endedTurns } from "../turn/ended_turns.ts";
import type { DayBudget } from "./day_budget.ts";
import { loadPrices, spentIn } from "./prices.ts";
import { Amount, amountOf, spentOf } from "./amount.ts";
import { spentInEnded, spentInTurn } from "./turn_spending.ts";

export interface SpendingOptions {
  directories: JobDirectories;
  /** The watched turn of a job. */
  run: (id: string) => TurnRun | null;
  /** Jobs that run. */
  running: () => readonly Job[];
  clock: Clock;
  day: DayBudget;
  /** Tells the agent of a running turn that a budget comes to its end. */
  warn: (job: Job, text: string) => void;
}

/** Ms between two looks at what a turn has used. */
const LOOK_MS = 500;

/** By job id, of all jobs below one with a budget: what each has used itself, over all its turns. */
const Ledger = z.record(z.string(), Amount);
type Ledger = z.infer<typeof Ledger>;

/** What an agent is told at {@link WARNING_SHARE}, where it can be told anything. */
const BUDGET_WARNING =
  "Four fifths of the budget of this task are used. Come to an end: leave the work in a good state, and say what is left.";

const RAISE_HINT =
  "Continue it with job_reply and a larger max_cost_usd or max_tokens, which count from the job's beginning: the session goes on.";

/** What turns ask of the budgets over them. */
export type Budgets = Pick<Spending, "over" | "hasRoom" | "isOver">;

interface KeptBudget {
  readonly id: string;
  readonly budget: Budget;
  readonly spent: Spent;
  readonly share: number;
}

export class Spending {
  readonly #looks = new WeakMap<TurnRun, { at: number; isWarned: boolean }>();
  /** What the jobs of running turns have used in their earlier turns. */
  readonly #earlier = new WeakMap<TurnRun, Spent>();

  /** What all jobs together may use on a day. */
  readonly day: DayBudget;

  constructor(private readonly options: SpendingOptions) {
    this.day = options.day;
  }

  /**
   * What is used up, so that a running turn is to be ended; `null` for nothing. At {@link WARNING_SHARE} its agent is
   * told, once. A look may read a file, so there is one every {@link LOOK_MS} at most.
   */
  over(run: TurnRun): UsedUp | null {
    const { day, options: { clock, warn } } = this;
    const budgets = budgetsOver(run.job);
    if (budgets.length === 0 && !day.isSet) return null;
    const now = clock.steady();
    const known = this.#looks.get(run) ?? { at: Number.NEGATIVE_INFINITY, isWarned: false };
    if (now - known.at < LOOK_MS) return null;
    // Until they are there, all that is priced counts as unknown.
    void loadPrices();
    const kept = budgets.map((one) => this.#kept(one));
    const share = Math.max(0, ...kept.map((one) => one.share));
    const warning = share >= WARNING_SHARE && share < 1 ? BUDGET_WARNING : day.warning();
    const isToWarn = warning !== null && !known.isWarned;
    this.#looks.set(run, { at: now, isWarned: known.isWarned || isToWarn });
    if (isToWarn) warn(run.job, warning);
    return usedUpIn(kept, run.job) ?? day.usedUp();
  }

  /** The budget of a job, or around it, that is used up, so that no further turn of the job is begun. */
  async usedUp(job: Job | null): Promise<UsedUp | null> {
    const budgets = job === null ? [] : budgetsOver(job);
    if (job === null || budgets.length === 0) return null;
    await loadPrices();
    return usedUpIn(budgets.map(({ id, budget }) => this.#kept({ id, budget }, job)), job);
  }

  /** What all pending jobs wait for; `null` for nothing. To be called before each scheduling round. */
  async hold(): Promise<ReturnType<DayBudget["hold"]>> {
    await this.day.refresh();
    return this.day.hold();
  }

  /** Whether any budget holds for a job. */
  isOver(job: Job): boolean {
    return this.day.isSet || budgetsOver(job).length > 0;
  }

  /** Whether the agent of a job may be given more to do at once. */
  async hasRoom(job: Job): Promise<boolean> {
    return await this.usedUp(job) === null && this.day.hasRoom();
  }

  /** What a job has used with all that it has started, as far as it is known. */
  async spent(job: Pick<Job, "id">): Promise<Spent> {
    await loadPrices();
    return this.#spent(job.id);
  }

  /** Notes what a turn has used in the jobs around it that have a budget. Throws when the disk is full. */
  async note(job: Job, outcome: TurnOutcome): Promise<void> {
    await this.day.note(job, outcome);
    const around = job.budgets_over ?? [];
    if (around.length === 0) return;
    await loadPrices();
    const own = amountOf(this.#ended(job.id, outcome));
    for (const { id } of around) {
      const path = this.#ledgerFile(id);
      ifOurs(() => writeAtomically(path, JSON.stringify({ ...this.#ledger(id), [job.id]: own })));
    }
  }

  #kept({ id, budget }: { id: string; budget: Budget }, job?: Job): KeptBudget {
    // The record of a job around this one is that of its start; a reply may have given it another budget since.
    const now = this.options.running().find((one) => one.id === id) ?? (job?.id === id ? job : undefined);
    const present = now?.budget ?? budget;
    const spent = this.#spent(id);
    return { id, budget: present, spent, share: shareOf(present, spent) };
  }

  #spent(id: string): Spent {
    const below = this.#ledger(id);
    const running = this.options.running().filter((job) =>
      (job.budgets_over ?? []).some((over) => over.id === id)
    );
    const live = running.flatMap((job): [string, Spent][] => {
      const run = this.options.run(job.id);
      return run === null ? [] : [[job.id, this.#ofRun(run)]];
    });
    const ended = Object.entries(below).filter(([child]) => !live.some(([other]) => other === child))
      .map(([, amount]) => spentOf(amount));
    return sumOfSpent([this.#own(id), ...live.map(([, spent]) => spent), ...ended]);
  }

  #own(id: string): Spent {
    const run = this.options.run(id);
    return run === null ? this.#ended(id) : this.#ofRun(run);
  }

  #ofRun(run: TurnRun): Spent {
    const { id, turn } = run.job;
    const earlier = this.#earlier.get(run) ??
      sumOfSpent(this.#turns(id).filter(({ outcome }) => outcome.turn !== turn).map(spentInEnded));
    this.#earlier.set(run, earlier);
    return sumOfSpent([earlier, spentInTurn(run)]);
  }

  /** @param last an outcome that may not be on disk yet */
  #ended(id: string, last?: TurnOutcome): Spent {
    const turns = this.#turns(id).filter(({ outcome }) => outcome.turn !== last?.turn).map(spentInEnded);
    const own = last?.own === undefined ? [] : [spentIn(last.own.usage, last.model)];
    return sumOfSpent([...turns, ...own]);
  }

  #turns(id: string) {
    return endedTurns(this.options.directories.job(id));
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

function usedUpIn(kept: readonly KeptBudget[], job: Job): UsedUp | null {
  const over = kept.find(({ share }) => share >= 1);
  if (over === undefined) return null;
  const whose = over.id === job.id ? "the job" : `job ${over.id}, which started it,`;
  return {
    message: `The budget of ${whose} is used up: ${spentText(over.budget, over.spent)}`,
    hint: over.id === job.id
      ? RAISE_HINT
      : `Continue job ${over.id} with job_reply and a larger max_cost_usd or max_tokens first.`,
  };
}
