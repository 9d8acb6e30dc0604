/**
 * Room `system`: whether one path lies in another.
 *
 * @module
 */
import { isAbsolute, relative, sep } from "node:path";
import { ifOurs } from "./files.ts";

/** Whether `path` is `directory` or lies in it. Both are absolute, with links resolved where they should count. */
export function isWithin(path: string, directory: string): boolean {
  const way = relative(directory, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** The path with links resolved; as it is written where there is nothing. */
export function resolvedPath(path: string): string {
  return ifOurs(() => Deno.realPathSync(path)) ?? path;
}
