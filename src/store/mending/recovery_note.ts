/**
 * Room `store`: a note beside the database, saying that records had to be rebuilt. It is for people who list jobs and
 * do not read the log.
 *
 * @module
 */
import * as z from "zod";
import { writeAtomically } from "../../system/files/files.ts";
import { readTextIfOurs } from "../../system/files/is_there.ts";

/**
 * Ms for which a note is shown. A day: whoever looked at the list before the fault probably looks again within one.
 */
const TOLD_MS = 86_400_000;

const RecoveryNote = z.object({
  /** Epoch ms. */
  at: z.number(),
  /** What happened, as a sentence. */
  text: z.string(),
});

/**
 * Replaces the note beside the database.
 *
 * @throws the file system's error
 */
export function writeRecoveryNote(databasePath: string, note: { at: number; text: string }): void {
  writeAtomically(notePath(databasePath), JSON.stringify(note));
}

/**
 * The text of the note, for a day after it was written. Otherwise `null`, as for a note that cannot be read.
 *
 * @param now epoch ms
 */
export function readRecoveryNote(databasePath: string, now: number): string | null {
  const text = readTextIfOurs(notePath(databasePath));
  if (text === null) return null;
  try {
    const note = RecoveryNote.parse(JSON.parse(text));
    return Math.abs(now - note.at) < TOLD_MS ? note.text : null;
  } catch {
    return null;
  }
}

function notePath(databasePath: string): string {
  return `${databasePath}.recovered`;
}
