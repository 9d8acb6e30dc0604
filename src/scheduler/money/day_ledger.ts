/**
 * Room `scheduler`: the file with what the turns of each day have used. Rule of this file: a turn stands in it under its
 * job and number, so that whoever writes it twice changes nothing.
 *
 * @module
 */
import * as z from "zod";
import { type Spent, sumOfSpent } from "../../domain/job/budget.ts";
import { parsedJson } from "../../domain/reading/parsed_json.ts";
import { ifOurs, writeAtomically } from "../../system/files/files.ts";
import { readTextIfOurs } from "../../system/files/is_there.ts";
import type { Log } from "../../system/log.ts";
import { Amount, amountOf, spentOf } from "./amount.ts";

/** Most days that are kept: a clock that was set back finds what it had counted. */
const MOST_DAYS = 8;

const Day = z.object({
  /** By job id and turn number: what each turn that ended on the day has used on it. */
  turns: z.record(z.string(), Amount),
  /** By job id and turn number: what the turns that ran when the day began had used by then, in US dollars. */
  carried: z.record(z.string(), z.number().nonnegative()),
});
type Day = z.infer<typeof Day>;

const Days = z.record(z.string(), Day);

export interface DayLedgerOptions {
  readonly path: string;
  readonly log: Log;
}

export class DayLedger {
  readonly #options: DayLedgerOptions;
  #days: Record<string, Day>;

  constructor(options: DayLedgerOptions) {
    this.#options = options;
    // Unreadable, it is counted anew from the outcomes of the day's turns.
    this.#days = Days.safeParse(parsedJson(readTextIfOurs(options.path) ?? "")).data ?? {};
  }

  /** Notes what a turn has used in all, less what it had used when the day began. */
  note(day: string, turn: string, { costUsd, prices }: Pick<Spent, "costUsd" | "prices">): void {
    const { turns, carried } = this.#day(day);
    turns[turn] = amountOf({
      costUsd: costUsd === null ? null : Math.max(0, costUsd - (carried[turn] ?? 0)),
      tokens: null,
      ...(prices === undefined ? {} : { prices }),
    });
  }

  /** Notes what a turn that runs into this day had used when the day first began: a clock may be set back and forth. */
  carry(day: string, turn: string, costUsd: number): void {
    this.#day(day).carried[turn] ??= costUsd;
  }

  carried(day: string, turn: string): number {
    return this.#days[day]?.carried[turn] ?? 0;
  }

  /** What the ended turns of a day have used on it, without those in `but`. */
  ended(day: string, but: ReadonlySet<string>): { spent: Spent; unknown: number } {
    const all = Object.entries(this.#days[day]?.turns ?? {}).filter(([turn]) => !but.has(turn));
    const spent = sumOfSpent(all.map(([, amount]) => spentOf(amount)));
    return { spent, unknown: all.filter(([, { cost_usd }]) => cost_usd === null).length };
  }

  /** Writes it down. A failure is logged: what is missing is counted anew by the next daemon. */
  save(today: string): void {
    const kept = Object.keys(this.#days).filter((day) => day !== today).sort().slice(-(MOST_DAYS - 1));
    this.#days = Object.fromEntries(
      Object.entries(this.#days).filter(([day]) => day === today || kept.includes(day)),
    );
    try {
      ifOurs(() => writeAtomically(this.#options.path, JSON.stringify(this.#days)));
    } catch (error) {
      this.#options.log.error("cannot write what the day has cost", { error: String(error) });
    }
  }

  #day(day: string): Day {
    return this.#days[day] ??= { turns: {}, carried: {} };
  }
}
