/**
 * Room `scheduler`: all that a turn needs before its agent is started: what it was asked, a place, a command line.
 *
 * @module
 */
import type { Job } from "../../domain/job/job.ts";
import type { Failure } from "../../domain/turn/turn.ts";
import type { JobDirectories } from "../../kernel/job_directories.ts";
import type { NewTurn } from "./accepted_turn.ts";
import { type PlaceDependencies, preparePlace } from "./changes/prepare_place.ts";
import { acceptedTurn } from "./files.ts";
import { type LaunchDependencies, type PreparedLaunch, prepareLaunch } from "./launch.ts";

export type ReadyTurn =
  | { readonly kind: "ready"; readonly asked: NewTurn; readonly prepared: PreparedLaunch }
  /** The daemon leaves, or the job was stopped meanwhile. */
  | { readonly kind: "left" }
  | { readonly kind: "failed"; readonly failure: Failure };

export interface ReadyOptions extends LaunchDependencies {
  directories: JobDirectories;
}

/** Prepares the present turn of a job that runs. Throws errors of the file system. */
export async function readyTurn(job: Job, options: ReadyOptions & PlaceDependencies): Promise<ReadyTurn> {
  const directory = options.directories.job(job.id);
  const accepted = acceptedTurn(job, directory);
  if (!accepted.ok) return { kind: "failed", failure: accepted.failure };
  const place = await preparePlace(job, accepted.turn, directory, options);
  return place.kind === "ready" ? await readyInPlace(job, accepted.turn, options) : place;
}

/** As {@link readyTurn}, of a turn whose place is there, or that needs none. */
export async function readyInPlace(job: Job, asked: NewTurn, options: ReadyOptions): Promise<ReadyTurn> {
  const prepared = await prepareLaunch(job, asked, options.directories.job(job.id), options);
  return prepared.ok ? { kind: "ready", asked, prepared } : { kind: "failed", failure: prepared.failure };
}
