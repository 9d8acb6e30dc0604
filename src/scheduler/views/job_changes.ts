/**
 * Room `scheduler`: what a job has changed on disk, from the records of its turns.
 *
 * @module
 */
import type { Job } from "../../domain/job/job.ts";
import type { JobDirectories } from "../../kernel/job_directories.ts";
import type { Change } from "../../places/changes/change.ts";
import { readOutcome } from "../turn/files.ts";
import { readTurnBase, readTurnChange } from "../turn/changes/turn_changes.ts";

export interface JobChanges {
  /** Of the turns whose change is known and not empty, the first one first. */
  readonly changes: readonly { readonly turn: number; readonly change: Change }[];
  /** Turns whose change is not known, each with the reason. */
  readonly unknown: readonly { readonly turn: number; readonly reason: string }[];
  /** Files that git ignores and that the agent has said to have changed. */
  readonly ignored: readonly string[];
  /** How many turns have a change, be it an empty one. */
  readonly known: number;
  /** The commit that was checked out when the first turn began; `null` where there was none. */
  readonly base: string | null;
}

/** Of the turns that have ended. */
export function readJobChanges(job: Job, directories: JobDirectories): JobChanges {
  const directory = directories.job(job.id);
  const changes: { turn: number; change: Change }[] = [];
  const unknown: { turn: number; reason: string }[] = [];
  const ignored = new Set<string>();
  let known = 0;
  let base: string | null | undefined;
  for (const number of directory.turns()) {
    const turn = directory.turn(number);
    const kept = readTurnChange(turn);
    base ??= readTurnBase(turn);
    if (kept?.kind === "known") {
      known++;
      for (const path of kept.change.ignored ?? []) ignored.add(path);
      if (!isEmpty(kept.change)) changes.push({ turn: number, change: kept.change });
    } else {
      const reason = kept?.reason ?? readOutcome(turn)?.no_snapshot;
      if (reason !== undefined) unknown.push({ turn: number, reason });
    }
  }
  return { changes, unknown, ignored: [...ignored], known, base: base ?? null };
}

function isEmpty({ parts, noted }: Change): boolean {
  return parts.length === 0 && noted.length === 0;
}
