/**
 * Room `scheduler`: opens a turn from its files, for the daemon that launches it or for one that adopts it.
 *
 * @module
 */
import { begunDriver } from "../../agents/begun_driver.ts";
import type { AgentCatalog } from "../../agents/detection/catalog.ts";
import type { AgentDriver } from "../../agents/driver.ts";
import { unknownDriver } from "../../agents/unknown_driver.ts";
import type { Job } from "../../domain/job/job.ts";
import { mayWrite } from "../../domain/agent/policy.ts";
import type { PlacesHome } from "../../places/places_home.ts";
import { TurnChanges } from "./changes/turn_changes.ts";
import type { JobDirectories } from "../../kernel/job_directories.ts";
import type { Clock } from "../../system/clock.ts";
import type { Processes } from "../../system/processes/processes.ts";
import { readLaunch, readPreviousOutcome, readRequest } from "./files.ts";
import { TurnRun } from "./run.ts";

export interface OpenRunOptions {
  directories: JobDirectories;
  clock: Clock;
  processes: Processes;
  /** Where snapshots are kept; absent where none are taken. */
  places?: PlacesHome;
}

/** The caller must close it. `null` when the turn's request cannot be read. Throws errors of the file system. */
export function openRun(job: Job, driver: AgentDriver, options: OpenRunOptions): TurnRun | null {
  const { directories, clock, processes } = options;
  const directory = directories.job(job.id);
  const request = readRequest(directory.turn(job.turn));
  if (request === null) return null;
  const previous = readPreviousOutcome(directory, job);
  const changes = changesOf(job, options);
  return new TurnRun({ job, request, directory, driver, previous, clock, processes, changes });
}

/** What tells of the changes of the job's present turn; `null` for a turn that may not write. */
export function changesOf(
  job: Job,
  { directories, places }: Pick<OpenRunOptions, "directories" | "places">,
): TurnChanges | null {
  if (places === undefined || !mayWrite(job.approval_policy)) return null;
  const files = directories.job(job.id).turn(job.turn);
  return new TurnChanges({ home: places, files, directory: job.cwd });
}

/** The driver that the job's present turn was launched with, even if the configuration has changed since. */
export function driverOf(
  job: Job,
  { directories, catalog }: { directories: JobDirectories; catalog: AgentCatalog },
): AgentDriver {
  const record = readLaunch(directories.job(job.id).turn(job.turn));
  if (record !== null) return begunDriver(job.agent, record);
  return catalog.driver(job.agent) ?? unknownDriver(job.agent);
}
