/**
 * Room `domain`: events: the things an agent does, in one form for all agents. A driver makes the body of an event; the
 * kernel adds its number, turn and time.
 *
 * @module
 */
import * as z from "zod";
import { unknownWord } from "../reading/unknown_word.ts";
import type { EventBody } from "./event_body.ts";

/** An event whose type only a later version knows, in one line: its type and all its members. */
export function unknownEvent(event: never): string {
  const { type, ...rest }: Record<string, unknown> = Object(event);
  return typeof type === "string" ? `[${type} ${JSON.stringify(rest)}]` : unknownWord(event);
}

export const EVENT_TYPES = [
  "session",
  "message",
  "reasoning",
  "command",
  "file_change",
  "tool_call",
  "web_search",
  "plan",
  "question",
  "answer",
  "check",
  "usage",
  "warning",
  "error",
  "status",
  "raw",
] as const satisfies readonly EventBody["type"][];

export const EventType = z.enum(EVENT_TYPES);
export type EventType = z.infer<typeof EventType>;

/** Number, turn and time of an event: `seq` counts 1, 2, 3 ... within the job, across turns. */
export const EventHead = z.object({
  seq: z.number().int().positive(),
  turn: z.number().int().positive(),
  /** When agent-async read the event, ISO 8601 UTC. */
  time: z.string(),
});

export type JobEvent = z.infer<typeof EventHead> & EventBody;
