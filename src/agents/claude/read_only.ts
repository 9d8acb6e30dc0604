/**
 * Room `agents`: what keeps Claude Code's shell from writing, and from running a repository's programs, under `suggest`.
 *
 * `--permission-mode dontAsk` denies what Claude Code does not know to be reading, but the user's own `allow` rules
 * (such as `Bash(npm run *)`) still let commands through. Leaving out the user's settings would lose the login that
 * may be in them (`apiKeyHelper`, `env`); ignoring their rules would lose their `deny` rules with them. So a hook, which
 * no rule overrides and which subagents obey as well, looks at each command first and refuses all but plain reading.
 * What it lets pass is then judged by Claude Code's own rules, as ever.
 *
 * @module
 */
import {
  commandsOf,
  GIT,
  matchesCall,
  PLAIN_COMMANDS,
  REDIRECTION,
  shellQuoted,
  WORD,
} from "../reading_commands.ts";

const GIT_COMMAND = `git( --no-pager)? (${GIT})`;
const COMMAND = `(${GIT_COMMAND}|${PLAIN_COMMANDS})( +${WORD})*${REDIRECTION}`;
const ALLOWED = commandsOf(COMMAND);

/**
 * An option that makes git write a file or run a program that the repository's configuration names; git after `cd`,
 * which would be in another repository; two commands.
 */
const REFUSED = String
  .raw`"command":"([^"\\]|\\.)*( |'|\\")--(ou|ext|textc|exe|upl|op|filt|show-s|alternate-r)` +
  String.raw`|"command":"(([^"\\]|\\.)*[;&|] *)?cd ([^"\\]|\\.)*[;&|] *git |"command":.*"command":`;

/** What the model is told; Claude Code repeats it as the answer of the call. */
export const READ_ONLY_REASON =
  "This job only reads. The shell runs plain reading commands (git diff, log, show, status, blame; ls, cat, head) " +
  "without substitutions, wildcards or redirections, and git without cd or -C; use the Read, Grep and Glob tools for " +
  "everything else.";

function denial(reason: string): string {
  return decision("deny", reason);
}

function decision(permissionDecision: "deny" | "ask", permissionDecisionReason: string): string {
  return JSON.stringify({
    hookSpecificOutput: { hookEventName: "PreToolUse", permissionDecision, permissionDecisionReason },
  });
}

/** The hook: POSIX sh with the call as JSON on its standard input. Refuses, whatever goes wrong in it. */
export function readOnlyHook(cwd: string): string {
  return `call=$(cat); if ${matchesCall(ALLOWED)} && ! ${matchesCall(REFUSED)} && ${
    staysInRepository(cwd)
  }; then exit 0; fi; ` +
    `echo ${shellQuoted(denial(READ_ONLY_REASON))}`;
}

/** What the model is told when it asks git about another repository than its own. */
export const OTHER_REPOSITORY_REASON =
  "git may only be used in the repository that this job began in: the settings of another one can run programs.";

const NO_MCP_REASON = "This job only reads: MCP tools are switched off.";

/** What these hooks answer: by it a refusal is known from a failure. */
export const HOOK_REASONS: readonly string[] = [READ_ONLY_REASON, OTHER_REPOSITORY_REASON, NO_MCP_REASON];

/** The hook that keeps git in the job's repository, for policies under which more may be run than plain reading. */
export function repositoryHook(cwd: string): string {
  return otherwise(cwd, denial(OTHER_REPOSITORY_REASON));
}

function otherwise(cwd: string, decided: string): string {
  return `call=$(cat); if ${staysInRepository(cwd)}; then exit 0; fi; echo ${shellQuoted(decided)}`;
}

/**
 * Only the repository of `cwd` had its programs taken out of git's way, and Claude Code before 2.1.330 follows a `cd`
 * into another one. `rev-parse` itself runs none. The hook starts in the shell's present directory.
 */
function staysInRepository(cwd: string): string {
  const top = "git rev-parse --show-toplevel 2>/dev/null";
  return `{ ! ${matchesCall("git")} || [ "$(${top})" = "$(cd ${shellQuoted(cwd)} && ${top})" ]; }`;
}

/**
 * Settings for `--settings` under `suggest`; they stand above the user's own. An MCP tool that the user's rules allow
 * may do more than read, so none is let through.
 */
export function readOnlySettings(cwd: string): string {
  return settings([
    { matcher: "Bash", command: readOnlyHook(cwd) },
    {
      matcher: "mcp__.*",
      command: `echo ${shellQuoted(denial(NO_MCP_REASON))}`,
    },
  ]);
}

/** Settings for `--settings` under `auto-edit`. */
export function editingSettings(cwd: string): string {
  return settings([{ matcher: "Bash", command: repositoryHook(cwd) }]);
}

/** Settings for `--settings` under `ask`: git in another repository is a question, though it only reads. */
export function askingSettings(cwd: string): string {
  const question = decision("ask", "it uses git in another repository, whose settings can run programs");
  return settings([{ matcher: "Bash", command: otherwise(cwd, question) }]);
}

/**
 * Claude Code 2.1.197 to 2.1.332 itself asks before it changes a `.git`, also through a link, and asking is a denial;
 * a user's allow rule for `Edit` would not lift that, and the rule here holds whatever a version does.
 */
const DENIED = ["Edit(//**/.git)", "Edit(//**/.git/**)"];

function settings(hooks: readonly { matcher: string; command: string }[]): string {
  return JSON.stringify({
    disableAllHooks: false,
    permissions: { deny: DENIED },
    hooks: {
      PreToolUse: hooks.map(({ matcher, command }) => ({
        matcher,
        hooks: [{ type: "command", command, timeout: 60 }],
      })),
    },
  });
}
