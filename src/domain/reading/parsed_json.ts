/**
 * Room `domain`: JSON from outside, which may be anything else as well.
 *
 * @module
 */

/**
 * The value of a JSON text; `undefined`, which no JSON text stands for, when it is none or is nested deeper than the
 * parser goes.
 */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
