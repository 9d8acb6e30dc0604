/**
 * Room `daemon`: files of the state directory that the daemon writes to under their own names. A directory that was
 * open to others for a while may hold names that somebody else has put there, and what is written to such a name goes
 * where he wants it.
 *
 * @module
 */
import { join } from "node:path";
import { AgentAsyncError } from "../domain/errors.ts";

/** Grown in place, so that a second name of the file would get it all. */
const GROWN_IN_PLACE = ["daemon.lock", "daemon.log", "daemon.stderr", "queue.ledger"];

/** May be links of this user's own, to another disk or a collection of settings. */
const OTHERS = ["config.json", "queue.db", "queue.db-wal", "queue.db-shm", "jobs", "exits", "environments"];

/** @throws {AgentAsyncError} `daemon_unreachable`, naming the file and what is wrong with it. */
export function requireTrustedFiles(home: string): void {
  for (const name of [...GROWN_IN_PLACE, ...OTHERS]) {
    const path = join(home, name);
    const problem = whyUntrusted(path, { isGrown: GROWN_IN_PLACE.includes(name) });
    if (problem === null) continue;
    throw new AgentAsyncError("daemon_unreachable", `Cannot use ${path}: it ${problem}.`, {
      hint: "Look at what it is, and remove it.",
    });
  }
}

/** Whether the file, or what is in its place, may be written to; what is not there may. */
export function isTrustedFile(path: string): boolean {
  return whyUntrusted(path, { isGrown: true }) === null;
}

function whyUntrusted(path: string, { isGrown }: { isGrown: boolean }): string | null {
  let info: Deno.FileInfo;
  try {
    info = Deno.lstatSync(path);
  } catch {
    return null;
  }
  const uid = Deno.uid();
  // Root may have been here with the user's home directory, and needs no such way.
  if (uid !== null && info.uid !== null && info.uid !== 0 && info.uid !== uid) {
    return `belongs to the user with id ${info.uid}`;
  }
  if (!isGrown) return null;
  if (info.isSymlink) return "is a symbolic link";
  if (!info.isFile) return "is no file";
  return (info.nlink ?? 1) > 1 ? "has another name somewhere else (a hard link)" : null;
}
