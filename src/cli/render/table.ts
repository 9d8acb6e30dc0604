/**
 * Room `cli`: tables that fit into the width of the terminal.
 *
 * @module
 */
import { cutToWidth, displayWidth, fitToWidth } from "./width.ts";

export interface Column<Row> {
  readonly title: string;
  /** The text of the column's cell: one line without colours. */
  text(row: Row): string;
  /** Adds colours to the text of a cell that has its final width. Must not change that width. */
  paint?(text: string, row: Row): string;
  /** The column may be cut when the terminal is too narrow. */
  readonly isElastic?: boolean;
  /** The column may be left out when the terminal is too narrow. Of several such columns the last goes first. */
  readonly isExpendable?: boolean;
  /** The column holds numbers, which are aligned to the right. */
  readonly isNumber?: boolean;
}

/** Widths, in cells, down to which elastic columns are cut: first to 12, and to 4 only if that is not enough. */
const LEAST_WIDTHS = [12, 4];
const GAP = "  ";

/**
 * A table with a line of titles. The last column is not padded unless it holds numbers.
 *
 * @param columns width to fit into, in cells; `null` means no limit, as for a pipe.
 */
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

/** Width of the whole table, in cells, with every elastic column cut to the first of the least widths. */
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

/** Narrows elastic columns, none below `least`, and returns how many cells are still too many. */
function give<Row>(
  widths: number[],
  table: readonly Column<Row>[],
  { excess, least }: { readonly excess: number; readonly least: number },
): number {
  for (let left = excess; left > 0; left--) {
    // One cell is taken from the widest elastic column, so that a short column is not cut because of a long one.
    const [index, width] = widths.reduce<[number, number]>(
      (widest, candidate, at) => table[at]?.isElastic && candidate > widest[1] ? [at, candidate] : widest,
      [-1, least],
    );
    if (index < 0) return left;
    widths[index] = width - 1;
  }
  return 0;
}
