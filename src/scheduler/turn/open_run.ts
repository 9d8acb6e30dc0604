/**
 * Room `scheduler`: a turn opened from its files, by the daemon that begins it or by one that takes it up.
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

/** The caller closes it. `null` when the turn's request cannot be read. Throws what the file system says. */
export function openRun(job: Job, driver: AgentDriver, options: OpenRunOptions): TurnRun | null {
  const { directories, clock, processes } = options;
  const directory = directories.job(job.id);
  const request = readRequest(directory.turn(job.turn));
  if (request === null) return null;
  const previous = readPreviousOutcome(directory, job);
  return new TurnRun({ job, request, directory, driver, previous, clock, processes });
}

/** The driver that began the job's present turn, whatever the configuration says by now. */
export function driverOf(
  job: Job,
  { directories, catalog }: { directories: JobDirectories; catalog: AgentCatalog },
): AgentDriver {
  const record = readLaunch(directories.job(job.id).turn(job.turn));
  if (record !== null) return begunDriver(job.agent, record);
  return catalog.driver(job.agent) ?? unknownDriver(job.agent);
}
