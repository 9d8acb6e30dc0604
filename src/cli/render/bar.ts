/**
 * Room `cli`: bars.
 *
 * @module
 */

/** One part of a bar. */
export interface BarPart {
  readonly amount: number;
  /** One cell wide: parts are told apart without colours as well. */
  readonly glyph: string;
  paint(text: string): string;
}

/**
 * The parts side by side.
 *
 * @param scale amount of a bar that is `cells` wide. What is not zero gets a cell at least, so that one failure among
 * a thousand successes is seen.
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
