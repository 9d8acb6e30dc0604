/**
 * Room `domain`: the part of the file system that a job may write in, and when two of them meet.
 *
 * @module
 */
import * as z from "zod";

/** `git`: the root of one work tree (a linked work tree is one of its own); `plain`: a directory outside of git. */
export const Tree = z.object({ kind: z.enum(["git", "plain"]), root: z.string() });
export type Tree = z.infer<typeof Tree>;

/**
 * Whether writers in both could touch the same files. Two git work trees meet only when they are the same one, even
 * when one lies inside the other, as linked work trees often do; a plain directory meets whatever is in it.
 */
export function treesMeet(a: Tree, b: Tree): boolean {
  if (a.root === b.root) return true;
  return (a.kind !== "git" && contains(a.root, b.root)) || (b.kind !== "git" && contains(b.root, a.root));
}

function contains(outer: string, inner: string): boolean {
  return inner.startsWith(outer.endsWith("/") ? outer : `${outer}/`);
}
