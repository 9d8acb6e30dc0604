/**
 * Room `agents`: a prompt as the Gemini CLI must be given it so that its model reads what the user wrote.
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

/** Its own agents, which an at sign before their name calls. */
const AGENTS: ReadonlySet<string> = new Set([
  "codebase_investigator",
  "cli_help",
  "generalist",
  "browser_agent",
]);

/** Without an at sign of its own to expand. */
const NOTE = "\n\n(In the text above, \\@ stands for the at sign alone.)";

/**
 * `prompt` with nothing in it that the CLI would expand: a leading `/` would run a command of Gemini or of the user,
 * and is moved to the second line; an `@` with the path of a file after it gets a backslash, which no setting can
 * replace (only root could switch the search off), and a note for the model. All else reaches the model as it is.
 */
export function guardGeminiPrompt(prompt: string, site: PromptSite): string {
  const unslashed = prompt.startsWith("/") ? `\n${prompt}` : prompt;
  const escaped = unslashed.replaceAll(
    AT_PATH,
    (match, path: string) => isExpanded(path, site) ? `\\${match}` : match,
  );
  return escaped === unslashed ? unslashed : escaped + NOTE;
}

/** Wildcards and backslashes mean something to its search: such a path is taken for one. */
function isExpanded(path: string, site: PromptSite): boolean {
  const plain = /^"[^"]*"$/.test(path) ? path.slice(1, -1) : path;
  return AGENTS.has(plain) || /[*\\"]/.test(plain) || site.hasPath(plain);
}
