/**
 * Room `scheduler`: what isolated jobs changed and nobody has taken over or thrown away. It is never lost without a
 * copy: before such a job is removed, its changes become a patch in the state directory.
 *
 * @module
 */
import { join } from "node:path";
import type { Job } from "../../domain/job/job.ts";
import { isFinished } from "../../domain/job/reason.ts";
import type { JobDirectories } from "../../kernel/job_directories.ts";
import type { Change } from "../../places/changes/change.ts";
import { jobChange } from "../../places/changes/job_change.ts";
import { writePatch } from "../../places/changes/write_patch.ts";
import type { PlacesHome } from "../../places/places_home.ts";
import { isIsolated } from "../turn/where.ts";
import { readJobChanges } from "../views/job_changes.ts";

/** Whether the record of an ended job leaves room for such work; what it changed, if anything, only its turns tell. */
export function mayBeUnapplied({ isolation, work, last_turn, state }: Job): boolean {
  return isIsolated({ isolation }) && isFinished(state.status) && work?.discarded !== true &&
    (work?.applied ?? 0) < last_turn;
}

/** The changes, turn by turn, that wait to be taken over; none of a job that runs. */
export function unappliedChanges(job: Job, directories: JobDirectories): Change[] {
  if (!mayBeUnapplied(job)) return [];
  const applied = job.work?.applied ?? 0;
  return readJobChanges(job, directories).changes.filter(({ turn }) => turn > applied)
    .map(({ change }) => change);
}

/**
 * Writes what waits to be taken over as `<state>/patches/<job id>.patch`.
 *
 * @returns whether there was something
 * @throws GitFailure; errors of the file system: the job must not be removed then
 */
export async function keepPatch(
  job: Job,
  { places, directories }: { places: PlacesHome; directories: JobDirectories },
): Promise<boolean> {
  const changes = unappliedChanges(job, directories);
  if (changes.length === 0) return false;
  const change = await jobChange(places, changes);
  await writePatch(places, change, join(places.patches, `${job.id}.patch`));
  return true;
}
