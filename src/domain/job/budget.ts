/**
 * Room `domain`: what a job may use at most, with all that it starts, and what all jobs together may use on a day.
 *
 * @module
 */
import * as z from "zod";

export const Budget = z.object({
  /** US dollars. */
  cost_usd: z.number().positive().optional(),
  tokens: z.number().int().positive().optional(),
});
export type Budget = z.infer<typeof Budget>;

/** What was used; `null` where nobody knows. */
export interface Spent {
  readonly costUsd: number | null;
  readonly tokens: number | null;
  /** The table of prices by which tokens in it became money; absent where agents told all of the money. */
  readonly prices?: string;
  /** Of one turn: why nobody can tell its money, in words; absent where it is known. */
  readonly why?: string;
}

export const NOTHING_SPENT: Spent = { costUsd: 0, tokens: 0 };

/** Why a turn is ended or not begun: what is used up, and what to do about it. */
export interface UsedUp {
  readonly message: string;
  readonly hint: string;
}

/** Share of a budget at which an agent is told to come to an end. */
export const WARNING_SHARE = 0.8;

/** The sum of what is known: what nobody knows cannot be held against anybody. */
export function sumOfSpent(all: readonly Spent[]): Spent {
  const sum = (name: "costUsd" | "tokens") => {
    const known = all.map((spent) => spent[name]).filter((value) => value !== null);
    return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
  };
  const prices = all.find((spent) => spent.prices !== undefined)?.prices;
  return {
    costUsd: sum("costUsd"),
    tokens: sum("tokens"),
    ...(prices === undefined ? {} : { prices }),
  };
}

/** How much of the budget is used, 1 for all of it: of money or tokens, whichever is more. */
export function shareOf({ cost_usd, tokens }: Budget, spent: Spent): number {
  return Math.max(
    cost_usd === undefined ? 0 : (spent.costUsd ?? 0) / cost_usd,
    tokens === undefined ? 0 : (spent.tokens ?? 0) / tokens,
  );
}

/** What was used of the budget, in words, with the table of prices where one was used. */
export function spentText({ cost_usd, tokens }: Budget, spent: Spent): string {
  return [
    ...(cost_usd === undefined
      ? []
      : [`$${(spent.costUsd ?? 0).toFixed(4)} of $${cost_usd}${pricesText(spent)}`]),
    ...(tokens === undefined ? [] : [`${spent.tokens ?? 0} of ${tokens} tokens`]),
  ].join(", ");
}

/** A remark on money that no agent has told; "" where all of it was told. */
export function pricesText({ prices }: Pick<Spent, "prices">): string {
  return prices === undefined ? "" : ` by the prices of ${prices}`;
}
