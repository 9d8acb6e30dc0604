/**
 * Room `agents`: what must be said to Claude Code so that its model reads a text.
 *
 * @module
 */

/**
 * A text that begins with `/` runs a command of Claude Code, or ends in `Unknown command` with a report of success;
 * on the second line it is text. `@path` stays as it is: the text reaches the model, with the file beside it.
 */
export function guardedPrompt(prompt: string): string {
  return prompt.startsWith("/") ? `\n${prompt}` : prompt;
}
