/**
 * Room `cli`: events as text, for a person at a terminal or for the reader of a pipe.
 *
 * @module
 */
import { EventType } from "../../domain/event/event.ts";
import { EventBody } from "../../domain/event/event_body.ts";
import { isKnownWord, opened } from "../../domain/reading/opened.ts";
import { plainText, renderEvent } from "../../domain/event/transcript.ts";
import type { EventsPage } from "../../service/read_requests.ts";
import { jsonText } from "./json_text.ts";
import type { Style } from "./style.ts";
import { clockText } from "./time.ts";

export type Detail =
  /** What the agent says and does, the first and last lines of each command's output, and errors. */
  | "brief"
  /** Everything: also its reasoning, the whole output of commands, and its use of tokens. */
  | "full";

interface HeadingOptions {
  readonly style: Style;
  /** Show local time; otherwise ISO 8601. */
  readonly isTerminal: boolean;
}

type PageEvent = EventsPage["events"][number];

/** Lines of a command's output: enough for a summary of tests or the beginning of an error. */
const BRIEF_OUTPUT_LINES = 6;

const LEFT_OUT_OF_BRIEF: ReadonlySet<EventType> = new Set<EventType>([
  "session",
  "reasoning",
  "usage",
  "raw",
]);

/** The event as lines, each ended by a newline; "" for an event that this detail leaves out. */
export function eventText(event: PageEvent, detail: Detail, style: Style): string {
  const body = knownBody(event);
  if (body === null) {
    // A newer daemon may send events of unknown types. The full view prints their JSON.
    return detail === "brief" ? "" : `${style.dim(jsonText(event))}\n`;
  }
  if (detail === "brief" && LEFT_OUT_OF_BRIEF.has(body.type)) return "";
  return detail === "brief"
    ? painted(withoutResult(body), style, BRIEF_OUTPUT_LINES)
    : painted(body, style, Infinity);
}

const OpenBody = opened(EventBody);

/** The event as one of a known type; `null` for an event of a later version. */
function knownBody(event: PageEvent): EventBody | null {
  const body = OpenBody.safeParse(event);
  return body.success && isKnownWord(EventType, body.data.type) ? body.data : null;
}

/** One line with the event's number, time and type, and with the state of an action. */
export function eventHeading(event: PageEvent, { style, isTerminal }: HeadingOptions): string {
  const body = knownBody(event);
  const state = body !== null && "state" in body && body.type !== "status" ? ` ${plainText(body.state)}` : "";
  const time = plainText(isTerminal ? clockText(event.time) : event.time);
  return style.dim(`${String(event.seq).padStart(4)} ${time} ${event.type}${state}`);
}

function withoutResult(body: EventBody): EventBody {
  return body.type === "tool_call" ? { ...body, result: undefined } : body;
}

function painted(body: EventBody, style: Style, outputLines: number): string {
  const text = renderEvent(body, outputLines);
  const paint = paintOf(body, style);
  return text.split("\n").map((line) => line === "" ? "" : paint(line)).join("\n");
}

function paintOf(body: EventBody, style: Style): (text: string) => string {
  switch (body.type) {
    case "message":
      return (text) => text;
    case "command":
      return body.state === "started" ? style.bold : body.state === "completed" ? style.dim : style.red;
    case "file_change":
    case "plan":
      return style.cyan;
    case "error":
      return body.transient ? style.dim : style.red;
    case "warning":
      return style.yellow;
    default:
      return style.dim;
  }
}
