/**
 * Room `system`: a command line of the user's, for the system's own shell.
 *
 * @module
 */

/**
 * The program and its arguments that run `line`. On Windows they have to be passed on as they stand
 * (`windowsRawArguments`): cmd.exe knows no other way of quoting.
 */
export function shellWords(line: string, os: string = Deno.build.os): readonly string[] {
  return os === "windows" ? ["cmd.exe", "/d", "/s", "/c", `"${line}"`] : ["/bin/sh", "-c", line];
}
