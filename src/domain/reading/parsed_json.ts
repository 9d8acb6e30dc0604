/**
 * Room `domain`: parses text from outside that may not be JSON.
 *
 * @module
 */

import { isDeeperThan } from "./json_depth.ts";

/**
 * Levels of arrays and objects in a text that is read as JSON. What agents print comes into events and results, which
 * the wire carries (500 levels with its own) and which are written as JSON again, where the stack ends at some thousands.
 */
export const MAX_JSON_LEVELS = 400;

/**
 * The value of a JSON text. `undefined`, which is no JSON value, when the text is not JSON or is nested deeper than
 * {@link MAX_JSON_LEVELS}.
 */
export function parsedJson(text: string): unknown {
  // A text needs two characters for each level.
  if (text.length > 2 * MAX_JSON_LEVELS && isDeeperThan(text, MAX_JSON_LEVELS)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
