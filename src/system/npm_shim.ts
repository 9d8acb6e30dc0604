/**
 * Room `system`: the `.cmd` files by which npm, pnpm and yarn put a program on the PATH of Windows. Only cmd.exe can run
 * them: it would stand between us and the program, and has rules of its own for arguments. What they lead to is run
 * instead, as a link would be followed elsewhere.
 *
 * @module
 */
import { delimiter, dirname, isAbsolute, join } from "node:path";

/** Bytes: they have some hundred. */
const MAX_BYTES = 65_536;

/** What gets all of the shim's arguments: a path from the directory of the shim. */
const TARGET = /"%(?:~dp0|dp0%)[\\/]?([^"%]+)"\s+%\*/;

/** What `path` leads to, absolute; `null` for what is no shim. */
export function npmShimTarget(path: string): string | null {
  if (!/\.cmd$/i.test(path)) return null;
  const target = TARGET.exec(readShim(path) ?? "")?.[1];
  return target === undefined ? null : join(dirname(path), target.replaceAll("\\", "/"));
}

/**
 * The command line that runs `executable` with `args`: the same, unless it is a shim of what can be run without it.
 *
 * @param path a PATH, on which Node is looked for.
 */
export function commandBehindShim(
  executable: string,
  args: readonly string[],
  path: string,
): readonly [string, ...string[]] {
  const target = npmShimTarget(executable);
  if (target !== null && /\.exe$/i.test(target)) return [target, ...args];
  const node = target !== null && /\.[cm]?js$/i.test(target) ? findNode(dirname(executable), path) : null;
  return target === null || node === null ? [executable, ...args] : [node, target, ...args];
}

/** The one beside the shim first, as the shim has it. */
function findNode(directory: string, path: string): string | null {
  const name = Deno.build.os === "windows" ? "node.exe" : "node";
  const directories = [directory, ...path.split(delimiter).filter(isAbsolute)];
  return directories.map((one) => join(one, name)).find(isFile) ?? null;
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
