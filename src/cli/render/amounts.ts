/**
 * Room `cli`: numbers of tokens and amounts of money, as text for people.
 *
 * @module
 */
import type { Money } from "../../domain/job/money.ts";

/** A number of tokens, such as `840`, `12.3 k`, `1.2 M` or `3.4 G`; `?` for `null`, which means unknown. */
export function tokensText(tokens: number | null): string {
  if (tokens === null) return "?";
  if (tokens < 1_000) return String(tokens);
  for (const [unit, size] of UNITS) if (tokens >= size * 0.9995) return `${scaled(tokens / size)} ${unit}`;
  return String(tokens);
}

const UNITS = [["G", 1e9], ["M", 1e6], ["k", 1e3]] as const;

function scaled(amount: number): string {
  return amount < 99.95 ? amount.toFixed(1) : amount.toFixed(0);
}

/** An amount in US dollars: four digits after the point below one dollar, otherwise two. */
export function costText(dollars: number): string {
  return dollars > 0 && dollars < 1 ? `$${dollars.toFixed(4)}` : `$${dollars.toFixed(2)}`;
}

/** `+` marks an amount to which turns of unknown price would have to be added. */
export function amountText({ usd, unknown_turns: unknown }: Pick<Money, "usd" | "unknown_turns">): string {
  return usd === null ? "?" : `${costText(usd)}${unknown > 0 ? "+" : ""}`;
}
