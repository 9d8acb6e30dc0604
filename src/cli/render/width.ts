/**
 * Room `cli`: the width of text in cells of a terminal. An East Asian wide character or an emoji takes two cells, and a
 * combining mark
 * takes none.
 *
 * @module
 */
import stringWidth from "string-width";

const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Matches printable ASCII, where every character takes one cell. This common case needs no lookup. */
const PLAIN = /^[\x20-\x7e]*$/;

/** The width of a line without tabs, in cells. Colour codes have no width. */
export function displayWidth(text: string): number {
  return PLAIN.test(text) ? text.length : stringWidth(text);
}

/** Splits a text into the characters that a person sees. Text may be cut only between two of them. */
export function graphemes(text: string): string[] {
  return PLAIN.test(text) ? [...text] : Array.from(GRAPHEMES.segment(text), ({ segment }) => segment);
}

/** Cuts `text`, which must have no colours, to at most `width` cells. An ellipsis shows where it was cut. */
export function cutToWidth(text: string, width: number): string {
  if (width <= 0) return "";
  // A very long text is shortened first, since measuring all of it is slow: 40 code units a cell are far more than
  // needed.
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

/** As {@link cutToWidth}, padded with spaces to exactly `width` cells. */
export function fitToWidth(text: string, width: number, align: "left" | "right" = "left"): string {
  const cut = cutToWidth(text, width);
  const fill = " ".repeat(Math.max(0, width - displayWidth(cut)));
  return align === "left" ? cut + fill : fill + cut;
}

/**
 * Splits a line without colours into rows of at most `width` cells. A row ends between words unless that would leave it
 * less than half full. Returns at least one row.
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
      // The space at the end of a row is dropped, not moved to the next row.
      if (character === " " && row === "") continue;
    }
    row += character;
    rowWidth += more;
  }
  return row === "" && rows.length > 0 ? rows : [...rows, row];
}
