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
import type { JobDirectories } from "../../kernel/job_directories.ts";
import type { Clock } from "../../system/clock.ts";
import type { Processes } from "../../system/processes/processes.ts";
import { readLaunch, readPreviousOutcome, readRequest } from "./files.ts";
import { TurnRun } from "./run.ts";

export interface OpenRunOptions {
  directories: JobDirectories;
  clock: Clock;
  processes: Processes;
}

/** The caller must close it. `null` when the turn's request cannot be read. Throws errors of the file system. */
export function openRun(job: Job, driver: AgentDriver, options: OpenRunOptions): TurnRun | null {
  const { directories, clock, processes } = options;
  const directory = directories.job(job.id);
  const request = readRequest(directory.turn(job.turn));
  if (request === null) return null;
  const previous = readPreviousOutcome(directory, job);
  return new TurnRun({ job, request, directory, driver, previous, clock, processes });
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
