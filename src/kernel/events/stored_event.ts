/**
 * Room `kernel`: one line of `events.jsonl`. Its first fields have a fixed order, so that a reader knows number and
 * type of an event without parsing it.
 *
 * @module
 */
import * as z from "zod";
import { EventBody, EventHead, type JobEvent } from "../../domain/event/event.ts";
import { opened } from "../../domain/reading/opened.ts";
import { parsedJson } from "../../domain/reading/parsed_json.ts";

/** What an event carries for recovery and no reader gets to see. */
export const StoredHead = EventHead.extend({
  /**
   * Its place in the turn's raw output: the offset of the line that it came from. What comes from no line may lie
   * before the first (-1) or beyond the last.
   */
  raw: z.number().int().nullable(),
  /** Length of `output.txt` in bytes once it is rendered there. */
  out: z.number().int().nonnegative(),
  /** In a turn whose stderr is read too: how many of its events up to this one came from there. */
  err: z.number().int().nonnegative().optional(),
});
export type StoredHead = z.infer<typeof StoredHead>;

/** The line with its newline. The type stays where it is named first, wherever the body has it. */
export function writeStoredEvent({ seq, turn, time, raw, out, err }: StoredHead, body: EventBody): string {
  const fields: object = body;
  const counted = err === undefined ? {} : { err };
  return `${JSON.stringify({ seq, turn, time, raw, out, type: body.type, ...fields, ...counted })}\n`;
}

const OpenHead = opened(StoredHead);
const OpenBody = opened(EventBody);

/**
 * Head and body of a line, or `null` for one that is damaged. What a later version has written keeps all that it says;
 * an event of which only the head can be read is told as the raw line that it is, so that it has its place.
 */
export function readStoredEvent(line: string): { head: StoredHead; body: EventBody } | null {
  const value = parsedJson(line);
  const head = OpenHead.safeParse(value);
  if (!head.success) return null;
  const body = OpenBody.safeParse(value);
  if (!body.success) return { head: head.data, body: { type: "raw", text: line } };
  const said: EventBody = { ...body.data };
  for (const key of Object.keys(StoredHead.shape)) Reflect.deleteProperty(said, key);
  return { head: head.data, body: said };
}

export function toJobEvent(head: StoredHead, body: EventBody): JobEvent {
  return { seq: head.seq, turn: head.turn, time: head.time, ...body };
}

const SEQ = /^\{"seq":(\d+),/;
const TYPE = /,"type":"([^"\\]+)"/;

/** Bytes at the start of a line within which {@link peekStoredEvent} finds all that it looks for. */
export const HEAD_BYTES = 256;

/**
 * Number and type from the first {@link HEAD_BYTES} of a line; the type is `null` where a later version has put more
 * before it than that.
 */
export function peekStoredEvent(start: string): { seq: number; type: string | null } | null {
  const seq = SEQ.exec(start);
  return seq === null ? null : { seq: Number(seq[1]), type: TYPE.exec(start)?.[1] ?? null };
}

/** Up to where a turn's raw output has become events: `count` events came from the line at offset `raw`. */
export interface ResumePoint {
  raw: number;
  count: number;
}
