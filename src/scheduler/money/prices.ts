/**
 * Room `scheduler`: tokens as money, by the prices that the library brings with it: nothing is fetched.
 *
 * @module
 */
import type { Spent } from "../../domain/job/budget.ts";
import { UNKNOWN_USAGE, type Usage } from "../../domain/turn/usage.ts";

/** The table of prices: the library's version, and the day of its release. */
export const PRICES_OF = "@pydantic/genai-prices 0.1.8 of 2026-09-23";

type Library = typeof import("@pydantic/genai-prices");

/** Loaded with the first budget of money: half a megabyte of prices, which few daemons need. */
let library: Library | null = null;

export async function loadPrices(): Promise<void> {
  library ??= await import("@pydantic/genai-prices");
}

/** US dollars; `null` for an unknown model or usage, and before {@link loadPrices}. */
export function priceOf(usage: Usage, model: string | null): number | null {
  const { input_tokens: input, output_tokens: output, cached_input_tokens: cached } = usage;
  if (model === null || input === null || output === null) return null;
  const tokens = {
    input_tokens: input,
    output_tokens: output,
    cache_read_tokens: Math.min(cached ?? 0, input),
  };
  const [providerId = "", ...rest] = model.split("/");
  return calculated(tokens, model) ??
    (rest.length === 0 ? null : calculated(tokens, rest.join("/"), { providerId }));
}

/**
 * Why nobody can tell what an agent costs, in words; `null` where it tells its money itself, or the price of its model
 * is known. To be asked after {@link loadPrices}.
 */
export function whyNoMoney(driver: { readonly tellsMoney?: boolean }, model: string | null): string | null {
  if (driver.tellsMoney === true) return null;
  const some = { ...UNKNOWN_USAGE, input_tokens: 1_000, output_tokens: 1_000 };
  return priceOf(some, model) === null ? whyNoPrice(some, model) : null;
}

function whyNoPrice({ input_tokens: input, output_tokens: output }: Usage, model: string | null): string {
  if (input === null || output === null) return "its tokens are not known";
  return model === null
    ? "no model is named whose price is known"
    : `no price of the model ${model} is known (${PRICES_OF})`;
}

/** The library throws for counts that are none. */
function calculated(...[tokens, model, options]: Parameters<Library["calcPrice"]>): number | null {
  try {
    const price = library?.calcPrice(tokens, model, options)?.total_price;
    return price !== undefined && Number.isFinite(price) && price >= 0 ? price : null;
  } catch {
    return null;
  }
}

/** What one turn has used: money as its agent tells it, else by the price of its tokens. */
export function spentIn(usage: Usage, model: string | null): Spent {
  const { cost_usd: told, total_tokens: tokens } = usage;
  if (told !== undefined && Number.isFinite(told)) return { costUsd: told, tokens };
  const costUsd = priceOf(usage, model);
  if (costUsd === null) return { costUsd, tokens, why: whyNoPrice(usage, model) };
  return { costUsd, tokens, prices: PRICES_OF };
}
