/**
 * Room `scheduler`: what was used, as the files of budgets keep it.
 *
 * @module
 */
import * as z from "zod";
import type { Spent } from "../../domain/job/budget.ts";

export const Amount = z.object({
  /** US dollars; `null` where nobody can tell. */
  cost_usd: z.number().nonnegative().nullable(),
  /** `null` where nobody can tell, or nobody counts them. */
  tokens: z.number().nonnegative().nullable().default(null),
  /** The table of prices by which tokens became money. */
  prices: z.string().optional(),
});
export type Amount = z.infer<typeof Amount>;

export function amountOf({ costUsd, tokens, prices }: Spent): Amount {
  return { cost_usd: costUsd, tokens, ...(prices === undefined ? {} : { prices }) };
}

export function spentOf({ cost_usd, tokens, prices }: Amount): Spent {
  return { costUsd: cost_usd, tokens, ...(prices === undefined ? {} : { prices }) };
}
