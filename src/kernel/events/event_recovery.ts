/**
 * Room `kernel`: how much of a job's events and transcript is valid after a crash. The files are read backwards from
 * the end. They are read as a whole only when the transcript is too short and has to be rendered again.
 *
 * @module
 */
import { renderEvent } from "../../domain/event/transcript.ts";
import { sizeIfExists } from "../../system/files/files.ts";
import { AppendFile } from "./append_file.ts";
import { comparePlaces, type EventPlace, type ResumePoint } from "./stored_event.ts";
import type { JobDirectory } from "../job_directory.ts";
import { type Line, LineFile } from "../output/line_file.ts";
import { readStoredEvent, type StoredHead } from "./stored_event.ts";

/** Up to where the two files of a log are valid. */
export interface Recovery {
  /** The newest whole event; `null` when there is none. */
  last: StoredHead | null;
  /** Valid bytes of `events.jsonl`. */
  eventsBytes: number;
  /** Valid bytes of `output.txt`. */
  outputBytes: number;
}

/** Of a log without any event. */
export const NO_EVENTS: Recovery = { last: null, eventsBytes: 0, outputBytes: 0 };

/** Finds up to where both files agree. It changes no file, but renders a transcript again that is too short. */
export function recover(directory: JobDirectory): Recovery {
  using events = LineFile.open(directory.eventsFile);
  const newest = events === null ? null : newestEvent(events);
  if (events === null || newest === null) return NO_EVENTS;
  const { head, line } = newest;
  const outputBytes = (sizeIfExists(directory.outputFile) ?? 0) >= head.out
    ? head.out
    : renderAgain(events, line.end, directory.outputFile);
  return { last: head, eventsBytes: line.end, outputBytes };
}

/** Reads what `EventLog.resumePoint` returns from a file of events. */
export function resumePointIn(eventsPath: string, turn: number): ResumePoint | null {
  using events = LineFile.open(eventsPath);
  if (events === null) return null;
  let point: ResumePoint | null = null;
  for (const { head } of newestFirst(events)) {
    if (head.raw === null) continue;
    if (point === null) {
      // Turns run one after the other. So an event of an earlier turn means that this turn has none before it.
      if (head.turn < turn) return null;
      if (head.turn === turn) point = { ...placeOf(head.raw, head), count: 1 };
    } else {
      if (head.turn !== turn || comparePlaces(placeOf(head.raw, head), point) !== 0) return point;
      point.count++;
    }
  }
  return point;
}

function placeOf(raw: number, { input = null }: { input?: number | null | undefined }): EventPlace {
  return { raw, input };
}

/** Reads what `EventLog.eventsOfErrors` returns from a file of events. */
export function eventsOfErrorsIn(eventsPath: string, turn: number): number {
  using events = LineFile.open(eventsPath);
  const newest = events === null ? null : newestEvent(events);
  return newest?.head.turn === turn ? newest.head.err ?? 0 : 0;
}

interface Found {
  head: StoredHead;
  line: Line;
}

/**
 * The newest event that can be read. Damaged lines after it are skipped: a loss of power can leave zeros. A line that a
 * later version has written is not damaged.
 */
function newestEvent(events: LineFile): Found | null {
  for (const found of newestFirst(events)) return found;
  return null;
}

function* newestFirst(events: LineFile): Generator<Found> {
  for (let line = events.lineBefore(events.size); line !== null; line = events.lineBefore(line.start)) {
    const event = readStoredEvent(events.text(line));
    if (event !== null) yield { head: event.head, line };
  }
}

/** Writes the transcript again from the events up to offset `end`. Returns its length in bytes. */
function renderAgain(events: LineFile, end: number, outputPath: string): number {
  const output = new AppendFile(outputPath, 0);
  try {
    for (const line of events.linesFrom(0)) {
      if (line.end > end) break;
      const event = readStoredEvent(line.bytes.toString("utf8"));
      if (event !== null) output.append(renderEvent(event.body));
    }
    return output.length;
  } finally {
    output.close();
  }
}
