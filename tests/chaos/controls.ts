/**
 * Chaos: what a terminal obeys.
 *
 * @module
 */

/** Whether a terminal would do something with it: controls but newline and tab. */
export function hasControls(text: string): boolean {
  return [...text].some((character) => {
    const code = character.codePointAt(0) ?? 0;
    return (code < 32 && code !== 9 && code !== 10) || (code >= 0x7f && code <= 0x9f);
  });
}
