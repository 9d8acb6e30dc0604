/**
 * Room `kernel`: one line of `events.jsonl`. Its first fields have a fixed order, so that a reader gets an event's
 * sequence number and type without parsing the JSON.
 *
 * @module
 */
import * as z from "zod";
import { EventHead, type JobEvent } from "../../domain/event/event.ts";
import { EventBody } from "../../domain/event/event_body.ts";
import { opened } from "../../domain/reading/opened.ts";
import { parsedJson } from "../../domain/reading/parsed_json.ts";

/** The head of an event as it is stored. Its `raw`, `input`, `out` and `err` are for recovery; readers do not get them. */
export const StoredHead = EventHead.extend({
  /**
   * Offset in bytes of the line in the turn's raw output that the event came from. For an event that came from no line:
   * `null`, -1 for before the first line, or an offset behind the last.
   */
  raw: z.number().int().nullable(),
  /**
   * Number of the journal's entry that the event came from, at `raw` bytes of whole lines: it stands before the events
   * of the line that begins there. Absent for an event of a line.
   */
  input: z.number().int().positive().optional(),
  /** Length of `output.txt` in bytes after this event was rendered into it. */
  out: z.number().int().nonnegative(),
  /** How many of the turn's events up to this one came from its stderr; only in a turn whose stderr is read too. */
  err: z.number().int().nonnegative().optional(),
});
export type StoredHead = z.infer<typeof StoredHead>;

/**
 * The line for an event, with its newline. `type` comes right behind the head, wherever the body has it.
 *
 * Made by hand from the body's own JSON where that begins with `type`, as nearly every one does: copying the members of
 * every event into one object took half of the time.
 */
export function writeStoredEvent(head: StoredHead, body: EventBody): string {
  const { seq, turn, time, raw, input, out, err } = head;
  const json = JSON.stringify(body);
  const beginning = `{"seq":${seq},"turn":${turn},"time":"${time}","raw":${raw},"out":${out},`;
  if (input === undefined && err === undefined && json.startsWith('{"type":')) {
    return `${beginning}${json.slice(1)}\n`;
  }
  const fields: object = body;
  const place = { ...(input === undefined ? {} : { input }), ...(err === undefined ? {} : { err }) };
  return `${beginning}${JSON.stringify({ type: body.type, ...fields, ...place }).slice(1)}\n`;
}

const OpenHead = opened(StoredHead);
const OpenBody = opened(EventBody);

/**
 * The head and body of a line; `null` when it is damaged. Fields that only a later version knows are kept. An event
 * whose body cannot be read is returned as one of type `raw` with the whole line, so that its sequence number is not
 * missing.
 */
export function readStoredEvent(line: string): { head: StoredHead; body: EventBody } | null {
  const value = parsedJson(line);
  const head = OpenHead.safeParse(value);
  if (!head.success) return null;
  const body = OpenBody.safeParse(value);
  if (!body.success) return { head: head.data, body: { type: "raw", text: line } };
  return { head: head.data, body: withoutHead(body.data) };
}

/** Not by deleting members: an object that has lost some is slow to copy and to write as JSON. */
function withoutHead(
  { seq: _seq, turn: _turn, time: _time, raw: _raw, out: _out, input: _input, err: _err, ...body }:
    & EventBody
    & { [Name in keyof StoredHead]?: unknown },
): EventBody {
  return body;
}

/** The event as readers get it. */
export function toJobEvent(head: StoredHead, body: EventBody): JobEvent {
  return { seq: head.seq, turn: head.turn, time: head.time, ...body };
}

const SEQ = /^\{"seq":(\d+),/;
const TYPE = /,"type":"([^"\\]+)"/;

/** Bytes at the start of a line within which {@link peekStoredEvent} finds all that it looks for. */
export const HEAD_BYTES = 256;

/**
 * The sequence number and type in the first {@link HEAD_BYTES} of a line; `null` when the line is damaged. The type is
 * `null` when it is not within these bytes, which a later version may do.
 */
export function peekStoredEvent(start: string): { seq: number; type: string | null } | null {
  const seq = SEQ.exec(start);
  return seq === null ? null : { seq: Number(seq[1]), type: TYPE.exec(start)?.[1] ?? null };
}

/**
 * Where an event of a turn stands: at the line that begins at offset `raw` of its output, or, before that line, at an
 * entry of the journal.
 */
export interface EventPlace {
  readonly raw: number;
  /** The entry's number; `null` for the line itself. */
  readonly input: number | null;
}

/** Below 0 when `a` comes before `b`, 0 for the same place. */
export function comparePlaces(a: EventPlace, b: EventPlace): number {
  if (a.raw !== b.raw) return a.raw - b.raw;
  if (a.input === b.input) return 0;
  return (a.input ?? Infinity) - (b.input ?? Infinity);
}

/** How far a turn is recorded: all events before this place, and `count` events at it. */
export interface ResumePoint extends EventPlace {
  count: number;
}
