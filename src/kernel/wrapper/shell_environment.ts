/**
 * Room `kernel`: which environment variables a shell hands on unchanged. The lists were measured with dash, bash (as
 * `bash`, `sh` and `--posix`) and the ash of busybox. A test measures them again with every shell of the machine.
 *
 * @module
 */

/**
 * The names of the wrapper script's own variables begin with this. A shell exports such a variable to the agent only
 * when the environment had one of the same name.
 */
export const SCRIPT_VARIABLE_PREFIX = "agent_async__";

/** A valid name of a shell variable. Dash and ash drop environment variables with any other name. */
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Variables that a shell sets, counts or fails on. An empty `OPTIND` ends dash, bash drops `PS1`, and all three set
 * `IFS` anew. Some, like `SECONDS`, change only when they are read; an older shell may hand on the changed value.
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

/** Variables that a shell may change without harm: every shell does, and no program relies on their values. */
const ALLOWED_TO_DIFFER: ReadonlySet<string> = new Set(["_", "SHLVL", "OLDPWD", "PWD"]);

/**
 * Whether every shell hands on a variable of this name byte for byte. Names with `BASH` in front never are: they hold
 * exported functions, a file that bash runs first, and its options.
 */
export function isCarriedByShells(name: string): boolean {
  return IDENTIFIER.test(name) && !name.startsWith("BASH") && !name.startsWith(SCRIPT_VARIABLE_PREFIX) &&
    !SHELL_VARIABLES.has(name);
}

/** Whether a shell hands on this whole environment unchanged, but for variables where a change does no harm. */
export function canShellCarry(env: Readonly<Record<string, string>>): boolean {
  return Object.keys(env).every((name) => ALLOWED_TO_DIFFER.has(name) || isCarriedByShells(name));
}
