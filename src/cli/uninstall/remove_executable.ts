/**
 * Room `cli`: the program deletes its own executable. Its process runs on until it ends.
 *
 * @module
 */
import { delimiter, dirname, isAbsolute, join } from "node:path";
import { ifExists, removeIfExists } from "../../system/files/files.ts";
import { removeDrafts, retire } from "../update/replace_executable.ts";

/** Name of the links to the program that are looked for. */
const NAME = "agent-async";

export interface RemoveOptions {
  /** A PATH: links in it that lead to the program go too, since they would lead nowhere. */
  readonly searchPath: string;
  /** This system's unless given. */
  readonly os?: string;
}

export interface RemovedExecutable {
  readonly removed: readonly string[];
  /** What is left to be deleted by hand: on Windows a running executable can only be renamed. */
  readonly leftover: string | null;
}

export function removeExecutable(
  path: string,
  { searchPath, os = Deno.build.os }: RemoveOptions,
): RemovedExecutable {
  const target = ifExists(() => Deno.realPathSync(path)) ?? path;
  removeDrafts(dirname(target), { olderThanMs: 0 });
  if (os === "windows") return { removed: [path], leftover: retire(path) };
  const links = searchPath.split(delimiter).filter(isAbsolute).map((directory) => join(directory, NAME))
    .filter((link) => leadsTo(link, target));
  const removed = [...new Set([path, target, ...links])];
  for (const file of removed) removeIfExists(file);
  return { removed, leftover: null };
}

function leadsTo(link: string, target: string): boolean {
  try {
    return Deno.lstatSync(link).isSymlink && Deno.realPathSync(link) === target;
  } catch {
    return false;
  }
}
