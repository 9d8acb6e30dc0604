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

/** Whether the directory `outer` contains `inner`, which is another path. */
export function contains(outer: string, inner: string): boolean {
  return inner.startsWith(outer.endsWith("/") ? outer : `${outer}/`);
}
