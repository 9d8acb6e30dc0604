/**
 * Room `domain`: the last branch of a `switch` over words that a later version may have added to. Apart from
 * `opened.ts`, since what every start loads needs no schemas.
 *
 * @module
 */

/** What a later version calls something, as the last branch of a `switch` over the words of this one. */
export function unknownWord(value: never): string {
  return String(value);
}
