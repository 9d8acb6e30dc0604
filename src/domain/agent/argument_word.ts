/**
 * Room `domain`: words that an agent or a caller has chosen and that stand in a command line as they are.
 *
 * @module
 */

/** What a reader can mistake for an option (`--config=...` as a session's id), or does not see. */
const NO_WORD = /^\s*-|[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;

/** Whether it can be nothing but a value, wherever it stands. */
export function isArgumentWord(text: string): boolean {
  return text.trim() !== "" && !NO_WORD.test(text);
}

/** What {@link isArgumentWord} asks for, as the end of a sentence. */
export const ARGUMENT_WORD_RULE = "must not begin with a dash or hold control characters";

/** A text as an argument of its own that no program takes for an option: it begins with a newline then. */
export function asArgument(text: string): string {
  return text.startsWith("-") ? `\n${text}` : text;
}
