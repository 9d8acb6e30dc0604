/**
 * Room `cli`: JSON that may meet a terminal.
 *
 * @module
 */

import { strictJson } from "../../domain/reading/strict_json.ts";

/**
 * What {@link strictJson} lets through and nobody sees: DEL and the 8-bit control characters, the marks that reorder a
 * text or hide in it, the separators that some take for newlines, and the tags, which can spell a text of their own.
 */
const UNSEEN =
  /[\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/** As {@link strictJson}, with such characters escaped: for who reads the JSON nothing changes. */
export function jsonText(value: unknown, indent?: number): string {
  return strictJson(value, indent).replace(UNSEEN, escaped);
}

function escaped(character: string): string {
  return [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`)
    .join("");
}
