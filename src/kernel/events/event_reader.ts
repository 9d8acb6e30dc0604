/**
 * Room `kernel`: pages of events and pieces of the transcript, for any number of readers while the log is written. A
 * page costs the same at the end of a large file as at the beginning of a small one.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import type { EventType, JobEvent } from "../../domain/event/event.ts";
import type { JobDirectory } from "../job_directory.ts";
import { type Line, LineFile } from "../output/line_file.ts";
import { HEAD_BYTES, peekStoredEvent, readStoredEvent, toJobEvent } from "./stored_event.ts";
import { truncateStrings } from "./truncate_strings.ts";
import { pause } from "../../system/pause.ts";

export { readTranscript, transcriptTail } from "./transcript_reader.ts";

/** Bytes that are read before others get their turn: a few ms. */
const SLICE_BYTES = 2 * 1024 * 1024;

export interface ReadEventsOptions {
  /** The cursor: events with a higher number are read. */
  after: number;
  /** At most so many events. */
  limit: number;
  /** Only these types; the cursor moves past the others. */
  types?: readonly EventType[] | undefined;
  /** Characters of any string in an event; 0 leaves them whole. */
  truncate: number;
  /** Characters of JSON that the events may have together; the first is returned whatever its size. */
  maxChars: number;
}

export interface EventsRead {
  events: JobEvent[];
  /** Where to go on. */
  cursor: number;
  /** Whether events follow the cursor. */
  more: boolean;
}

/** Events after a cursor, in order. A job without events has an empty page. */
export async function readEvents(directory: JobDirectory, options: ReadEventsOptions): Promise<EventsRead> {
  const { after, limit, types, truncate, maxChars } = options;
  using file = LineFile.open(directory.eventsFile);
  const read: EventsRead = { events: [], cursor: after, more: false };
  if (file === null) return read;
  const first = firstAfter(file, after);
  if (first === null) return read;
  let chars = 0;
  let rested = first.start;
  for (const { end, bytes } of file.linesFrom(first.start)) {
    const peek = peekBytes(bytes);
    const isWanted = types === undefined || (peek?.type ?? null) === null ||
      types.some((type) => type === peek?.type);
    const event = isWanted ? readStoredEvent(bytes.toString("utf8")) : null;
    if (event !== null && (types === undefined || types.includes(event.body.type))) {
      const cut = truncateStrings(toJobEvent(event.head, event.body), truncate);
      const size = JSON.stringify(cut).length;
      if (read.events.length >= limit || (read.events.length > 0 && chars + size > maxChars)) {
        return { ...read, more: true };
      }
      read.events.push(cut);
      chars += size;
    }
    read.cursor = Math.max(read.cursor, event?.head.seq ?? peek?.seq ?? 0);
    if (end - rested > SLICE_BYTES) {
      rested = end;
      await pause(0);
    }
  }
  return read;
}

/** Number of the newest event; 0 when there is none. */
export function lastSeq(directory: JobDirectory): number {
  using file = LineFile.open(directory.eventsFile);
  return file === null ? 0 : lastSeqIn(file);
}

function lastSeqIn(file: LineFile): number {
  for (let line = file.lineBefore(file.size); line !== null; line = file.lineBefore(line.start)) {
    const peek = peekLine(file, line);
    if (peek !== null) return peek.seq;
  }
  return 0;
}

/** The first line with a number above `after`: a binary search over bytes, since numbers only ascend. */
function firstAfter(file: LineFile, after: number): Line | null {
  if (after <= 0) return file.lineFrom(0);
  if (after >= lastSeqIn(file)) return null;
  // Every line that begins before `low` is at or below the cursor; one that begins at `high` or later is above it.
  let low = 0;
  let high = file.size;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const found = numberedFrom(file, middle, high);
    if (found === null || found.seq > after) high = middle;
    else low = found.line.end;
  }
  return file.lineFrom(low);
}

/** The first line from `offset` on, and before `limit`, that has a number: a damaged one has none. */
function numberedFrom(file: LineFile, offset: number, limit: number): { line: Line; seq: number } | null {
  for (
    let line = file.lineFrom(offset);
    line !== null && line.start < limit;
    line = file.lineFrom(line.end)
  ) {
    const peek = peekLine(file, line);
    if (peek !== null) return { line, seq: peek.seq };
  }
  return null;
}

function peekLine(file: LineFile, line: Line) {
  return peekBytes(file.bytes(line.start, Math.min(line.end, line.start + HEAD_BYTES)));
}

function peekBytes(bytes: Buffer) {
  return peekStoredEvent(bytes.toString("latin1", 0, HEAD_BYTES));
}
