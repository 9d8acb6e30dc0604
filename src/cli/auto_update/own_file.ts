/**
 * Room `cli`: a file of the system's clock that is all ours.
 *
 * @module
 */
import { dirname } from "node:path";
import { readTextIfExists, writeAtomically } from "../../system/files/files.ts";

/** Whether it was another text, or not there, before. */
export function writeOwnFile(path: string, text: string): boolean {
  if (readTextIfExists(path) === text) return false;
  Deno.mkdirSync(dirname(path), { recursive: true });
  writeAtomically(path, text);
  return true;
}
