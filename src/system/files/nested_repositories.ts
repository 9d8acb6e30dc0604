/**
 * Room `system`: finds git repositories below a directory: submodules, and any others that were cloned into it.
 *
 * @module
 */
import { join } from "node:path";
import { Slices } from "../yielding/slices.ts";
import { ifOurs } from "./files.ts";

/** Most directories searched, nearest first. Takes about 30 ms at the start of a job. */
const MAX_DIRECTORIES = 2_000;

/** Directories that are not searched: they hold no work trees of the user's. */
const LEFT_OUT: ReadonlySet<string> = new Set([".git", "node_modules"]);

/**
 * Absolute paths of work trees below `root`, without `root` itself. Symbolic links are not followed. Yields to other
 * tasks.
 */
export async function nestedRepositories(root: string): Promise<string[]> {
  const found: string[] = [];
  const slices = new Slices();
  const open = [root];
  for (let looked = 0; looked < open.length && looked < MAX_DIRECTORIES; looked++) {
    const path = open[looked] ?? root;
    for (const entry of ifOurs(() => [...Deno.readDirSync(path)]) ?? []) {
      if (entry.name === ".git" && path !== root) found.push(path);
      if (entry.isDirectory && !LEFT_OUT.has(entry.name)) open.push(join(path, entry.name));
    }
    await slices.pause();
  }
  return found;
}
