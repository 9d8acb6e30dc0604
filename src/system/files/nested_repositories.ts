/**
 * Room `system`: the git repositories that lie below a directory: submodules, and whatever else was cloned into it.
 *
 * @module
 */
import { join } from "node:path";
import { ifOurs } from "./files.ts";

/** Directories that are looked into, nearest first: about 30 ms of a start. */
const MAX_DIRECTORIES = 2_000;

/** Neither holds work trees of the user's. */
const LEFT_OUT: ReadonlySet<string> = new Set([".git", "node_modules"]);

/** Absolute paths of work trees below `root`, itself aside; no symbolic link is followed. */
export function nestedRepositories(root: string): string[] {
  const found: string[] = [];
  const open = [root];
  for (let looked = 0; looked < open.length && looked < MAX_DIRECTORIES; looked++) {
    const path = open[looked] ?? root;
    for (const entry of ifOurs(() => [...Deno.readDirSync(path)]) ?? []) {
      if (entry.name === ".git" && path !== root) found.push(path);
      if (entry.isDirectory && !LEFT_OUT.has(entry.name)) open.push(join(path, entry.name));
    }
  }
  return found;
}
