/**
 * Room `cli`: texts measured in the cells of a terminal: two for East Asian wide characters and emoji, none for
 * combining marks.
 *
 * @module
 */
import stringWidth from "string-width";

const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** One cell each, and nothing to join: the common case, for which no table is asked. */
const PLAIN = /^[\x20-\x7e]*$/;

/** Cells of a line without tabs; colours count for nothing. */
export function displayWidth(text: string): number {
  return PLAIN.test(text) ? text.length : stringWidth(text);
}

/** What a person sees as characters; a cell boundary is never inside of one. */
export function graphemes(text: string): string[] {
  return PLAIN.test(text) ? [...text] : Array.from(GRAPHEMES.segment(text), ({ segment }) => segment);
}

/** `text` without colours in at most `width` cells, with an ellipsis where it was cut. */
export function cutToWidth(text: string, width: number): string {
  if (width <= 0) return "";
  // Cells are never more than UTF-16 units but by a factor of two: what is far too long is not measured whole.
  const short = text.length > width * 40 ? text.slice(0, width * 40) : text;
  if (short.length === text.length && displayWidth(text) <= width) return text;
  let kept = "";
  let keptWidth = 0;
  for (const character of graphemes(short)) {
    const more = displayWidth(character);
    if (keptWidth + more > width - 1) break;
    kept += character;
    keptWidth += more;
  }
  return `${kept}…`;
}

/** As {@link cutToWidth}, filled up with spaces to exactly `width` cells. */
export function fitToWidth(text: string, width: number, align: "left" | "right" = "left"): string {
  const cut = cutToWidth(text, width);
  const fill = " ".repeat(Math.max(0, width - displayWidth(cut)));
  return align === "left" ? cut + fill : fill + cut;
}

/**
 * The rows that a line without colours takes in `width` cells: broken between words where that leaves no row less
 * than half full. At least one row.
 */
export function wrapToWidth(text: string, width: number): string[] {
  if (displayWidth(text) <= width) return [text];
  const rows: string[] = [];
  let row = "";
  let rowWidth = 0;
  for (const character of graphemes(text)) {
    const more = displayWidth(character);
    if (rowWidth + more > width && row !== "") {
      const space = row.lastIndexOf(" ");
      const isBroken = character !== " " && space >= row.length / 2;
      rows.push(isBroken ? row.slice(0, space) : row);
      row = isBroken ? row.slice(space + 1) : "";
      rowWidth = displayWidth(row);
      // The space at which a row ends is not carried to the next.
      if (character === " " && row === "") continue;
    }
    row += character;
    rowWidth += more;
  }
  return row === "" && rows.length > 0 ? rows : [...rows, row];
}
