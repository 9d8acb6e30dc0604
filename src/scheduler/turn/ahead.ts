/**
 * Room `scheduler`: prepares a turn while the disk takes the commit by which it runs. Rule of this file: only the turn's own
 * directory is written, since nobody knows yet whether the turn is accepted.
 *
 * @module
 */
import type { Job } from "../../domain/job/job.ts";
import type { JobDirectories } from "../../kernel/job_directories.ts";
import { immediate } from "../../system/pause.ts";
import type { NewTurn } from "./accepted_turn.ts";
import { acceptedTurn } from "./files.ts";
import { type LaunchDependencies, type Prepared, prepareLaunch } from "./launch.ts";
import { isIsolated } from "./where.ts";

/** What a turn was asked, and how it is begun. */
export interface Ahead {
  readonly asked: NewTurn;
  readonly prepared: Prepared;
}

export interface AheadOptions extends LaunchDependencies {
  directories: JobDirectories;
}

/**
 * To be called when the commit is under way.
 *
 * @param job as the commit makes it
 * @param asked what its turn is asked, where that is in memory; its files tell it otherwise
 * @returns `null` where a launch has to begin with more than that: with a place, or with files that are damaged
 * @throws errors of the file system, which a launch meets again
 */
export async function prepareAhead(
  job: Job,
  asked: NewTurn | null,
  options: AheadOptions,
): Promise<Ahead | null> {
  await immediate();
  if (isIsolated(job)) return null;
  const directory = options.directories.job(job.id);
  const accepted = asked === null ? acceptedTurn(job, directory) : { ok: true as const, turn: asked };
  if (!accepted.ok) return null;
  const prepared = await prepareLaunch(job, accepted.turn, directory, options);
  return { asked: accepted.turn, prepared };
}
