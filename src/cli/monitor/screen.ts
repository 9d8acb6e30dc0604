/**
 * Room `cli`, the monitor: what is written to the terminal, so that it shows a frame. Only lines that differ from what
 * is there are written, and all of them at once, so that nothing flickers.
 *
 * @module
 */
import { displayWidth } from "../render/width.ts";
import type { Frame } from "./render_monitor.ts";
import type { Size } from "./transcript.ts";

/** Synchronized output: a terminal that does not know it ignores it. */
const BEGIN = "\x1b[?2026h";
const END = "\x1b[?2026l";
const SHOW_CURSOR = "\x1b[?25h";
const HIDE_CURSOR = "\x1b[?25l";
const CLEAR = "\x1b[0m\x1b[2J";
const CLEAR_REST_OF_LINE = "\x1b[K";

export class Screen {
  #lines: readonly string[] | null = null;
  #cursor: string = HIDE_CURSOR;

  /** To be called when the terminal may show something else: the next frame is drawn whole. */
  forget(): void {
    this.#lines = null;
  }

  /** The text to write so that the terminal shows `frame`; "" when it already does. */
  draw(frame: Frame, size: Size): string {
    const known = this.#lines;
    const changes = frame.lines.map((line, row) => {
      if (known !== null && known[row] === line) return "";
      // The rest is not cleared after the last column: some terminals would take the last character away.
      const rest = displayWidth(line) < size.columns ? CLEAR_REST_OF_LINE : "";
      return `${moveTo(row, 0)}${line}${rest}`;
    }).join("");
    const cursor = frame.cursor === null
      ? HIDE_CURSOR
      : moveTo(frame.cursor.row, frame.cursor.column) + SHOW_CURSOR;
    if (changes === "" && cursor === this.#cursor && known !== null) return "";
    this.#lines = frame.lines;
    this.#cursor = cursor;
    return `${BEGIN}${HIDE_CURSOR}${known === null ? CLEAR : ""}${changes}${cursor}${END}`;
  }
}

function moveTo(row: number, column: number): string {
  return `\x1b[${row + 1};${column + 1}H`;
}
