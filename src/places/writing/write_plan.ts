/**
 * Room `places`: which files have to be written to come from one small tree to another, and what is in their way.
 *
 * @module
 */
import { join } from "node:path";
import { type Entries, isSame } from "../changes/small_tree.ts";
import { lookAt } from "../snapshots/real_parents.ts";
import type { FileWrite } from "./file_write.ts";
import type { Conflict } from "./merge_trees.ts";

/** Entries of a directory that are looked at before it counts as in the way. */
const MAX_ENTRIES = 10_000;

/**
 * What is to be removed comes first, the deepest at the beginning: a directory may have to become a file.
 *
 * @param options.modes permissions that files are to have, by path
 */
export function planWrites(
  { from, to }: { from: Entries; to: Entries },
  { at, store, objects, modes = {} }: {
    at: string;
    store: string;
    objects: readonly string[];
    modes?: Readonly<Record<string, number>>;
  },
): FileWrite[] {
  const writes = differingPaths({ from, to }).map((path) => ({
    path: at === "" ? path : `${at}/${path}`,
    from: from.get(path) ?? null,
    to: to.get(path) ?? null,
    store,
    objects: [...objects],
    ...(Object.hasOwn(modes, path) && to.has(path) ? { bits: modes[path] ?? 0 } : {}),
  }));
  return [...writes.filter(({ to }) => to === null).reverse(), ...writes.filter(({ to }) => to !== null)];
}

/** Sorted. */
export function differingPaths({ from, to }: { from: Entries; to: Entries }): string[] {
  return [...new Set([...from.keys(), ...to.keys()])]
    .filter((path) => !isSame(from.get(path), to.get(path))).sort();
}

/** What keeps the writes from being done, before anything is written. */
export async function obstacles(root: string, writes: readonly FileWrite[]): Promise<Conflict[]> {
  const removed = new Set(writes.filter(({ to }) => to === null).map(({ path }) => path));
  const found: Conflict[] = [];
  for (const { path } of writes.filter(({ to }) => to !== null)) {
    const why = await inTheWay(root, path, removed);
    if (why !== null) found.push({ path, lines: null, why });
  }
  return found;
}

async function inTheWay(root: string, path: string, removed: ReadonlySet<string>): Promise<string | null> {
  const steps = path.split("/");
  for (let count = 1; count < steps.length; count++) {
    const parent = steps.slice(0, count).join("/");
    const info = await lookAt(join(root, parent));
    if (info === "gone" || removed.has(parent)) break;
    if (info === "unreadable") return `is below ${parent}, which cannot be read`;
    if (info.isSymlink) return `is below ${parent}, which is a symbolic link`;
    if (!info.isDirectory) return `is below ${parent}, which is no directory`;
  }
  const info = await lookAt(join(root, path));
  if (typeof info === "string" || !info.isDirectory) return null;
  return await isEmptied(root, path, removed) ? null : "is a directory with files of its own";
}

/** Whether nothing is left in a directory when `removed` are gone. */
async function isEmptied(root: string, path: string, removed: ReadonlySet<string>): Promise<boolean> {
  const open = [path];
  let seen = 0;
  for (let directory = open.pop(); directory !== undefined; directory = open.pop()) {
    for await (const { name, isDirectory } of Deno.readDir(join(root, directory))) {
      if (++seen > MAX_ENTRIES) return false;
      if (isDirectory) open.push(`${directory}/${name}`);
      else if (!removed.has(`${directory}/${name}`)) return false;
    }
  }
  return true;
}
