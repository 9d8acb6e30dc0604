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
  const start = await Deno.realPath(cwd);
  for (let root = start;; root = dirname(root)) {
    const gitDirs = await gitDirsOf(root);
    if (gitDirs === "broken") break;
    if (gitDirs !== null) return { kind: "git", root, gitDirs };
    if (dirname(root) === root) break;
  }
  return { kind: "plain", root: start, gitDirs: [] };
}

async function gitDirsOf(root: string): Promise<string[] | "broken" | null> {
  const path = join(root, ".git");
  const info = isThere(path) ? await whenThere(() => Deno.stat(path)) : null;
  if (info === null) return null;
  if (info.isDirectory) return await isRepository(path) ? [await Deno.realPath(path)] : null;
  if (!info.isFile) return null;
  const named = readPointer(await textOfFile(path), "gitdir: ");
  if (named === null) return "broken";
  const gitDir = await whenThere(() => Deno.realPath(resolve(root, named)));
  if (gitDir === null || !await isRepository(gitDir)) return "broken";
  const common = readPointer(await textOfFile(join(gitDir, "commondir")), "");
  if (common === null) return [gitDir];
  // In a linked work tree the index is in its own git directory; objects and branches are in the common one.
  const commonDir = await whenThere(() => Deno.realPath(resolve(gitDir, common)));
  return commonDir === null ? "broken" : [commonDir, gitDir];
}

async function isRepository(gitDir: string): Promise<boolean> {
  return await whenThere(() => Deno.lstat(join(gitDir, "HEAD"))) !== null;
}

/** Opening anything else, such as a FIFO, could wait for ever. */
async function textOfFile(path: string): Promise<string | null> {
  const isFile = await whenThere(async () => (await Deno.stat(path)).isFile) ?? false;
  return isFile ? await whenThere(() => Deno.readTextFile(path)) : null;
}

function readPointer(text: string | null, prefix: string): string | null {
  const line = text?.split("\n", 1)[0]?.trimEnd() ?? "";
  return line.startsWith(prefix) && line.length > prefix.length ? line.slice(prefix.length) : null;
}

/** The result of `read`, or `null` when it fails for any reason: git could not use such a file either. */
async function whenThere<Value>(read: () => Promise<Value>): Promise<Value | null> {
  try {
    return await read();
  } catch {
    return null;
  }
}
