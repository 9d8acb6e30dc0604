/**
 * Room `agents`: a number of tokens in what an agent prints.
 *
 * @module
 */
import * as z from "zod";

/** `null` for a number that is not told, or is no such number: unknown, not 0. */
export const TokenCount = z.number().int().nonnegative().nullish().catch(null)
  .transform((count) => count ?? null);
