/**
 * Room `domain`: checks words from outside, such as a session id or a model, that go onto a command line unchanged.
 *
 * @module
 */

/** Text that a program may take for an option (`--config=...` as a session id), or that people cannot see. */
const NO_WORD = /^\s*-|[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;

/** Whether a program can take `text` only as a value, at any place of its command line. */
export function isArgumentWord(text: string): boolean {
  return text.trim() !== "" && !NO_WORD.test(text);
}

/** The rule of {@link isArgumentWord}, as the end of a sentence. */
export const ARGUMENT_WORD_RULE = "must not begin with a dash or hold control characters";

/** `text` as one argument that no program takes for an option: a newline is put before a leading dash. */
export function asArgument(text: string): string {
  return text.startsWith("-") ? `\n${text}` : text;
}
