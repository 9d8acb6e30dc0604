/**
 * Room `scheduler`: what all jobs together may use on a day (`budgets.day_usd`), from one local midnight to the next.
 * When it is used up, jobs wait for the next day, and turns that run are ended. A turn counts on the days on which it
 * used something.
 *
 * @module
 */
import { pricesText, type Spent, sumOfSpent, type UsedUp, WARNING_SHARE } from "../../domain/job/budget.ts";
import { finishedAt, type Job } from "../../domain/job/job.ts";
import { localDay, localMidnight } from "../../system/local_day.ts";
import type { TurnOutcome } from "../../domain/turn/turn.ts";
import type { JobDirectories } from "../../kernel/job_directories.ts";
import type { JobStore } from "../../store/job_store.ts";
import type { Clock } from "../../system/clock.ts";
import { Slices } from "../../system/yielding/slices.ts";
import { endedTurns } from "../turn/ended_turns.ts";
import type { TurnRun } from "../turn/run.ts";
import type { DayLedger } from "./day_ledger.ts";
import { loadPrices, spentIn } from "./prices.ts";
import { spentInEnded, spentInTurn } from "./turn_spending.ts";

export interface DayBudgetOptions {
  readonly store: Pick<JobStore, "inStatus">;
  readonly directories: JobDirectories;
  readonly clock: Clock;
  readonly ledger: DayLedger;
  /** US dollars of a day; `null` for no budget. */
  readonly limit: () => number | null;
  /** The watched turns. */
  readonly runs: () => readonly TurnRun[];
}

export interface DaySpent {
  /** As YYYY-MM-DD. */
  readonly day: string;
  readonly limitUsd: number;
  readonly spent: Spent;
  /** Turns whose money nobody can tell. */
  readonly unknown: number;
  /** Epoch ms of the next local midnight. */
  readonly endsAt: number;
}

/** Ms for which a sum over the running turns holds. */
const SUM_MS = 250;

export class DayBudget {
  /** The day that was looked at last; `null` before the first look, and while there is no budget. */
  #day: string | null = null;
  #sum: { readonly at: number; readonly found: DaySpent } | null = null;

  constructor(private readonly options: DayBudgetOptions) {}

  get isSet(): boolean {
    return this.options.limit() !== null;
  }

  /**
   * To be called before each scheduling round. With the first one under a budget it counts the turns that have ended
   * today: an earlier daemon, or this one without a budget, may not have noted them.
   */
  async refresh(): Promise<void> {
    if (!this.isSet) {
      this.#day = null;
      this.#sum = null;
      return;
    }
    await loadPrices();
    if (this.#day === null) await this.#countToday();
    this.#turnDay();
  }

  /** What today has cost so far; `null` where there is no budget, or nobody has counted yet. */
  spent(): DaySpent | null {
    const { limit, clock } = this.options;
    const limitUsd = limit();
    if (limitUsd === null || this.#day === null) return null;
    const day = this.#turnDay();
    const at = clock.steady();
    const known = this.#sum;
    if (known !== null && at - known.at < SUM_MS && known.found.day === day) {
      return { ...known.found, limitUsd };
    }
    const found = { ...this.#count(day), limitUsd };
    this.#sum = { at, found };
    return found;
  }

  /** What is used up; `null` while there is something left. */
  usedUp(): UsedUp | null {
    const spent = this.spent();
    return spent === null || shareIn(spent) < 1 ? null : {
      message: `The budget of the day is used up: ${spentTodayText(spent)}`,
      hint: `Continue it with job_reply: it waits until ${
        timeText(spent)
      }, or until budgets.day_usd is raised in config.json, and then the session goes on.`,
    };
  }

  /** Whether something is left, counted afresh: for what is decided once. */
  hasRoom(): boolean {
    this.#sum = null;
    return this.usedUp() === null;
  }

  /** What all pending jobs wait for; `null` while there is something left. */
  hold(): { waitingFor: string; until: number } | null {
    const spent = this.spent();
    if (spent === null || shareIn(spent) < 1) return null;
    const waitingFor = `the next day, from ${timeText(spent)}, or a larger budgets.day_usd in config.json: ${
      spentTodayText(spent)
    }`;
    return { waitingFor, until: spent.endsAt };
  }

  /** What a running agent is told; `null` for nothing. */
  warning(): string | null {
    const spent = this.spent();
    if (spent === null || shareIn(spent) < WARNING_SHARE || shareIn(spent) >= 1) return null;
    return "Four fifths of what all tasks together may cost today are used. Do only what this task needs, leave the " +
      "work in a good state early, and say what is left.";
  }

  /** Notes what a turn has used that has ended just now. */
  async note(job: Job, outcome: TurnOutcome): Promise<void> {
    if (!this.isSet || outcome.own === undefined || outcome.started_at === null) return;
    await loadPrices();
    const { ledger, clock } = this.options;
    const day = localDay(clock.now());
    ledger.note(day, keyOf(job.id, outcome.turn), spentIn(outcome.own.usage, outcome.model));
    ledger.save(day);
    this.#sum = null;
  }

  #count(day: string): Omit<DaySpent, "limitUsd"> {
    const { ledger, runs, clock } = this.options;
    const live = runs().map((run) => {
      const key = keyOf(run.job.id, run.job.turn);
      const spent = spentInTurn(run);
      const costUsd = spent.costUsd === null ? null : Math.max(0, spent.costUsd - ledger.carried(day, key));
      return { key, spent: { ...spent, costUsd } };
    });
    const { spent, unknown } = ledger.ended(day, new Set(live.map(({ key }) => key)));
    return {
      day,
      spent: sumOfSpent([spent, ...live.map((one) => one.spent)]),
      unknown,
      endsAt: localMidnight(clock.now(), 1),
    };
  }

  /** When a new day has begun, what the running turns have used by now belongs to the day before. @returns today */
  #turnDay(): string {
    const { ledger, clock, runs } = this.options;
    const today = localDay(clock.now());
    const before = this.#day;
    this.#day = today;
    if (before === null || before >= today) return today;
    for (const run of runs()) {
      const key = keyOf(run.job.id, run.job.turn);
      const spent = spentInTurn(run);
      ledger.note(before, key, spent);
      ledger.carry(today, key, spent.costUsd ?? 0);
    }
    ledger.save(today);
    return today;
  }

  async #countToday(): Promise<void> {
    const { store, directories, ledger, clock } = this.options;
    const [from, to] = [localMidnight(clock.now()), localMidnight(clock.now(), 1)];
    const day = localDay(clock.now());
    const slices = new Slices();
    for (const status of ["done", "error", "cancelled", "running", "pending"] as const) {
      for await (const job of store.inStatus(status)) {
        await slices.pause();
        if ((finishedAt(job) ?? to) < from) continue;
        for (const turn of endedTurns(directories.job(job.id))) {
          const { outcome } = turn;
          if (outcome.finished_at < from || outcome.finished_at >= to) continue;
          ledger.note(day, keyOf(job.id, outcome.turn), spentInEnded(turn));
        }
      }
    }
    ledger.save(day);
    this.#day = day;
  }
}

function keyOf(job: string, turn: number): string {
  return `${job}/${turn}`;
}

function shareIn({ spent, limitUsd }: DaySpent): number {
  return (spent.costUsd ?? 0) / limitUsd;
}

/** What a day has cost, in words. */
export function spentTodayText({ spent, limitUsd, unknown }: DaySpent): string {
  const left = unknown === 0
    ? ""
    : `; nobody can tell what ${unknown} further ${unknown === 1 ? "turn" : "turns"} cost`;
  return `$${(spent.costUsd ?? 0).toFixed(4)} of $${limitUsd}${pricesText(spent)}${left}`;
}

function timeText({ endsAt }: DaySpent): string {
  return `local midnight (${new Date(endsAt).toISOString()})`;
}

/** The day's budget among the limits that are shown; nothing without one. */
export function dayLimits(day: Pick<DayBudget, "spent">): { day_usd?: number; day_spent_usd?: number } {
  const spent = day.spent();
  return spent === null ? {} : { day_usd: spent.limitUsd, day_spent_usd: spent.spent.costUsd ?? 0 };
}
