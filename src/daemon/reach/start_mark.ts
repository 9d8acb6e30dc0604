/**
 * Room `daemon`: a mark that a daemon is being started, so that of twenty front-ends one starts it. A courtesy, not a
 * lock: when two start one all the same, the owner lock decides.
 *
 * @module
 */
import { pathIn } from "../../system/files/paths.ts";
import { writeAtomically } from "../../system/files/files.ts";

/** Ms after which a start that has not come to anything is nobody's any more: a daemon takes 0.1 s, a busy machine 2. */
const START_MS = 5_000;

function markPath(home: string): string {
  return pathIn(home, "daemon.starting");
}

/**
 * Whether the caller is the one to start the daemon. Where no mark can be written every caller is: the daemon that it
 * starts then says what is wrong with the directory.
 */
export async function claimStart(home: string, now: number): Promise<boolean> {
  const path = markPath(home);
  try {
    await Deno.writeTextFile(path, `${Deno.pid}\n`, { createNew: true, mode: 0o600 });
    return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) return true;
  }
  const markedAt = (await Deno.lstat(path).catch(() => null))?.mtime?.getTime() ?? 0;
  const age = now - markedAt;
  // A mark from the future was made before the clock was set back.
  if (age >= 0 && age < START_MS) return false;
  try {
    // The name is replaced and not opened: it may be a link by now, which is not followed.
    writeAtomically(path, `${Deno.pid}\n`);
  } catch {
    // No mark can be written: the daemon says what is wrong with the directory.
  }
  return true;
}

/** Called by the daemon when it listens, and by a front-end whose daemon ended at once. */
export async function clearStartMark(home: string): Promise<void> {
  await Deno.remove(markPath(home)).catch(() => {});
}
