/**
 * Room `cli`: our own sentences on several rows. A word is never broken: a path or a command that is longer than a row is
 * left for the terminal to break, so that it can be copied.
 *
 * @module
 */
import type { Output } from "../io.ts";
import { displayWidth } from "./width.ts";

/**
 * Lines as they are written to `output`: on a terminal each is wrapped to its width, in a pipe it stays one line.
 * @param indent cells before the first row, which the caller writes, and before each further one.
 */
export function sentences(text: string, output: Pick<Output, "isTerminal" | "columns">, indent = 0): string {
  if (!output.isTerminal) return text;
  const rows = text.split("\n").flatMap((line) => wrapWords(line, output.columns - indent));
  return rows.join(`\n${" ".repeat(indent)}`);
}

/** At least one row, each of at most `width` cells but for one that is a single word. */
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
