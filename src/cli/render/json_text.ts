/**
 * Room `cli`: JSON that is safe to print on a terminal.
 *
 * @module
 */

import { strictJson } from "../../domain/reading/strict_json.ts";

/**
 * Matches invisible characters that {@link strictJson} does not escape: DEL and the 8-bit control characters, marks
 * that reorder or hide text, separators that some programs take for newlines, and tag characters, which can spell a
 * hidden text.
 */
const UNSEEN =
  /[\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/** As {@link strictJson}, with invisible characters escaped. A program that parses the JSON gets the same value. */
export function jsonText(value: unknown, indent?: number): string {
  return strictJson(value, indent).replace(UNSEEN, escaped);
}

function escaped(character: string): string {
  return [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`)
    .join("");
}
