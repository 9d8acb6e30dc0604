/**
 * Room `domain`: sums over the jobs that ended in some days. A turn counts for its own agent, model and day. A job
 * counts once, for the agent, model and day with which it ended.
 *
 * @module
 */
import * as z from "zod";
import { calendar, daysBefore } from "./calendar.ts";
import type { EpochMs } from "./job/ids.ts";
import { Money, moneyOf } from "./job/money.ts";
import { Reason } from "./job/reason.ts";
import type { Spent } from "./job/budget.ts";
import { CheckCourse } from "./job/check_course.ts";
import type { Totals } from "./turn/turn.ts";
import { NO_USAGE, subtractUsage, sumOfUsages, Usage } from "./turn/usage.ts";

export const StatisticsGrouping = z.enum(["agent", "model", "day", "directory", "project"]);
export type StatisticsGrouping = z.infer<typeof StatisticsGrouping>;

/** The row key for turns whose model is unknown. It has spaces, so it can be no model's name. */
export const UNKNOWN_MODEL = "not known";

/** Most rows of an answer: more than a person reads, and few enough for one message. */
export const MAX_STATISTICS_ROWS = 1_000;

/** One turn that ran: what it took and used by itself. */
export interface TurnFact {
  readonly agent: string;
  /** As the agent reported it, else as the caller asked; `null` when neither named one. */
  readonly model: string | null;
  readonly finishedAt: EpochMs;
  readonly seconds: number;
  /** Members are `null` where the agent did not report them. */
  readonly usage: Usage;
  /** `null`: unknown. */
  readonly commandsRun: number | null;
  /** What it cost: as its agent told, else by price. Absent: as `usage` says. */
  readonly spent?: Pick<Spent, "costUsd" | "prices">;
  /** What became of the check of a prompt's work, in the turn that settled it; absent for every other turn. */
  readonly check?: CheckCourse | undefined;
}

/** One ended job. */
export interface JobFact {
  readonly agent: string;
  /** Model of the job's last turn, as in {@link TurnFact}. */
  readonly model: string | null;
  readonly cwd: string;
  /** The root of the work tree around `cwd`. */
  readonly project: string;
  readonly finishedAt: EpochMs;
  readonly status: "done" | "error" | "cancelled";
  readonly reason: Reason;
  /** The turns that ran, in order. */
  readonly turns: readonly TurnFact[];
}

const Sums = z.object({
  /** Number of ended jobs; the next three count them by status. */
  jobs: z.number().int(),
  done: z.number().int(),
  error: z.number().int(),
  cancelled: z.number().int(),
  turns: z.number().int(),
  /** Over the turns whose agent reports them; `null` when there are turns and none does. */
  commands_run: z.number().int().nullable(),
  /** Time that agents worked, over all turns. */
  total_seconds: z.number(),
  /** Median of the turns, the lower one of two; `null` when none ran. */
  median_seconds: z.number().nullable(),
  longest_seconds: z.number().nullable(),
  /** Over the turns whose agent reports it; unknown when there are turns and none does. */
  usage: Usage,
  /** Number of ended jobs whose usage is known for every turn. */
  usage_known: z.number().int(),
  /** US dollars over the turns; absent in what an earlier version tells. */
  money: Money.optional(),
  /** How often the checks of a prompt's work passed at first, after repairs, or never. */
  checks: z.record(CheckCourse, z.number().int()).optional(),
});

export const StatisticsRow = Sums.extend({ key: z.string() });
export type StatisticsRow = z.infer<typeof StatisticsRow>;

export const Statistics = z.object({
  by: StatisticsGrouping,
  /** The first and the last day, as YYYY-MM-DD in `time_zone`. */
  from: z.string(),
  to: z.string(),
  time_zone: z.string(),
  /** By day: every day, in order. Otherwise the rows with the most jobs come first. */
  rows: z.array(StatisticsRow),
  /** Number of rows beyond {@link MAX_STATISTICS_ROWS}; `total` includes them. */
  rows_left_out: z.number().int(),
  total: Sums,
  /** Jobs by the reason of their end. */
  reasons: z.partialRecord(Reason, z.number().int()),
});
export type Statistics = z.infer<typeof Statistics>;
type Sums = z.infer<typeof Sums>;

export interface StatisticsOptions {
  readonly by: StatisticsGrouping;
  /** Number of calendar days, today included. */
  readonly days: number;
  /** IANA name, such as `Europe/Berlin`. */
  readonly timeZone: string;
  readonly now: EpochMs;
}

/** @throws RangeError for an unknown time zone */
export function statistics(jobs: Iterable<JobFact>, options: StatisticsOptions): Statistics {
  const { by, timeZone } = options;
  const dayOf = calendar(timeZone);
  const to = dayOf(options.now);
  const from = daysBefore(to, options.days - 1);
  const isWithin = (day: string) => from <= day && day <= to;
  const groups = new Map<string, Counter>();
  const total = new Counter();
  const reasons: Statistics["reasons"] = {};
  if (by === "day") {
    for (let n = options.days - 1; n >= 0; n--) {
      groups.set(daysBefore(to, n), new Counter());
    }
  }
  const counters = (key: string) => {
    const counter = groups.get(key) ?? new Counter();
    groups.set(key, counter);
    return [counter, total];
  };
  for (const job of jobs) {
    for (const turn of job.turns) {
      const day = dayOf(turn.finishedAt);
      if (!isWithin(day)) continue;
      for (const counter of counters(keyOf(by, { ...turn, day, job }))) counter.addTurn(turn);
    }
    const day = dayOf(job.finishedAt);
    if (!isWithin(day)) continue;
    reasons[job.reason] = (reasons[job.reason] ?? 0) + 1;
    for (const counter of counters(keyOf(by, { ...job, day, job }))) counter.addJob(job);
  }
  const rows = [...groups].map(([key, counter]) => ({ key, ...counter.sums() }));
  rows.sort((a, b) => by === "day" ? compare(a.key, b.key) : b.jobs - a.jobs || compare(a.key, b.key));
  return {
    by,
    from,
    to,
    time_zone: timeZone,
    rows: rows.slice(0, MAX_STATISTICS_ROWS),
    rows_left_out: Math.max(0, rows.length - MAX_STATISTICS_ROWS),
    total: total.sums(),
    reasons,
  };
}

/** The key of the row in which a turn or a job counts. */
function keyOf(
  by: StatisticsGrouping,
  { agent, model, day, job }: { agent: string; model: string | null; day: string; job: JobFact },
): string {
  switch (by) {
    case "agent":
      return agent;
    case "model":
      return model ?? UNKNOWN_MODEL;
    case "day":
      return day;
    case "directory":
      return job.cwd;
    case "project":
      return job.project;
  }
}

/** What one turn used: the job's totals up to this turn, less those up to the turn before. */
export function ownTotals(through: Totals, before: Totals | null): Pick<TurnFact, "usage" | "commandsRun"> {
  const isFirstTold = before === null || before.usage.total_tokens === null;
  return {
    usage: isFirstTold ? through.usage : subtractUsage(through.usage, before.usage),
    commandsRun: through.commands_run === null
      ? null
      : Math.max(0, through.commands_run - (before?.commands_run ?? 0)),
  };
}

class Counter {
  readonly #jobs = { done: 0, error: 0, cancelled: 0 };
  readonly #seconds: number[] = [];
  readonly #commandsRun: number[] = [];
  readonly #usages: Usage[] = [];
  #usageKnown = 0;
  readonly #spent: Pick<Spent, "costUsd" | "prices">[] = [];
  readonly #checks = { first: 0, repaired: 0, never: 0 };

  addJob(job: JobFact): void {
    this.#jobs[job.status] += 1;
    if (job.turns.every(({ usage }) => usage.total_tokens !== null)) this.#usageKnown += 1;
  }

  addTurn(turn: TurnFact): void {
    this.#seconds.push(turn.seconds);
    if (turn.commandsRun !== null) this.#commandsRun.push(turn.commandsRun);
    this.#usages.push(turn.usage);
    this.#spent.push(turn.spent ?? { costUsd: turn.usage.cost_usd ?? null });
    if (turn.check !== undefined) this.#checks[turn.check] += 1;
  }

  sums(): Sums {
    const seconds = this.#seconds.sort((a, b) => a - b);
    return {
      jobs: this.#jobs.done + this.#jobs.error + this.#jobs.cancelled,
      ...this.#jobs,
      turns: seconds.length,
      commands_run: seconds.length > 0 && this.#commandsRun.length === 0
        ? null
        : this.#commandsRun.reduce((sum, each) => sum + each, 0),
      total_seconds: thousandths(seconds.reduce((sum, each) => sum + each, 0)),
      median_seconds: seconds[Math.floor((seconds.length - 1) / 2)] ?? null,
      longest_seconds: seconds.at(-1) ?? null,
      usage: seconds.length === 0 ? NO_USAGE : sumOfUsages(this.#usages),
      usage_known: this.#usageKnown,
      money: moneyOf(this.#spent),
      checks: { ...this.#checks },
    };
  }
}

/** Rounds to thousandths, to remove rounding errors of a sum. */
function thousandths(seconds: number): number {
  return Math.round(seconds * 1_000) / 1_000;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
