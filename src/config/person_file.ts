/**
 * Room `config`: remembers that a person can have seen what jobs ask: at a terminal, or in a host that asks people.
 * Where nobody can, a question waits for less long.
 *
 * @module
 */
import { sizeIfExists, writeNew } from "../system/files/files.ts";

/** To be called once a daemon has answered: then the state directory is there and trusted. Never throws. */
export function notePerson(personFile: string): void {
  try {
    if (sizeIfExists(personFile) === null) writeNew(personFile, "");
  } catch {
    // Another process has written it just now, or the disk is full: nothing depends on it but how long a question waits.
  }
}
