/**
 * Room `domain`: tokens and money that a turn has used, and their arithmetic. An unknown number is `null`, never 0.
 *
 * @module
 */
import * as z from "zod";

const Tokens = z.number().int().nonnegative().nullable();

/**
 * Tokens of one turn or job; `null` where nobody told them. `input_tokens` includes the cached ones, `output_tokens`
 * the reasoning ones, and `total_tokens` is their sum, whatever the agent's own way of counting is: drivers convert.
 */
export const Usage = z.object({
  input_tokens: Tokens,
  cached_input_tokens: Tokens,
  output_tokens: Tokens,
  reasoning_tokens: z.number().int().nonnegative().optional(),
  total_tokens: Tokens,
  /** US dollars, only when the agent names a price. */
  cost_usd: z.number().nonnegative().optional(),
});
export type Usage = z.infer<typeof Usage>;

export const UNKNOWN_USAGE: Usage = {
  input_tokens: null,
  cached_input_tokens: null,
  output_tokens: null,
  total_tokens: null,
};

/** The usage of what never ran: known to be nothing. */
export const NO_USAGE: Usage = {
  input_tokens: 0,
  cached_input_tokens: 0,
  output_tokens: 0,
  total_tokens: 0,
};

/** The sum of the known numbers, each by itself; `null` for those that none of them tells. */
export function sumOfUsages(usages: readonly (Usage | null)[]): Usage {
  const [first = UNKNOWN_USAGE, ...rest] = usages.filter((usage) => usage !== null);
  return rest.reduce(addUsage, first);
}

/** As {@link sumOfCounts}, number by number. */
export function addUsage(a: Usage, b: Usage): Usage {
  return combine(a, b, (x, y) => sumOfCounts([x, y]));
}

/**
 * The sum of the known counts. `null` when none is known, or when all that is known is 0: where something is unknown,
 * 0 would say that nothing was used.
 */
export function sumOfCounts(counts: readonly (number | null)[]): number | null {
  const known = counts.filter((count) => count !== null);
  const sum = known.reduce((sum, count) => sum + count, 0);
  return known.length === counts.length || sum > 0 ? sum : null;
}

/**
 * What was used since `before`, for agents that report totals of a whole session. Never below zero. A total below
 * `before` means that the agent's counter began again: then it is returned whole.
 */
export function subtractUsage(total: Usage, before: Usage): Usage {
  if ((total.total_tokens ?? 0) < (before.total_tokens ?? 0)) return total;
  return combine(total, before, (x, y) => x === null || y === null ? null : Math.max(0, x - y));
}

/** What an agent tells may be beyond all bounds, or no count at all: each such number is unknown, and the rest holds. */
export function soundUsage(usage: Usage): Usage {
  const { reasoning_tokens: reasoning, cost_usd: cost, ...tokens } = usage;
  const count = (value: number | null) =>
    value !== null && Number.isSafeInteger(value) && value >= 0 ? value : null;
  return {
    ...tokens,
    input_tokens: count(tokens.input_tokens),
    cached_input_tokens: count(tokens.cached_input_tokens),
    output_tokens: count(tokens.output_tokens),
    total_tokens: count(tokens.total_tokens),
    ...(reasoning === undefined || count(reasoning) === null ? {} : { reasoning_tokens: reasoning }),
    ...(cost === undefined || !Number.isFinite(cost) || cost < 0 ? {} : { cost_usd: cost }),
  };
}

type Merge = (a: number | null, b: number | null) => number | null;

function combine(a: Usage, b: Usage, merge: Merge): Usage {
  const input_tokens = merge(a.input_tokens, b.input_tokens);
  const output_tokens = merge(a.output_tokens, b.output_tokens);
  const usage: Usage = {
    input_tokens,
    cached_input_tokens: merge(a.cached_input_tokens, b.cached_input_tokens),
    output_tokens,
    total_tokens: totalOf(input_tokens, output_tokens),
  };
  // Absent numbers count as 0 in these: agents name them only where there is something to name.
  const reasoning = merge(a.reasoning_tokens ?? 0, b.reasoning_tokens ?? 0);
  const cost = merge(a.cost_usd ?? 0, b.cost_usd ?? 0);
  if ((a.reasoning_tokens ?? b.reasoning_tokens) !== undefined && reasoning !== null) {
    usage.reasoning_tokens = reasoning;
  }
  if ((a.cost_usd ?? b.cost_usd) !== undefined && cost !== null) usage.cost_usd = cost;
  return soundUsage(usage);
}

/** Input and output together; `null` when one of them is unknown. */
export function totalOf(input: number | null, output: number | null): number | null {
  return input === null || output === null ? null : input + output;
}
