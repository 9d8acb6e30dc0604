/**
 * Room `kernel`: the exit record of a turn: the agent's exit code (128+n for signal n), spaces and a newline. The file
 * is made blank before the agent runs, so that a full disk cannot lose the code. Without its newline it is no record.
 *
 * @module
 */
import { readTextIfExists } from "../../system/files/files.ts";

/** The exit code in the file at `path`; `null` when the file is missing, blank or not whole. */
export function readExitRecord(path: string): number | null {
  const code = /^(\d{1,3}) *\n$/.exec(readTextIfExists(path) ?? "")?.[1];
  return code === undefined ? null : Number(code);
}
