/**
 * Room `cli`: writes a file for a timer of the system that belongs to this program alone.
 *
 * @module
 */
import { dirname } from "node:path";
import { readTextIfExists, writeAtomically } from "../../system/files/files.ts";

/** Writes the file, and its directory if needed. @returns whether the text was another one, or missing. */
export function writeOwnFile(path: string, text: string): boolean {
  if (readTextIfExists(path) === text) return false;
  Deno.mkdirSync(dirname(path), { recursive: true });
  writeAtomically(path, text);
  return true;
}
