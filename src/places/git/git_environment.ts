/**
 * Room `places`: settings and environment of every git of ours.
 *
 * @module
 */

const NOTHING = Deno.build.os === "windows" ? "NUL" : "/dev/null";

/** What no file may set: it is given at the command line, which overrides all files. */
export const SETTINGS = [
  `core.hooksPath=${NOTHING}`,
  "core.fsmonitor=false",
  "core.untrackedCache=false",
  "core.splitIndex=false",
  "core.quotePath=false",
  "core.looseCompression=1",
  `core.attributesFile=${NOTHING}`,
  `core.excludesFile=${NOTHING}`,
  "gc.auto=0",
  "maintenance.auto=false",
  "protocol.allow=never",
  "pack.threads=2",
].flatMap((setting) => ["-c", setting]);

/** Beside PATH, the whole environment of a run in `gitDir`. */
export function gitEnvironment(gitDir: string): Record<string, string> {
  return {
    // Where git looks for `.config/git/attributes` and `ignore`, whatever its configuration says.
    HOME: gitDir,
    XDG_CONFIG_HOME: gitDir,
    LC_ALL: "C",
    GIT_CONFIG_GLOBAL: NOTHING,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
    GIT_NO_LAZY_FETCH: "1",
    GIT_NO_REPLACE_OBJECTS: "1",
  };
}

/** Paths as git reads them from a variable: one with a separator or quote in it stands in quotes. */
export function pathList(paths: readonly string[]): string {
  const separator = Deno.build.os === "windows" ? ";" : ":";
  return paths.map((path) =>
    path.includes(separator) || path.startsWith('"') ? `"${path.replace(/[\\"]/g, "\\$&")}"` : path
  ).join(separator);
}
