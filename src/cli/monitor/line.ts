/**
 * Room `cli`, the monitor: lines of the screen, made of pieces that are measured before they are coloured.
 *
 * @module
 */
import { plainText } from "../../domain/event/transcript.ts";
import { cutToWidth, displayWidth } from "../render/width.ts";

export type Paint = (text: string) => string;

/** A piece of a line: plain text, and what colours it. */
export type Span = readonly [text: string, paint?: Paint];

/** The coloured pieces as one text, cut to `columns` cells. */
export function lineText(spans: readonly Span[], columns: number): string {
  let left = columns;
  let line = "";
  for (const [text, paint] of spans) {
    if (left <= 0) break;
    const cut = cutToWidth(text, left);
    left -= displayWidth(cut);
    line += cut === "" || paint === undefined ? cut : paint(cut);
  }
  return line;
}

/** As {@link lineText}, filled with spaces to exactly `columns` cells. */
export function fullLineText(spans: readonly Span[], columns: number): string {
  const missing = Math.max(0, columns - spansWidth(spans));
  return lineText(spans, columns) + " ".repeat(missing);
}

/** Cells that keep two ends of a line apart. */
export const GAP = 2;

/** `left` at the beginning of a line and `right` at its end. `left` is cut to make room. */
export function twoEnds(left: readonly Span[], right: readonly Span[], columns: number): Span[] {
  const room = columns - (right.length === 0 ? 0 : spansWidth(right) + GAP);
  const kept: Span[] = [];
  let used = 0;
  for (const [text, ...paint] of left) {
    if (used >= room) break;
    const cut = cutToWidth(text, room - used);
    used += displayWidth(cut);
    kept.push([cut, ...paint]);
  }
  return right.length === 0 ? kept : [...kept, [" ".repeat(Math.max(0, room - used) + GAP)], ...right];
}

export function spansWidth(spans: readonly Span[]): number {
  return spans.reduce((sum, [text]) => sum + displayWidth(text), 0);
}

/** A text from outside on one line, without anything that acts on a terminal. */
export function oneLine(text: string): string {
  return plainText(text).replace(/\s+/g, " ").trim();
}
