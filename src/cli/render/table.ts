/**
 * Room `cli`: tables that fit where they are shown.
 *
 * @module
 */
import { cutToWidth, displayWidth, fitToWidth } from "./width.ts";

export interface Column<Row> {
  readonly title: string;
  /** Plain text of one line. */
  text(row: Row): string;
  /** Colours what was laid out; must not change its width. */
  paint?(text: string, row: Row): string;
  /** Gives up width first when the terminal is narrow. */
  readonly isElastic?: boolean;
  /** Left out where the others have no room beside it; of several the last one first. */
  readonly isExpendable?: boolean;
  /** To the right, as numbers are. */
  readonly isNumber?: boolean;
}

/** Characters that an elastic column keeps: the first while that makes it fit, the second however narrow it gets. */
const LEAST_WIDTHS = [12, 4];
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
  if (columns !== null) {
    const expendable = table.findLastIndex(({ isExpendable }) => isExpendable === true);
    if (expendable >= 0 && leastWidth(widths, table) > columns) {
      return tableText(rows, table.toSpliced(expendable, 1), columns);
    }
    shrink(widths, table, columns);
  }
  const lines = [table.map((column) => column.title), ...texts].map((cells, line) =>
    cells.map((cell, index) => {
      const isLast = index === cells.length - 1;
      const width = widths[index] ?? 0;
      const isNumber = table[index]?.isNumber ?? false;
      const laid = isLast && !isNumber
        ? cutToWidth(cell, width)
        : fitToWidth(cell, width, isNumber ? "right" : "left");
      const row = rows[line - 1];
      const paint = table[index]?.paint;
      return row === undefined || paint === undefined ? laid : paint(laid, row);
    }).join(GAP).trimEnd()
  );
  return lines.map((line) => `${line}\n`).join("");
}

/** Cells of the whole table when every elastic column has given what it gives gladly. */
function leastWidth<Row>(widths: readonly number[], table: readonly Column<Row>[]): number {
  const [least = 0] = LEAST_WIDTHS;
  const cells = widths.map((width, index) => table[index]?.isElastic ? Math.min(width, least) : width);
  return cells.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1);
}

function shrink<Row>(widths: number[], table: readonly Column<Row>[], columns: number): void {
  const used = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1);
  let excess = used - columns;
  for (const least of LEAST_WIDTHS) excess = give(widths, table, { excess, least });
}

/** The cells that are still too many when no elastic column has more than `least`. */
function give<Row>(
  widths: number[],
  table: readonly Column<Row>[],
  { excess, least }: { readonly excess: number; readonly least: number },
): number {
  for (let left = excess; left > 0; left--) {
    // The widest elastic column gives first, so that no short one suffers for a long one.
    const [index, width] = widths.reduce<[number, number]>(
      (widest, candidate, at) => table[at]?.isElastic && candidate > widest[1] ? [at, candidate] : widest,
      [-1, least],
    );
    if (index < 0) return left;
    widths[index] = width - 1;
  }
  return 0;
}
