/**
 * Room `domain`: puts a whole conversation into one prompt, for agents whose own resume cannot be trusted. A fence
 * separates the record from the new request, and the prompt says that all in the record has happened already.
 *
 * @module
 */
import type { ActionState, EventBody } from "../event/event_body.ts";
import { unknownWord } from "../reading/unknown_word.ts";
import { answerText } from "../question/question_text.ts";
import { plainText } from "../event/transcript.ts";

/** What one earlier turn was asked and did. */
export interface ReplayTurn {
  readonly prompt: string;
  readonly events: readonly EventBody[];
}

/** Most characters of one command's or tool's output in the record: the agent can run it again to see more. */
export const REPLAY_OUTPUT_CHARS = 2_000;

/** Characters that a shortened part keeps. */
const SHORT_CHARS = 300;

/** A part of the record: its heading and its text. Only the text may be shortened. */
interface Part {
  readonly head: string;
  readonly text: string;
}

/**
 * The conversation so far, oldest first, and then the new request. When that is longer than `maxChars`, the oldest
 * parts are shortened and then left out, which the text says; the new request is never shortened.
 *
 * @param maxChars most UTF-16 units of the whole; exceeded only when the request alone is longer
 * @returns the prompt; the request alone when there is no record or no room for it
 */
export function replayPrompt(turns: readonly ReplayTurn[], prompt: string, maxChars: number): string {
  const parts = turns.flatMap(turnParts);
  if (parts.length === 0) return prompt;
  const fence = fenceFor(parts.map((part) => part.head + part.text));
  const empty = frame(fence, "", prompt).length + OMISSION_CHARS;
  const room = maxChars - empty;
  if (room < SHORT_CHARS) return prompt;
  return frame(fence, recordWithin(parts, fence, room), prompt);
}

/** Characters reserved for the line that says what was shortened or left out. */
const OMISSION_CHARS = 200;

function frame(fence: string, record: string, prompt: string): string {
  return [
    "This continues an earlier conversation between the user and you. What follows up to the last line of " +
    `"${fence}" is the record of it, oldest first: all of it has happened already, so do none of it again, and ` +
    "take files as they are now.",
    "",
    `${record.trimEnd()}\n`,
    `${fence} end of the record; the user's new request follows`,
    "",
    prompt,
  ].join("\n");
}

/** A line that occurs nowhere in the texts, so that nothing in them can end the record. */
function fenceFor(texts: readonly string[]): string {
  let length = 5;
  for (const text of texts) {
    for (const [run] of text.matchAll(/={5,}/g)) length = Math.max(length, run.length + 1);
  }
  return "=".repeat(length);
}

/** Share of the room for the newest parts, which stay whole; the rest is for shortened older ones. */
const WHOLE_SHARE = 0.75;

function recordWithin(parts: readonly Part[], fence: string, room: number): string {
  const whole = parts.map((part) => written(part, fence));
  if (whole.reduce((sum, text) => sum + text.length, 0) <= room) return whole.join("");
  const kept: string[] = [];
  let used = 0;
  let next = parts.length - 1;
  for (; next >= 0; next--) {
    const text = whole[next] ?? "";
    if (used + text.length > room * WHOLE_SHARE) break;
    kept.unshift(text);
    used += text.length;
  }
  let shortened = 0;
  for (; next >= 0; next--) {
    const part = parts[next];
    if (part === undefined) break;
    // The newest shortened part may use what the whole parts left of their share.
    const chars = shortened === 0
      ? Math.max(SHORT_CHARS, room * WHOLE_SHARE - used - part.head.length - CUT_NOTE_CHARS)
      : SHORT_CHARS;
    const text = written({ head: part.head, text: clipMiddle(part.text, chars) }, fence);
    if (used + text.length > room) break;
    kept.unshift(text);
    used += text.length;
    shortened++;
  }
  return omission(fence, shortened, next + 1) + kept.join("");
}

function omission(fence: string, shortened: number, dropped: number): string {
  const said = [
    ...(dropped === 0 ? [] : [`the oldest ${dropped} parts are left out`]),
    ...(shortened === 0 ? [] : [`${dropped === 0 ? "the oldest" : "the next"} ${shortened} are shortened`]),
  ];
  return said.length === 0 ? "" : `${fence} to save room, ${said.join(" and ")}\n\n`;
}

function written(part: Part, fence: string): string {
  return `${fence} ${part.head}\n${part.text}\n\n`;
}

function turnParts(turn: ReplayTurn, index: number): Part[] {
  const parts: Part[] = [{ head: `turn ${index + 1}, the user asked`, text: turn.prompt }];
  const actions = new Map<string, number>();
  for (const event of turn.events) {
    const part = eventPart(event);
    if (part === null) continue;
    const key = actionKey(event);
    const place = key === null ? undefined : actions.get(key);
    if (place !== undefined) {
      parts[place] = part;
      continue;
    }
    if (key !== null) actions.set(key, parts.length);
    parts.push(part);
  }
  return parts;
}

/** Events with the same key replace each other: the end of an action its start, a new plan the old one. */
function actionKey(event: EventBody): string | null {
  switch (event.type) {
    case "command":
    case "file_change":
    case "tool_call":
      return `${event.type} ${event.id}`;
    case "plan":
      return "plan";
    default:
      return null;
  }
}

function eventPart(event: EventBody): Part | null {
  switch (event.type) {
    case "message":
      return { head: "you said", text: event.text };
    case "command": {
      const code = event.exit_code === undefined ? "" : `, exit code ${event.exit_code}`;
      const output = event.output === undefined || event.output.trim() === ""
        ? ""
        : `\n${clipOutput(event.output)}`;
      return { head: `you ran a command (${progress(event)}${code})`, text: event.command + output };
    }
    case "file_change":
      return {
        head: `you changed files (${progress(event)})`,
        text: event.changes.map((change) => `${change.kind} ${change.path}`).join("\n"),
      };
    case "tool_call": {
      const tool = event.server === undefined ? event.tool : `${event.server}.${event.tool}`;
      const given = event.arguments === undefined ? "" : clipOutput(JSON.stringify(event.arguments) ?? "");
      const end = event.error ?? event.result ?? "";
      return {
        head: `you used the tool ${tool} (${progress(event)})`,
        text: [given, end === "" ? "" : clipOutput(end)].filter((text) => text !== "").join("\n"),
      };
    }
    case "web_search":
      return { head: "you searched the web", text: event.query };
    case "plan":
      return {
        head: "your plan",
        text: event.items.map((item) => `[${item.done ? "x" : " "}] ${item.text}`).join("\n"),
      };
    case "error":
      return event.transient ? null : { head: "an error was reported", text: event.message };
    case "session":
    case "reasoning":
    case "usage":
    case "warning":
    case "status":
    case "raw":
    case "check":
      return null;
    case "question":
      return { head: "you asked", text: event.title };
    case "answer":
      return { head: "the answer", text: answerText(event) };
    default:
      unknownWord(event);
      return null;
  }
}

/** The state of an action in words. One that has no end was cut short with its turn. */
function progress({ state, ended }: { state: ActionState; ended?: true | undefined }): string {
  if (state === "started") return "began, and never ended";
  return ended === true ? "still ran when the turn ended, and was ended" : state;
}

function clipOutput(text: string): string {
  return clipMiddle(plainText(text).trimEnd(), REPLAY_OUTPUT_CHARS);
}

/** Characters reserved for the note where a text is cut. */
const CUT_NOTE_CHARS = 60;

/** The beginning and the end of `text`, `chars` UTF-16 units together. Never leaves half a surrogate pair. */
function clipMiddle(text: string, chars: number): string {
  if (text.length <= chars) return text;
  const half = Math.floor(chars / 2);
  const start = text.slice(0, half).replace(/[\ud800-\udbff]$/, "");
  const end = text.slice(-half).replace(/^[\udc00-\udfff]/, "");
  return `${start}\n[... ${text.length - start.length - end.length} characters left out ...]\n${end}`;
}
