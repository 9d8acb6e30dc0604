/**
 * Room `scheduler`: where an agent that only reads looks for programs. A PATH often has a directory of the project in
 * it, as `npm run` and `npx` put it there, and whoever made the project may have put a `cat` or a `git` into that.
 *
 * @module
 */
import { delimiter, resolve } from "node:path";
import { isThere } from "../../system/files/is_there.ts";
import { isWithin, resolvedPath } from "../../system/files/within.ts";
import type { WorkTree } from "../../system/files/work_tree.ts";

export interface Surroundings {
  readonly cwd: string;
  readonly tree: Pick<WorkTree, "root">;
  /** The user's home directory: a work tree that holds it is the user's own, not a project of somebody else's. */
  readonly home: string | undefined;
}

/** `path` without directories of the work tree, whether named so, by a link, or relative to `cwd`. */
export function pathWithoutProject(path: string, { cwd, tree, home }: Surroundings): string {
  if (home !== undefined && isWithin(resolvedPath(home), tree.root)) return path;
  return path.split(delimiter).filter((entry) => {
    const directory = resolve(cwd, entry);
    if (isWithin(directory, tree.root)) return false;
    // Asked first, since the exception for a missing directory is dear.
    return !isThere(directory) || !isWithin(resolvedPath(directory), tree.root);
  }).join(delimiter);
}
