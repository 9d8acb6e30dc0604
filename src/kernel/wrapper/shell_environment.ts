/**
 * Room `kernel`: which variables a shell hands on exactly as they came. What stands here was measured with dash, bash
 * (as `bash`, `sh` and `--posix`) and the ash of busybox; a test measures it again with every shell of the machine.
 *
 * @module
 */

/** Names of the wrapper script's own variables begin like this. They are not exported, unless they came exported. */
export const SCRIPT_VARIABLE_PREFIX = "agent_async__";

/** A name that a shell could have made itself: any other is dropped by dash and ash. */
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * What a shell sets, counts or chokes on: `OPTIND=` ends dash, `PS1` is dropped by bash and `IFS` set anew by all three.
 * Those that only count while they are looked at (`SECONDS`) are here since an older shell may hand on what it sees.
 */
const SHELL_VARIABLES: ReadonlySet<string> = new Set([
  "COMP_WORDBREAKS",
  "DIRSTACK",
  "EPOCHREALTIME",
  "EPOCHSECONDS",
  "FUNCNAME",
  "GROUPS",
  "HISTCMD",
  "IFS",
  "LINENO",
  "OPTARG",
  "OPTERR",
  "OPTIND",
  "PIPESTATUS",
  "POSIXLY_CORRECT",
  "POSIX_PEDANTIC",
  "PPID",
  "PS1",
  "PS2",
  "PS3",
  "PS4",
  "RANDOM",
  "SECONDS",
  "SHELLOPTS",
  "SRANDOM",
]);

/** What any shell may change, and what no program reads from its environment for what it means. */
const ALLOWED_TO_DIFFER: ReadonlySet<string> = new Set(["_", "SHLVL", "OLDPWD", "PWD"]);

/**
 * Whether every shell hands on a variable of this name byte for byte. Bash has a dozen of its own that begin with its
 * name, among them exported functions, a file that it runs first and the options that it begins with.
 */
export function isCarriedByShells(name: string): boolean {
  return IDENTIFIER.test(name) && !name.startsWith("BASH") && !name.startsWith(SCRIPT_VARIABLE_PREFIX) &&
    !SHELL_VARIABLES.has(name);
}

/** Whether a shell may stand between this environment and the program that is to have it exactly. */
export function canShellCarry(env: Readonly<Record<string, string>>): boolean {
  return Object.keys(env).every((name) => ALLOWED_TO_DIFFER.has(name) || isCarriedByShells(name));
}
