/**
 * Room `service`, part of `LocalService`: what callers see of the place that a job works in.
 *
 * @module
 */
import type { Job } from "../../domain/job/job.ts";
import type { Brief, JobPlace } from "../../domain/job/result.ts";
import type { PlacesHome } from "../../places/places_home.ts";
import { isIsolated, whereOf } from "../../scheduler/turn/where.ts";
import { unappliedChanges } from "../../scheduler/upkeep/unapplied_work.ts";
import type { LocalDependencies } from "./dependencies.ts";

/** `undefined` for a job that works in the caller's directory. */
export function placeView(job: Job, places: PlacesHome | undefined): JobPlace | undefined {
  if (!isIsolated(job)) return undefined;
  const { place } = whereOf(job, places);
  return {
    isolation: "worktree",
    path: place?.cwd ?? null,
    branch: place?.branch ?? null,
    applied: (job.work?.applied ?? 0) >= job.last_turn,
  };
}

/** What a list says of an ended job whose changes wait to be taken over. */
export function workView(job: Job, { directories }: LocalDependencies): Brief["work"] {
  return unappliedChanges(job, directories).length > 0 ? "not_applied" : undefined;
}
