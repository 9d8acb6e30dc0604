/**
 * Room `service`, part of `LocalService`: the path that a diff is asked for, as git names it: from the top of the work
 * tree.
 *
 * @module
 */
import { isAbsolute, normalize, relative, sep } from "node:path";
import { invalidArgument } from "../../domain/errors.ts";

/**
 * A result names changed files by absolute paths, so a caller may give one of those.
 *
 * @param roots tops of work trees that the path may lie in: the job's own place, and the caller's directory
 * @returns `undefined` for the whole tree
 * @throws {AgentAsyncError} `invalid_argument` for a path that lies outside, or that is none.
 */
export function pathInChange(path: string | undefined, roots: readonly string[]): string | undefined {
  if (path === undefined) return undefined;
  if (path.includes("\0")) throw invalidArgument("path", "must not hold a NUL character");
  const inside = isAbsolute(path)
    ? roots.map((root) => relative(root, path)).find((below) => !leadsOut(below))
    : normalize(path);
  if (inside === undefined || leadsOut(inside)) {
    throw invalidArgument("path", `${path} is outside of the work tree: name it from the top of the tree`);
  }
  const below = inside.replaceAll(sep, "/").replace(/\/+$/, "");
  return below === "" || below === "." ? undefined : below;
}

function leadsOut(path: string): boolean {
  return path === ".." || path.startsWith(`..${sep}`) || isAbsolute(path);
}

/** Whether `path` is the file or directory `top`, or lies below it. */
export function isBelow(path: string, top: string): boolean {
  return path === top || path.startsWith(`${top}/`);
}
