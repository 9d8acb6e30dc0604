/**
 * Room `kernel`: reads pages of a job's events, for any number of readers while the log is written. A page costs the
 * same at the end of a large file as at the beginning of a small one.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import type { EventType, JobEvent } from "../../domain/event/event.ts";
import type { JobDirectory } from "../job_directory.ts";
import { type Line, LineFile } from "../output/line_file.ts";
import { HEAD_BYTES, peekStoredEvent, readStoredEvent, toJobEvent } from "./stored_event.ts";
import { truncateStrings } from "./truncate_strings.ts";
import { yieldToOthers } from "../../system/yielding/yield_to_others.ts";

export { readTranscript, transcriptTail } from "./transcript_reader.ts";

/** Bytes that are read before yielding to other work; they take a few ms. */
const SLICE_BYTES = 2 * 1024 * 1024;

export interface ReadEventsOptions {
  /** The cursor: only events with a higher sequence number are read; 0 reads from the first. */
  after: number;
  /** The most events that are returned. */
  limit: number;
  /** The types that are returned; all when not given. The cursor moves past events of other types. */
  types?: readonly EventType[] | undefined;
  /** Characters after which a string in an event is cut; 0 leaves strings whole. */
  truncate: number;
  /** Characters of JSON that the events may have together. The first event is returned whatever its size. */
  maxChars: number;
}

export interface EventsRead {
  events: JobEvent[];
  /** The cursor to read the next page after. */
  cursor: number;
  /** Whether events follow the cursor. */
  more: boolean;
}

/** Reads a page of events after a cursor, in order. A job without events has an empty page. */
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
      await yieldToOthers();
    }
  }
  return read;
}

/** Sequence number of the job's newest event; 0 when there is none. */
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

/** The first line with a sequence number above `after`. A binary search over bytes, since the numbers only ascend. */
function firstAfter(file: LineFile, after: number): Line | null {
  if (after <= 0) return file.lineFrom(0);
  if (after >= lastSeqIn(file)) return null;
  // Lines that begin before `low` have numbers up to `after`. Lines that begin at `high` or later have higher ones.
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

/** The first line that begins between `offset` and `limit` and has a sequence number; a damaged line has none. */
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
