/**
 * Room `agents`: the words of a question as whoever answers it sees them. They come from an agent and a model, and
 * somebody allows a command by them: nothing in them may be invisible or look like something else.
 *
 * @module
 */
import { QUESTION_DETAIL_CHARS, QUESTION_TITLE_CHARS } from "../../domain/question/question.ts";

/** What a terminal or a reader would not show as it is: controls, marks of direction, characters of no width. */
const HIDDEN = /(?![\n\t])[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** `text` with everything that cannot be seen written out, such as `\u{1b}`. */
export function visibleText(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(
    HIDDEN,
    (hidden) => `\\u{${(hidden.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** One line of at most as many characters as a title has. */
export function questionTitle(text: string): string {
  const line = visibleText(text).replace(/\s+/g, " ").trim();
  return line.length <= QUESTION_TITLE_CHARS ? line : `${line.slice(0, QUESTION_TITLE_CHARS - 1)}…`;
}

/** At most as many characters as a detail has. What is left out of it is said first, where nobody overlooks it. */
export function questionDetail(text: string): string {
  const shown = visibleText(text).trimEnd();
  if (shown.length <= QUESTION_DETAIL_CHARS) return shown;
  const note = `[Too long to be shown: the last characters of ${shown.length} are left out]\n`;
  return `${note}${shown.slice(0, QUESTION_DETAIL_CHARS - note.length)}`;
}

/** Arguments of a tool, for a detail: a text as it is, anything else as indented JSON, nothing as "". */
export function argumentsText(value: unknown): string {
  if (typeof value === "string") return value;
  const json = JSON.stringify(value, null, 2) ?? "";
  return json === "{}" || json === "null" ? "" : json;
}
