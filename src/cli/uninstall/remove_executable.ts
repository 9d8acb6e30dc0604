/**
 * Room `cli`: the program removes itself. It runs on until it ends.
 *
 * @module
 */
import { dirname } from "node:path";
import { ifExists, removeIfExists } from "../../system/files.ts";
import { removeDrafts, retire } from "../update/replace_executable.ts";

/** What is left to be deleted by hand: on Windows a running executable can only be renamed. */
export function removeExecutable(path: string, os: string = Deno.build.os): { leftover: string | null } {
  const target = ifExists(() => Deno.realPathSync(path)) ?? path;
  removeDrafts(dirname(target), { olderThanMs: 0 });
  if (os === "windows") return { leftover: retire(path) };
  removeIfExists(path);
  // Where PATH leads to a link: its target is the program.
  if (target !== path) removeIfExists(target);
  return { leftover: null };
}
