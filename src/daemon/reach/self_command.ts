/**
 * Room `daemon`: how this program starts itself again.
 *
 * @module
 */

/** The part of `Deno` that tells what is running. */
export interface Runtime {
  readonly build: { readonly standalone: boolean };
  readonly mainModule: string;
  execPath(): string;
}

/** Linux appends it to the path of an executable that was replaced or removed; an update puts the new one there. */
const DELETED = / \(deleted\)$/;

/**
 * The program as an argument vector, to be followed by a command of ours. A compiled executable takes no options of
 * Deno: given `--version` it would run itself, and that again. From source, the `deno.json` beside the main module is
 * found whatever the working directory is.
 */
export function selfCommand(runtime: Runtime = Deno): readonly string[] {
  const executable = runtime.execPath().replace(DELETED, "");
  return runtime.build.standalone ? [executable] : [executable, "run", "-A", runtime.mainModule];
}
