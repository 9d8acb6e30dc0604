/**
 * Room `agents`: what keeps Claude Code's shell from writing under `suggest`.
 *
 * `--permission-mode dontAsk` denies what Claude Code does not know to be reading, but the user's own `allow` rules
 * (such as `Bash(npm run *)`) still let commands through. Leaving out the user's settings would lose the login that
 * may be in them (`apiKeyHelper`, `env`); ignoring their rules would lose their `deny` rules with them. So a hook, which
 * no rule overrides and which subagents obey as well, looks at each command first and refuses all but plain reading.
 * What it lets pass is then judged by Claude Code's own rules, as ever.
 *
 * @module
 */

/** Commands that only read, whatever their options are. `sort`, `find`, `sed` and their like have options that write. */
const COMMANDS =
  "ls|cat|head|tail|wc|grep|pwd|cd|stat|du|echo|true|cut|tr|nl|basename|dirname|realpath|which";

/** Of git's, those that only read; options that write or start a program are in `REFUSED`. */
const GIT =
  "diff|log|show|status|blame|ls-files|ls-tree|rev-parse|rev-list|merge-base|shortlog|describe|diff-tree|cat-file|name-rev|show-ref|for-each-ref";

/*
 * The command as it stands inside of a JSON text, so a double quote is `\"` and a backslash `\\`. Bare words hold
 * nothing that the shell expands; quotes stand for whole words or for all that follows `=`.
 */
const BARE = String.raw`[A-Za-z0-9_./:=^~,+%#-][A-Za-z0-9_./:=@^~,+%#-]*(@\{[a-z0-9]+\}[A-Za-z0-9_./:^~-]*)?`;
const SINGLE_QUOTED = String.raw`'([^'"\\]|\\.)*'`;
const DOUBLE_QUOTED = String.raw`\\"[^"\\$${"`"}!]*\\"`;
const QUOTED = `(${SINGLE_QUOTED}|${DOUBLE_QUOTED})`;
const WORD = `(${QUOTED}|${BARE}|--?[A-Za-z-]+=${QUOTED})`;
const REDIRECTION = String.raw`( 2>&1| 2> ?/dev/null)?`;
const GIT_COMMAND = `git( -C ${WORD})?( --no-pager)?( -C ${WORD})? (${GIT})`;
const COMMAND = `(${GIT_COMMAND}|${COMMANDS})( +${WORD})*${REDIRECTION}`;
const ALLOWED = `"command":"${COMMAND}( *(\\||&&|;|\\|\\|) *${COMMAND})*"`;

/** An option that makes git write a file or run a program that the repository's configuration names; two commands. */
const REFUSED = String
  .raw`"command":"([^"\\]|\\.)*( |'|\\")--(ou|ext-d|textc|exe|upl|op)|"command":.*"command":`;

/** What the model is told; Claude Code repeats it as the answer of the call. */
export const READ_ONLY_REASON =
  "This job only reads. The shell runs plain reading commands (git diff, log, show, status, blame; ls, cat, head) " +
  "without substitutions, wildcards or redirections; use the Read, Grep and Glob tools for everything else.";

const DENIAL = JSON.stringify({
  hookSpecificOutput: {
    hookEventName: "PreToolUse",
    permissionDecision: "deny",
    permissionDecisionReason: READ_ONLY_REASON,
  },
});

/** The hook: POSIX sh with the call as JSON on its standard input. Refuses, whatever goes wrong in it. */
export function readOnlyHook(): string {
  const matches = (pattern: string): string => `printf '%s\\n' "$call" | grep -Eq ${shellQuoted(pattern)}`;
  return `call=$(cat); if ${matches(ALLOWED)} && ! ${matches(REFUSED)}; then exit 0; fi; ` +
    `echo ${shellQuoted(DENIAL)}`;
}

/** Settings for `--settings`, which stand above the user's own and the project's. */
export function readOnlySettings(): string {
  return JSON.stringify({
    disableAllHooks: false,
    hooks: {
      PreToolUse: [{ matcher: "Bash", hooks: [{ type: "command", command: readOnlyHook(), timeout: 60 }] }],
    },
  });
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
