/**
 * Room `cli`, the monitor: a transcript as it grows, and the part of it that is looked at.
 *
 * @module
 */
import { plainText } from "../../domain/event/transcript.ts";
import { wrapToWidth } from "../render/width.ts";

export interface Transcript {
  readonly jobId: string;
  /** Number of the first line that is kept. */
  readonly first: number;
  /** The last one may still grow. */
  readonly lines: readonly string[];
  /** Whether everything up to now has been read. */
  readonly isRead: boolean;
}

/** The row at the top of the window. */
export interface Anchor {
  /** Number of the line, from the beginning of the transcript. */
  readonly line: number;
  /** Row within the wrapped line. */
  readonly row: number;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Lines that are kept: more than anybody scrolls through here; `logs` has all. */
const MAX_LINES = 10_000;
/** Characters of one line: an agent may print megabytes without a newline. */
const MAX_LINE_CHARS = 4_000;
const TAB = "    ";

export function emptyTranscript(jobId: string): Transcript {
  return { jobId, first: 0, lines: [""], isRead: false };
}

export function grown(transcript: Transcript, text: string, isRead: boolean): Transcript {
  const last = transcript.lines.at(-1) ?? "";
  const [head = "", ...rest] = plainText(text).replaceAll("\t", TAB).split("\n");
  // One empty line is as good as several, and leaves more room for the others.
  const lines = [...transcript.lines.slice(0, -1), clipped(last + head), ...rest.map(clipped)]
    .filter((line, index, all) => line !== "" || index === all.length - 1 || all[index - 1] !== "");
  const dropped = Math.max(0, lines.length - MAX_LINES);
  if (dropped === 0) return { ...transcript, lines, isRead };
  const left = `[earlier lines are left out here: agent-async logs ${transcript.jobId} has all]`;
  return {
    ...transcript,
    first: transcript.first + dropped,
    lines: [left, ...lines.slice(dropped + 1)],
    isRead,
  };
}

function clipped(line: string): string {
  return line.length > MAX_LINE_CHARS ? `${line.slice(0, MAX_LINE_CHARS - 1)}…` : line;
}

export interface Row {
  /** The whole line that this row is a part of; it decides the colour. */
  readonly line: string;
  readonly text: string;
}

/** The rows of a window; without an anchor, the last ones. */
export function windowRows(transcript: Transcript, anchor: Anchor | null, size: Size): Row[] {
  const top = anchor ?? topOfEnd(transcript, size);
  const rows: Row[] = [];
  const begin = Math.max(top.line, transcript.first);
  for (let number = begin; rows.length < size.rows; number++) {
    const line = lineAt(transcript, number);
    if (line === undefined) break;
    const wrapped = wrapToWidth(line, size.columns);
    const from = number === top.line ? Math.min(top.row, wrapped.length - 1) : 0;
    for (const text of wrapped.slice(from)) rows.push({ line, text });
  }
  return rows.slice(0, size.rows);
}

/** The anchor `by` rows further down (up when negative); `null` when that is the end, which is followed. */
export function scrolled(
  transcript: Transcript,
  anchor: Anchor | null,
  by: number,
  size: Size,
): Anchor | null {
  const end = topOfEnd(transcript, size);
  let { line, row } = anchor ?? end;
  line = Math.max(line, transcript.first);
  let left = Math.abs(by);
  while (left > 0) {
    if (by < 0) {
      if (row > 0) row -= 1;
      else if (line > transcript.first) row = rowsAt(transcript, --line, size) - 1;
      else break;
    } else if (row + 1 < rowsAt(transcript, line, size)) row += 1;
    else if (lineAt(transcript, line + 1) !== undefined) [line, row] = [line + 1, 0];
    else break;
    left -= 1;
  }
  return line > end.line || (line === end.line && row >= end.row) ? null : { line, row };
}

/** The anchor at the very beginning; `null` when everything fits into the window. */
export function beginning(transcript: Transcript, size: Size): Anchor | null {
  return scrolled(transcript, { line: transcript.first, row: 0 }, 0, size);
}

/** Where a window begins that shows the end. The empty line after the last newline is not shown. */
function topOfEnd(transcript: Transcript, size: Size): Anchor {
  let number = transcript.first + transcript.lines.length - 1;
  if (transcript.lines.at(-1) === "" && transcript.lines.length > 1) number -= 1;
  let left = size.rows;
  for (; number >= transcript.first; number--) {
    const rows = rowsAt(transcript, number, size);
    if (rows >= left) return { line: number, row: rows - left };
    left -= rows;
  }
  return { line: transcript.first, row: 0 };
}

function rowsAt(transcript: Transcript, number: number, size: Size): number {
  return wrapToWidth(lineAt(transcript, number) ?? "", size.columns).length;
}

function lineAt(transcript: Transcript, number: number): string | undefined {
  return transcript.lines[number - transcript.first];
}
