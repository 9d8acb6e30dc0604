/**
 * Room `kernel`: the record of how a turn's process ended: its exit code (128+n for signal n) and a newline. The file
 * is there, blank, before the agent runs, so that a disk which the agent fills cannot lose its code; the newline,
 * written last, makes it a record.
 *
 * @module
 */
import { readTextIfExists } from "../../system/files/files.ts";

/** The exit code, or `null` as long as there is no record. */
export function readExitRecord(path: string): number | null {
  const code = /^(\d{1,3}) *\n$/.exec(readTextIfExists(path) ?? "")?.[1];
  return code === undefined ? null : Number(code);
}
