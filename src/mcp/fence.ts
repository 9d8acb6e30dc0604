/**
 * Room `mcp`: how an agent's words get into a text that another model reads. They are data from a stranger: they
 * stand between marks that they cannot contain, or in quotes on one line, and never inside a sentence of ours.
 *
 * @module
 */
import { preview } from "../domain/result.ts";
import { plainText } from "../domain/transcript.ts";

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

/** The first `chars` characters, with a last line that says how many follow and where they are. */
export function cutEnd(text: string, chars: number, where: string): string {
  if (text.length <= chars) return text;
  const kept = wholeCharacters(text.slice(0, chars));
  return `${kept}\n[... ${text.length - kept.length} more characters: ${where}]`;
}

/** The last `chars` characters, with a first line that says how many came before and where they are. */
export function cutStart(text: string, chars: number, where: string): string {
  if (text.length <= chars) return text;
  const kept = chars === 0 ? "" : wholeCharacters(text.slice(-chars));
  return `[... ${text.length - kept.length} characters before this: ${where}]\n${kept}`;
}

/** Without the half of a surrogate pair at either end. */
function wholeCharacters(text: string): string {
  return text.replace(/^[\udc00-\udfff]/, "").replace(/[\ud800-\udbff]$/, "");
}
