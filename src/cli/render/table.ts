/**
 * Room `cli`: tables that fit where they are shown.
 *
 * @module
 */

export interface Column<Row> {
  readonly title: string;
  /** Plain text of one line. */
  text(row: Row): string;
  /** Colours what was laid out; must not change its width. */
  paint?(text: string, row: Row): string;
  /** Gives up width first when the terminal is narrow. */
  readonly isElastic?: boolean;
}

/** Characters that an elastic column keeps, however narrow the terminal is. */
const LEAST_WIDTH = 12;
const GAP = "  ";

/** @param columns width to fit into, or `null` for no limit (a pipe). The last column is not padded. */
export function tableText<Row>(
  rows: readonly Row[],
  table: readonly Column<Row>[],
  columns: number | null,
): string {
  const texts = rows.map((row) => table.map((column) => column.text(row)));
  const widths = table.map((column, index) => {
    return Math.max(displayWidth(column.title), ...texts.map((cells) => displayWidth(cells[index] ?? "")));
  });
  if (columns !== null) shrink(widths, table, columns);
  const lines = [table.map((column) => column.title), ...texts].map((cells, line) =>
    cells.map((cell, index) => {
      const isLast = index === cells.length - 1;
      const laid = fitted(cell, widths[index] ?? 0, isLast);
      const row = rows[line - 1];
      const paint = table[index]?.paint;
      return row === undefined || paint === undefined ? laid : paint(laid, row);
    }).join(GAP).trimEnd()
  );
  return lines.map((line) => `${line}\n`).join("");
}

function shrink<Row>(widths: number[], table: readonly Column<Row>[], columns: number): void {
  const used = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1);
  let excess = used - columns;
  while (excess > 0) {
    // The widest elastic column gives first, so that no short one suffers for a long one.
    const [index, width] = widths.reduce<[number, number]>(
      (widest, candidate, at) => table[at]?.isElastic && candidate > widest[1] ? [at, candidate] : widest,
      [-1, LEAST_WIDTH],
    );
    if (index < 0) return;
    widths[index] = width - 1;
    excess--;
  }
}

function fitted(text: string, width: number, isLast: boolean): string {
  const has = displayWidth(text);
  if (has <= width) return isLast ? text : text + " ".repeat(width - has);
  let kept = "";
  let keptWidth = 0;
  for (const character of text) {
    const more = displayWidth(character);
    if (keptWidth + more > width - 1) break;
    kept += character;
    keptWidth += more;
  }
  return `${kept}…${" ".repeat(Math.max(0, width - 1 - keptWidth))}`;
}

/** Cells that a terminal gives to `text`: two for East Asian wide characters and emoji, none for combining marks. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/[\p{Mark}\u200b-\u200d\ufe00-\ufe0f]/u.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
