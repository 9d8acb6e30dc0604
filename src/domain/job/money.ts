/**
 * Room `domain`: sums of money, with how far they are known.
 *
 * @module
 */
import * as z from "zod";
import type { Spent } from "./budget.ts";

export const Money = z.object({
  /** `null` when turns ran and nobody can tell what any of them cost. */
  usd: z.number().nullable(),
  /** The part of it that no agent told: tokens by the table of prices. */
  priced_usd: z.number(),
  /** Turns of which nobody can tell what they cost. */
  unknown_turns: z.number().int(),
  /** The table of prices with its version and date; absent where none was used. */
  prices: z.string().optional(),
});
export type Money = z.infer<typeof Money>;

/** What one job has cost. */
export const JobMoney = Money.extend({
  /** Why nobody can tell what a turn cost; absent where all is known. */
  why: z.string().optional(),
});
export type JobMoney = z.infer<typeof JobMoney>;

/** The sum over the turns of a job. */
export function moneyOfJob(turns: readonly Pick<Spent, "costUsd" | "prices" | "why">[]): JobMoney {
  const why = turns.find((turn) => turn.why !== undefined)?.why;
  return { ...moneyOf(turns), ...(why === undefined ? {} : { why }) };
}

/** The sum over turns. */
export function moneyOf(all: readonly Pick<Spent, "costUsd" | "prices">[]): Money {
  const known = all.flatMap(({ costUsd, prices }) => costUsd === null ? [] : [{ usd: costUsd, prices }]);
  const sum = (parts: typeof known) => parts.reduce((total, { usd }) => total + usd, 0);
  const priced = known.filter(({ prices }) => prices !== undefined);
  return {
    usd: all.length > 0 && known.length === 0 ? null : sum(known),
    priced_usd: sum(priced),
    unknown_turns: all.length - known.length,
    ...(priced[0]?.prices === undefined ? {} : { prices: priced[0].prices }),
  };
}
