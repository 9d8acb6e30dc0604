/**
 * Room `cli`: wraps the program's own sentences. A word is never broken: when a path or a command is longer than a row,
 * the terminal
 * breaks it, and it can still be copied as one.
 *
 * @module
 */
import type { Output } from "../io.ts";
import { displayWidth } from "./width.ts";

/**
 * The text as it is written to `output`: wrapped to the width of a terminal, and unchanged for a pipe.
 *
 * @param indent cells before each row. The caller writes those before the first row.
 */
export function sentences(text: string, output: Pick<Output, "isTerminal" | "columns">, indent = 0): string {
  if (!output.isTerminal) return text;
  const rows = text.split("\n").flatMap((line) => wrapWords(line, output.columns - indent));
  return rows.join(`\n${" ".repeat(indent)}`);
}

/**
 * Splits a line into rows of at most `width` cells. Only a row that is a single word may be longer. Returns at least
 * one row.
 */
export function wrapWords(text: string, width: number): string[] {
  const rows: string[] = [];
  let row: string | null = null;
  let rowWidth = 0;
  for (const word of text.split(" ")) {
    const more = displayWidth(word);
    if (row !== null && rowWidth + 1 + more <= width) {
      row += ` ${word}`;
      rowWidth += 1 + more;
      continue;
    }
    if (row !== null) rows.push(row);
    row = word;
    rowWidth = more;
  }
  return [...rows, row ?? ""];
}
