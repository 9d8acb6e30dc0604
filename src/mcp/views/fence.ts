/**
 * Room `mcp`: how an agent's words get into what another model reads. They are data from a stranger: they stand
 * between marks that they cannot contain or cannot guess, or in quotes on one line, and never inside a sentence of ours.
 *
 * @module
 */
import { preview } from "../../domain/job/result.ts";
import { plainText } from "../../domain/event/transcript.ts";
import { randomId } from "../../system/ids.ts";

/** An agent's words inside of one string of structured content, which most hosts hand to their model alone. */
export type Fenced = (text: string) => string;

/** 30 bits: an agent that guesses has written its text before the mark was drawn. */
const MARK_CHARS = 6;
const MARK_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** Marks for one answer, which no text in it can have known. An empty text needs none. */
export function answerFence(): Fenced {
  const mark = `agent-${randomId(MARK_ALPHABET, MARK_CHARS)}`;
  return (text) => text === "" ? "" : `<${mark}>${plainText(text)}</${mark}>`;
}

/** The activity of a job: one of our own words stays bare, a command, tool or message of the agent is fenced. */
export function fencedActivity(activity: string | undefined, fenced: Fenced): string | undefined {
  if (activity === undefined || OUR_ACTIVITIES.test(activity)) return activity;
  return fenced(activity);
}

const OUR_ACTIVITIES =
  /^(?:starting|thinking|writing|editing files|searching the web|failing|ending|idle|checking)$/;

/** `text` between two lines that name it; the marks are longer than any such run in the text. */
export function fence(label: string, text: string): string {
  const clean = plainText(text);
  const longest = (clean.match(/={5,}/g) ?? []).reduce((most, run) => Math.max(most, run.length), 4);
  const mark = "=".repeat(longest + 1);
  return `${mark} begin ${label} ${mark}\n${clean}\n${mark} end ${label} ${mark}`;
}

/** The first `chars` characters of `text` on one line, in quotes. */
export function quoted(text: string, chars: number): string {
  return JSON.stringify(preview(plainText(text.slice(0, chars * 4)), chars));
}

const unfenced: Fenced = (text) => text;

/** The first `chars` characters, with a last line of ours that says how many follow and where they are. */
export function cutEnd(text: string, chars: number, where: string, fenced = unfenced): string {
  if (text.length <= chars) return fenced(text);
  const kept = wholeCharacters(text.slice(0, chars));
  return `${fenced(kept)}\n[... ${text.length - kept.length} more characters: ${where}]`;
}

/** The last `chars` characters, with a first line of ours that says how many came before and where they are. */
export function cutStart(text: string, chars: number, where: string, fenced = unfenced): string {
  if (text.length <= chars) return fenced(text);
  const kept = chars === 0 ? "" : wholeCharacters(text.slice(-chars));
  return `[... ${text.length - kept.length} characters before this: ${where}]\n${fenced(kept)}`;
}

/** `text` without half a surrogate pair at either end. */
function wholeCharacters(text: string): string {
  return text.replace(/^[\udc00-\udfff]/, "").replace(/[\ud800-\udbff]$/, "");
}
