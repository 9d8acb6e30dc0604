/**
 * Room `agents`: what keeps Codex from running a repository's programs under `suggest`.
 *
 * Its read-only sandbox lets every command run that does not write, so a script of the repository too. A hook looks at each command first and refuses all but plain reading. It comes with the command line of the turn,
 * beside the user's own hooks. Codex runs such a hook only when it is marked as trusted, by a digest of what it runs.
 *
 * @module
 */
import {
  commandsOf,
  GIT,
  matchesCall,
  OPERAND,
  PLAIN_COMMANDS,
  REDIRECTION,
  shellQuoted,
  WORD,
} from "../reading_commands.ts";

const PLAIN = `(${PLAIN_COMMANDS}|rg|find|git( --no-pager)? (${GIT}))( +${WORD})*`;
/** `sed` runs programs by its script and by further scripts: only lines by number, and no further option. */
const LINES = String.raw`[0-9]+(,([0-9]+|[$]))?p`;
const SED = `sed -n ('${LINES}'|${String.raw`\\"`}${LINES}${String.raw`\\"`}|${LINES})( +${OPERAND})*`;
/** Without long options, of which one of `sort` names a program. */
const SORTED = `(sort|uniq)( +(-[a-zA-Z0-9,.]+|${OPERAND}))*`;
const ALLOWED = commandsOf(`(${PLAIN}|${SED}|${SORTED})${REDIRECTION}`);

/** Options by which git, rg or find run a program, and git after `cd`, which would be in another repository. */
const REFUSED = String.raw`"command":"([^"\\]|\\.)*( |'|\\")--(ext|textc|exe|upl|filt|pre|host)` +
  String.raw`|"command":"([^"\\]|\\.)*( |'|\\")-(exec|ok|O)` +
  String.raw`|"command":"(([^"\\]|\\.)*[;&|] *)?cd ([^"\\]|\\.)*[;&|] *git `;

/** What the model is told; Codex repeats it as the answer of the call. */
export const CODEX_READ_ONLY_REASON =
  "This job only reads. The shell runs plain reading commands (cat, sed -n '1,200p', head, tail, nl, ls, rg, grep, find, " +
  "git diff, log, show, status, blame; with pipes) without substitutions, wildcards or redirections, and no program of " +
  "the repository. What you cannot do so, say in your answer.";

const DENIAL = JSON.stringify({
  hookSpecificOutput: {
    hookEventName: "PreToolUse",
    permissionDecision: "deny",
    permissionDecisionReason: CODEX_READ_ONLY_REASON,
  },
});

/** POSIX sh with the call as JSON on its standard input. Refuses, whatever goes wrong in it. */
const COMMAND = `call=$(cat); if ${matchesCall(ALLOWED)} && ! ${matchesCall(REFUSED)}; then exit 0; fi; ` +
  `echo ${shellQuoted(DENIAL)}`;

/** What Codex calls its shell, whichever tool it is. */
const MATCHER = "^Bash$";

const TIMEOUT_SECONDS = 60;

/** Where Codex says that hooks of the command line come from: by it and their place they are known. */
const PLACE = "/<session-flags>/config.toml:pre_tool_use:0:0";

/** The hook as Codex sees it when it makes its digest: keys in order, nothing left out. */
export const HOOK_IDENTITY = {
  event_name: "pre_tool_use",
  hooks: [{ async: false, command: COMMAND, timeout: TIMEOUT_SECONDS, type: "command" }],
  matcher: MATCHER,
};

/**
 * SHA-256 of {@link HOOK_IDENTITY} as JSON: by it Codex (0.125 to 0.171) knows a hook that is trusted. A version that
 * makes it in another way does not run the hook, which a test with the pinned version shows.
 */
export const HOOK_DIGEST = "c499f772ea28ea9c0c5a5556ff32c798a747aecd0861eda18361e79fdd586b5a";

/** Settings for `-c`, under `suggest`. JSON strings are TOML strings too. */
export function readOnlyHookSettings(): string[] {
  const text = JSON.stringify;
  const hook = `{type="command",command=${text(COMMAND)},timeout=${TIMEOUT_SECONDS}}`;
  return [
    "features.hooks=true",
    `hooks.PreToolUse=[{matcher=${text(MATCHER)},hooks=[${hook}]}]`,
    `hooks.state={${text(PLACE)}={trusted_hash=${text(`sha256:${HOOK_DIGEST}`)}}}`,
  ];
}
