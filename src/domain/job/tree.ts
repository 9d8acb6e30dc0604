/**
 * Room `domain`: the directory tree that a job may write in, and whether two of them overlap.
 *
 * @module
 */
import * as z from "zod";

/** `git`: the root of a work tree, where a linked work tree counts by itself; `plain`: a directory outside git. */
export const Tree = z.object({ kind: z.enum(["git", "plain"]), root: z.string() });
export type Tree = z.infer<typeof Tree>;

/**
 * Whether two jobs that write in `a` and `b` could write the same files. Two git work trees meet only when they are the
 * same: a linked work tree often lies inside another one. A plain directory meets every tree inside it.
 */
export function treesMeet(a: Tree, b: Tree): boolean {
  if (a.root === b.root) return true;
  return (a.kind !== "git" && contains(a.root, b.root)) || (b.kind !== "git" && contains(b.root, a.root));
}

/**
 * Whether the directory `outer` contains `inner`, which is another path. Both are absolute and plain: a drive or a server
 * at the beginning says that they are paths of Windows, in which either slash separates. Of the paths of this machine
 * `isWithin` of room `system` tells it; this room does not know which machine it is on.
 */
function contains(outer: string, inner: string): boolean {
  const isWindows = WINDOWS.test(outer);
  const above = isWindows ? withSlashes(outer) : outer;
  const below = isWindows ? withSlashes(inner) : inner;
  return below.startsWith(above.endsWith("/") ? above : `${above}/`);
}

const WINDOWS = /^(?:[A-Za-z]:|\\\\)/;

function withSlashes(path: string): string {
  return path.replaceAll("\\", "/");
}
