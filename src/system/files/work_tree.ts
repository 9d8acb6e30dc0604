/**
 * Room `system`: finds the git work tree that a directory belongs to, by reading files: git need not be installed.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import { isThere } from "./is_there.ts";

export interface WorkTree {
  kind: "git" | "plain";
  /** The top directory, with symbolic links resolved. */
  root: string;
  /** Directories that git must be able to write to for a commit; empty for `plain`. */
  gitDirs: string[];
}

/**
 * Searches upwards from `cwd` as git does. A `.git` directory without a `HEAD` is ignored, since sandboxes leave empty
 * ones behind. A `.git` file that leads to no repository ends the search with kind `plain`.
 *
 * @throws Deno.errors.NotFound when `cwd` does not exist
 */
export async function findWorkTree(cwd: string): Promise<WorkTree> {
  // The first look is asynchronous: a file system that does not answer in `cwd` itself holds up nobody else.
  return workTreeAround(await Deno.realPath(cwd));
}

/** As {@link findWorkTree}, for a path that has been resolved. */
export function workTreeAround(start: string): WorkTree {
  for (let root = start;; root = dirname(root)) {
    const gitDirs = gitDirsOf(root);
    if (gitDirs === "broken") break;
    if (gitDirs !== null) return { kind: "git", root, gitDirs };
    if (dirname(root) === root) break;
  }
  return { kind: "plain", root: start, gitDirs: [] };
}

function gitDirsOf(root: string): string[] | "broken" | null {
  const path = join(root, ".git");
  const info = isThere(path) ? whenThere(() => Deno.statSync(path)) : null;
  if (info === null) return null;
  if (info.isDirectory) return isRepository(path) ? [Deno.realPathSync(path)] : null;
  if (!info.isFile) return null;
  const named = readPointer(textOfFile(path), "gitdir: ");
  if (named === null) return "broken";
  const gitDir = whenThere(() => Deno.realPathSync(resolve(root, named)));
  if (gitDir === null || !isRepository(gitDir)) return "broken";
  const common = readPointer(textOfFile(join(gitDir, "commondir")), "");
  if (common === null) return [gitDir];
  // In a linked work tree the index is in its own git directory; objects and branches are in the common one.
  const commonDir = whenThere(() => Deno.realPathSync(resolve(gitDir, common)));
  return commonDir === null ? "broken" : [commonDir, gitDir];
}

/** A `HEAD` that is a link to a branch without commits leads nowhere, and git takes it all the same. */
function isRepository(gitDir: string): boolean {
  const head = join(gitDir, "HEAD");
  return isThere(head) || whenThere(() => Deno.lstatSync(head)) !== null;
}

/** Opening anything else, such as a FIFO, could wait for ever. */
function textOfFile(path: string): string | null {
  const isFile = isThere(path) && (whenThere(() => Deno.statSync(path))?.isFile ?? false);
  return isFile ? whenThere(() => Deno.readTextFileSync(path)) : null;
}

function readPointer(text: string | null, prefix: string): string | null {
  const line = text?.split("\n", 1)[0]?.trimEnd() ?? "";
  return line.startsWith(prefix) && line.length > prefix.length ? line.slice(prefix.length) : null;
}

/** The result of `read`, or `null` when it fails for any reason: git could not use such a file either. */
function whenThere<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch {
    return null;
  }
}
