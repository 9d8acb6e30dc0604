/**
 * Room `store`: a note beside the database that records had to be rebuilt, for those who look at jobs later than the log
 * was written.
 *
 * @module
 */
import * as z from "zod";
import { readTextIfOurs, writeAtomically } from "../../system/files/files.ts";

/** Ms for which people are told: whoever looked at the list before the fault looks again within a day. */
const TOLD_MS = 86_400_000;

const RecoveryNote = z.object({
  /** Epoch ms. */
  at: z.number(),
  /** What happened, as a sentence. */
  text: z.string(),
});

/** @throws what the file system says */
export function writeRecoveryNote(databasePath: string, note: { at: number; text: string }): void {
  writeAtomically(notePath(databasePath), JSON.stringify(note));
}

/** The newest note as a sentence, as long as it is news; `null` when there is none. */
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
