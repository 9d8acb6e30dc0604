/**
 * Room `agents`: a prompt as the Gemini CLI must be given it so that its model reads what the user wrote.
 *
 * @module
 */

/**
 * What its at-command processor (0.61) takes for a path. It replaces the text around such a path and adds the
 * contents of the file, or of the first file anywhere below the directory whose name contains it: `@types` brings in
 * `src/types.ts`, and an address like `ann@example.com` whatever is called so.
 */
const AT_PATH = /(?<!\\)@(?=[^ \t\n\r,;!?()[\]{}.]|\.(?!$|[ \t\n\r]))/g;

/** Without an at sign of its own to expand. */
const NOTE = "\n\n(In the text above, \\@ stands for the at sign alone.)";

/**
 * `prompt` with nothing in it that the CLI would expand: a leading `/` would run a command of Gemini or of the user,
 * and is moved to the second line; an `@` with a path after it gets a backslash, which no setting can replace (only
 * root could switch the search off), and a note for the model.
 */
export function guardGeminiPrompt(prompt: string): string {
  const unslashed = prompt.startsWith("/") ? `\n${prompt}` : prompt;
  const escaped = unslashed.replaceAll(AT_PATH, "\\@");
  return escaped === unslashed ? unslashed : escaped + NOTE;
}
