/**
 * Room `domain`: tokens and money that a turn has used, and their arithmetic.
 *
 * @module
 */
import * as z from "zod";

const Tokens = z.number().int().nonnegative();

/**
 * Tokens of one turn or job. `input_tokens` includes the cached ones, `output_tokens` the reasoning ones, and
 * `total_tokens` is their sum, whatever the agent's own way of counting is: drivers convert.
 */
export const Usage = z.object({
  input_tokens: Tokens,
  cached_input_tokens: Tokens,
  output_tokens: Tokens,
  reasoning_tokens: Tokens.optional(),
  total_tokens: Tokens,
  /** US dollars, only when the agent names a price. */
  cost_usd: z.number().nonnegative().optional(),
});
export type Usage = z.infer<typeof Usage>;

/**
 * Usage as results show it: an unknown number is `null`, never 0. A sum over turns leaves out those whose usage is
 * unknown.
 */
export const ReportedUsage = z.object({
  input_tokens: Tokens.nullable(),
  cached_input_tokens: Tokens.nullable(),
  output_tokens: Tokens.nullable(),
  reasoning_tokens: Tokens.optional(),
  total_tokens: Tokens.nullable(),
  /** US dollars, only when the agent names a price. */
  cost_usd: z.number().nonnegative().optional(),
});
export type ReportedUsage = z.infer<typeof ReportedUsage>;

export const UNKNOWN_USAGE: ReportedUsage = {
  input_tokens: null,
  cached_input_tokens: null,
  output_tokens: null,
  total_tokens: null,
};

/** The usage as numbers; `null` when its input, output or total is unknown. Unknown cached tokens count as 0. */
export function knownUsage(usage: ReportedUsage): Usage | null {
  const { input_tokens, cached_input_tokens, output_tokens, total_tokens } = usage;
  if (input_tokens === null || output_tokens === null || total_tokens === null) return null;
  return {
    ...usage,
    input_tokens,
    output_tokens,
    total_tokens,
    cached_input_tokens: cached_input_tokens ?? 0,
  };
}

/** The sum of the known usages; unknown when none is known. */
export function sumOfKnown(usages: readonly (ReportedUsage | null)[]): ReportedUsage {
  const known = usages.flatMap((usage) => usage === null ? [] : knownUsage(usage) ?? []);
  return known.length === 0 ? UNKNOWN_USAGE : known.reduce(addUsage);
}

export const NO_USAGE: Usage = {
  input_tokens: 0,
  cached_input_tokens: 0,
  output_tokens: 0,
  total_tokens: 0,
};

export function addUsage(a: Usage, b: Usage): Usage {
  return combine(a, b, (x, y) => x + y);
}

/**
 * What was used since `before`, for agents that report totals of a whole session. Never below zero. A total below
 * `before` means that the agent's counter began again: then it is returned whole.
 */
export function subtractUsage(total: Usage, before: Usage): Usage {
  if (total.total_tokens < before.total_tokens) return total;
  return combine(total, before, (x, y) => Math.max(0, x - y));
}

function combine(a: Usage, b: Usage, merge: (x: number, y: number) => number): Usage {
  const input_tokens = merge(a.input_tokens, b.input_tokens);
  const output_tokens = merge(a.output_tokens, b.output_tokens);
  const usage: Usage = {
    input_tokens,
    cached_input_tokens: merge(a.cached_input_tokens, b.cached_input_tokens),
    output_tokens,
    total_tokens: input_tokens + output_tokens,
  };
  if (a.reasoning_tokens !== undefined || b.reasoning_tokens !== undefined) {
    usage.reasoning_tokens = merge(a.reasoning_tokens ?? 0, b.reasoning_tokens ?? 0);
  }
  if (a.cost_usd !== undefined || b.cost_usd !== undefined) {
    usage.cost_usd = merge(a.cost_usd ?? 0, b.cost_usd ?? 0);
  }
  return usage;
}
