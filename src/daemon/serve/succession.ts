/**
 * Room `daemon`: a note that a newer version is about to take over. Without it an older front-end, whose call came
 * back with `handover`, could start its own daemon again before the newer front-end has started its own.
 *
 * @module
 */
import { pathIn } from "../../system/files/paths.ts";
import * as z from "zod";
import { writeAtomically } from "../../system/files/files.ts";
import { compareVersions } from "../../domain/compare_versions.ts";

const Succession = z.object({ version: z.string(), at: z.number() });

/** Ms for which the newer version has precedence; after that whoever comes may start a daemon. */
const PRECEDENCE_MS = 5_000;

function successionPath(home: string): string {
  return pathIn(home, "daemon.next");
}

/** @param at epoch ms. Never throws: without the note two daemons may be started, of which the owner lock leaves one. */
export function announceSuccessor(home: string, version: string, at: number): void {
  const note: z.infer<typeof Succession> = { version, at };
  try {
    writeAtomically(successionPath(home), JSON.stringify(note));
  } catch {
    // Where nothing can be written, nobody can be told.
  }
}

export async function clearSuccession(home: string): Promise<void> {
  await Deno.remove(successionPath(home)).catch(() => {});
}

/** Whether a front-end of this version should leave the start to a newer one. */
export async function shouldWaitForSuccessor(home: string, version: string, now: number): Promise<boolean> {
  try {
    const note = Succession.parse(JSON.parse(await Deno.readTextFile(successionPath(home))));
    const ageMs = now - note.at;
    return ageMs >= 0 && ageMs < PRECEDENCE_MS && compareVersions(note.version, version) > 0;
  } catch {
    return false;
  }
}
