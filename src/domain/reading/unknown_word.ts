/**
 * Room `domain`: the `default` of a `switch` over words to which a later version may have added. It is kept apart from
 * `opened.ts`, so that using it does not load zod.
 *
 * @module
 */

/** An unknown word as text. As the `default` of a `switch` it breaks the build when a known word has no case. */
export function unknownWord(value: never): string {
  return String(value);
}
