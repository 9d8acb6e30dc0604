/**
 * Room `cli`: JSON that may meet a terminal.
 *
 * @module
 */

import { strictJson } from "../../domain/strict_json.ts";

/** As {@link strictJson}, with the control characters escaped that it lets through: DEL and the 8-bit ones. */
export function jsonText(value: unknown, indent?: number): string {
  return strictJson(value, indent).replace(
    /[\x7f-\x9f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
