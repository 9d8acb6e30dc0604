/**
 * Room `cli`: our own sentences on several rows. A word is never broken: a path or a command that is longer than a row is
 * left for the terminal to break, so that it can be copied.
 *
 * @module
 */

/** At least one row, each of at most `width` characters but for one that is a single word. */
export function wrapWords(text: string, width: number): string[] {
  const rows: string[] = [];
  let row: string | null = null;
  for (const word of text.split(" ")) {
    if (row !== null && row.length + 1 + word.length > width) {
      rows.push(row);
      row = word;
    } else row = row === null ? word : `${row} ${word}`;
  }
  return [...rows, row ?? ""];
}
