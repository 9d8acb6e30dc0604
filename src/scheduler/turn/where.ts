/**
 * Room `scheduler`: where a job's turns work: in the caller's directory, or in a place of the job's own.
 *
 * @module
 */
import type { Job } from "../../domain/job/job.ts";
import { type Place, placeVariables, readPlace } from "../../places/isolation/place.ts";
import type { PlacesHome } from "../../places/places_home.ts";

export interface Where {
  /** The directory that the agent is started in. */
  readonly cwd: string;
  /** The top of the work tree around it. */
  readonly root: string;
  /** The place, for a job that has one. */
  readonly place: Place | null;
  /** Variables that tell of the place. */
  readonly variables: Readonly<Record<string, string>>;
}

/** The place of an isolated job is made before its first turn; until then the caller's directory stands for it. */
export function whereOf(job: Job, places: PlacesHome | undefined): Where {
  const place = isIsolated(job) && places !== undefined ? readPlace(places, job.id) : null;
  return place === null
    ? { cwd: job.cwd, root: job.tree.root, place, variables: {} }
    : { cwd: place.cwd, root: place.root, place, variables: placeVariables(place) };
}

/** Whether the job works in a place of its own, and so beside all that others write. */
export function isIsolated({ isolation }: Pick<Job, "isolation">): boolean {
  return isolation === "worktree";
}
