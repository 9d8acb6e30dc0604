/**
 * Room `domain`: parses text from outside that may not be JSON.
 *
 * @module
 */

/**
 * The value of a JSON text. `undefined`, which is no JSON value, when the text is not JSON or is nested too deep for
 * the parser.
 */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
