/**
 * Room `cli`: bars for charts made of text.
 *
 * @module
 */

/** One part of a bar. */
export interface BarPart {
  readonly amount: number;
  /**
   * The character that the part consists of, one cell wide. Each part has its own, so that the bar can be read without
   * colours.
   */
  readonly glyph: string;
  paint(text: string): string;
}

/**
 * A bar of several parts, side by side, at most `cells` wide. A part that is not zero gets at least one cell, so that
 * one
 * failure among a thousand successes is seen.
 *
 * @param scale the sum of amounts that fills all `cells`.
 */
export function barText(parts: readonly BarPart[], scale: number, cells: number): string {
  if (scale <= 0) return "";
  const widths = parts.map(({ amount }) => amount <= 0 ? 0 : Math.max(1, Math.round(amount / scale * cells)));
  for (let excess = widths.reduce((sum, width) => sum + width, 0) - cells; excess > 0; excess--) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest] = Math.max(0, (widths[widest] ?? 0) - 1);
  }
  return parts.map(({ glyph, paint }, index) => {
    const text = glyph.repeat(widths[index] ?? 0);
    return text === "" ? "" : paint(text);
  }).join("");
}
