/**
 * Room `agents`: plain reading, as regular expressions over the JSON that Claude Code and Codex give to a hook before a
 * command runs. Their hooks use them to refuse all else, and with it every program of a repository.
 *
 * @module
 */

/** Commands that only read, whatever their options are. `sort`, `find`, `sed` and their like have options that write. */
export const PLAIN_COMMANDS =
  "ls|cat|head|tail|wc|grep|pwd|cd|stat|du|echo|true|cut|tr|nl|basename|dirname|realpath|which";

/** Of git's, those that only read; options that write or start a program are in `REFUSED`. */
export const GIT =
  "diff|log|show|status|blame|ls-files|ls-tree|rev-parse|rev-list|merge-base|shortlog|describe|diff-tree|cat-file|name-rev|show-ref|for-each-ref";

/*
 * The command as it stands inside of a JSON text, so a double quote is `\"` and a backslash `\\`. Bare words hold
 * nothing that the shell expands; quotes stand for whole words or for all that follows `=`.
 */
/** A bare word that is no option. */
const BARE_OPERAND = String.raw`[A-Za-z0-9_./:=^~,+%#][A-Za-z0-9_./:=@^~,+%#-]*`;
const BARE = String.raw`[A-Za-z0-9_./:=^~,+%#-][A-Za-z0-9_./:=@^~,+%#-]*(@\{[a-z0-9]+\}[A-Za-z0-9_./:^~-]*)?`;
const SINGLE_QUOTED = String.raw`'([^'"\\]|\\.)*'`;
const DOUBLE_QUOTED = String.raw`\\"[^"\\$${"`"}!]*\\"`;
const QUOTED = `(${SINGLE_QUOTED}|${DOUBLE_QUOTED})`;
export const WORD = `(${QUOTED}|${BARE}|--?[A-Za-z-]+=${QUOTED})`;

/** A word that is no option, quoted or not. */
export const OPERAND = String.raw`(${BARE_OPERAND}|'[^-'"\\][^'"\\]*'|\\"[^-"\\$${"`"}!][^"\\$${"`"}!]*\\")`;

export const REDIRECTION = String.raw`( 2>&1| 2> ?/dev/null)?`;

/** Commands one after another, or into each other. */
export function commandsOf(command: string): string {
  return `"command":"${command}( *(\\||&&|;|\\|\\|) *${command})*"`;
}

/** A test, for sh, whether the call in `$call` matches. */
export function matchesCall(pattern: string): string {
  return `printf '%s\\n' "$call" | grep -Eq ${shellQuoted(pattern)}`;
}

export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
