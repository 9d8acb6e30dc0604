/**
 * Room `agents`: the outside world as detection sees it.
 *
 * @module
 */

/** Looks for executables and asks them; the only way by which this room learns of the machine. */
export interface Probe {
  /** The first of `names` that is executable in a directory of `path` (a PATH), absolute. */
  find(names: readonly string[], path: string, from?: string): string | null;
  /** The path with symlinks, and npm's shims on Windows, resolved; unchanged when that fails. */
  realPath(path: string): string;
  /** A text that is another one after the file was changed or replaced; `null` when there is no file. */
  identity(path: string): string | null;
  isExecutable(path: string): boolean;
  /** A small text file; `null` when there is none that can be read. */
  readText(path: string): string | null;
  /** `null`: could not be started, or did not end in time (it is killed then). */
  run(
    executable: string,
    args: readonly string[],
    options: { env: Readonly<Record<string, string>>; timeoutMs: number; cwd?: string },
  ): Promise<{ code: number; stdout: string; stderr: string } | null>;
  readonly platform: { readonly os: string; readonly arch: string };
  /** Whether agents run as the superuser. */
  readonly isRoot: boolean;
}
