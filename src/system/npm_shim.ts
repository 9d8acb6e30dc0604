/**
 * Room `system`: resolves the `.cmd` shims by which npm, pnpm and yarn put a program on the PATH of Windows. Only
 * cmd.exe can run a shim; it would be an extra process with quoting rules of its own. The shim's target is run instead,
 * much as a symbolic link is followed on other systems.
 *
 * @module
 */
import { DELIMITER, isAbsolutePath, parentOf, pathIn } from "./files/paths.ts";

/** Most bytes of a file that is read as a shim; shims have some hundred. */
const MAX_BYTES = 65_536;

/**
 * Matches the command that a shim passes all its arguments to. Captures its path, relative to the shim's directory.
 */
const TARGET = /"%(?:~dp0|dp0%)[\\/]?([^"%]+)"\s+%\*/;

/** The absolute path of the shim's target; `null` when `path` is not a shim. */
export function npmShimTarget(path: string): string | null {
  if (!/\.cmd$/i.test(path)) return null;
  const target = TARGET.exec(readShim(path) ?? "")?.[1];
  return target === undefined ? null : pathIn(parentOf(path), target.replaceAll("\\", "/"));
}

/**
 * The command line that runs `executable` with `args`. It differs only for a shim whose target can be run directly: an
 * `.exe`, or a script of Node.
 *
 * @param path a PATH, in which Node is searched for
 */
export function commandBehindShim(
  executable: string,
  args: readonly string[],
  path: string,
): readonly [string, ...string[]] {
  const target = npmShimTarget(executable);
  if (target !== null && /\.exe$/i.test(target)) return [target, ...args];
  const node = target !== null && /\.[cm]?js$/i.test(target) ? findNode(parentOf(executable), path) : null;
  return target === null || node === null ? [executable, ...args] : [node, target, ...args];
}

/** The path of Node: beside the shim if there, as the shim itself would choose, else on the PATH. */
function findNode(directory: string, path: string): string | null {
  const name = Deno.build.os === "windows" ? "node.exe" : "node";
  const directories = [directory, ...path.split(DELIMITER).filter((entry) => isAbsolutePath(entry))];
  return directories.map((one) => pathIn(one, name)).find(isFile) ?? null;
}

function readShim(path: string): string | null {
  try {
    return Deno.statSync(path).size <= MAX_BYTES ? Deno.readTextFileSync(path) : null;
  } catch {
    return null;
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
