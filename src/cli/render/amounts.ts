/**
 * Room `cli`: tokens and money as people read them.
 *
 * @module
 */

/** `840`, `12.3 k`, `1.2 M`, `3.4 G`; `?` when nobody knows. */
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

/** US dollars, with more digits where there are only cents. */
export function costText(dollars: number): string {
  return dollars > 0 && dollars < 1 ? `$${dollars.toFixed(4)}` : `$${dollars.toFixed(2)}`;
}
