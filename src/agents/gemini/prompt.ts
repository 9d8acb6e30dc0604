/**
 * Room `agents`: keeps the Gemini CLI from expanding parts of a prompt, so that its model reads what the user wrote.
 *
 * @module
 */

import type { PromptSite } from "../project_texts.ts";

/**
 * What its at-command processor (0.61) takes for a path. It replaces the text around such a path and adds the
 * contents of the file, or of the first file anywhere below the directory whose path contains it: `@types` brings in
 * `src/types.ts`. Where there is no such file, it leaves the whole prompt as it is: an address (`ann@example.com`), a
 * package (`@scope/name`), a decorator.
 */
const AT_PATH = /(?<!\\)@((?:"[^"]*"|\\.|[^ \t\n\r,;!?()[\]{}.]|\.(?!$|[ \t\n\r]))+)/g;

/** Gemini's built-in agents, which `@` before their name calls. */
const AGENTS: ReadonlySet<string> = new Set([
  "codebase_investigator",
  "cli_help",
  "generalist",
  "browser_agent",
]);

/** Note for the model about the backslashes. Its own at sign is escaped too. */
const NOTE = "\n\n(In the text above, \\@ stands for the at sign alone.)";

/**
 * `prompt` with nothing in it that the CLI would expand. A leading `/` would run a command of Gemini or of the user:
 * it moves to the second line. An `@` before the path of a file gets a backslash, and the prompt gets a note for the
 * model. No setting could do this instead: only root can switch the search for `@` off.
 */
export function guardGeminiPrompt(prompt: string, site: PromptSite): string {
  const unslashed = prompt.startsWith("/") ? `\n${prompt}` : prompt;
  const escaped = unslashed.replaceAll(
    AT_PATH,
    (match, path: string) => isExpanded(path, site) ? `\\${match}` : match,
  );
  return escaped === unslashed ? unslashed : escaped + NOTE;
}

/**
 * Whether the CLI would expand `@path`. Its search interprets wildcards and backslashes, so a path with any counts.
 */
function isExpanded(path: string, site: PromptSite): boolean {
  const plain = /^"[^"]*"$/.test(path) ? path.slice(1, -1) : path;
  return AGENTS.has(plain) || /[*\\"]/.test(plain) || site.hasPath(plain);
}
