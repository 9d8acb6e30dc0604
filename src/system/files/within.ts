/**
 * Room `system`: whether one path lies in another, by their names alone.
 *
 * @module
 */
import { isAbsolute, relative, sep } from "node:path";

/** Whether `path` is `directory` or lies in it. Both are absolute, with links resolved where they should count. */
export function isWithin(path: string, directory: string): boolean {
  const way = relative(directory, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
