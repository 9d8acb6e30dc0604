/**
 * Room `scheduler`: tokens as money, by the prices that the library brings with it: nothing is fetched.
 *
 * @module
 */
import type { Usage } from "../../domain/turn/usage.ts";

/** The version of `@pydantic/genai-prices`, whose prices are of its release. */
export const PRICES_OF = "@pydantic/genai-prices 0.1.8";

type Library = typeof import("@pydantic/genai-prices");

/** Loaded with the first budget of money: half a megabyte of prices, which few daemons need. */
let library: Library | null = null;

export async function loadPrices(): Promise<void> {
  library ??= await import("@pydantic/genai-prices");
}

/** US dollars; `null` for an unknown model or usage, and before {@link loadPrices}. */
export function priceOf(usage: Usage, model: string | null): number | null {
  const { input_tokens: input, output_tokens: output, cached_input_tokens: cached } = usage;
  if (library === null || model === null || input === null || output === null) return null;
  try {
    const price = library.calcPrice(
      { input_tokens: input, output_tokens: output, cache_read_tokens: Math.min(cached ?? 0, input) },
      model,
    );
    return price?.total_price ?? null;
  } catch {
    return null;
  }
}
