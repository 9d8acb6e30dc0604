/**
 * Room `scheduler`: opens a turn from its files, for the daemon that launches it or for one that adopts it.
 *
 * @module
 */
import { join } from "node:path";
import { begunDriver, begunTalk, type LiveTalk, recordOf } from "../../agents/begun_driver.ts";
import type { AgentCatalog } from "../../agents/detection/catalog.ts";
import type { AgentDriver } from "../../agents/driver.ts";
import { unknownDriver } from "../../agents/unknown_driver.ts";
import type { Job } from "../../domain/job/job.ts";
import { mayWrite } from "../../domain/agent/policy.ts";
import type { TurnRequest } from "../../domain/turn/turn.ts";
import type { PlacesHome } from "../../places/places_home.ts";
import type { NewTurn } from "./accepted_turn.ts";
import { TurnChanges } from "./changes/turn_changes.ts";
import { forgetTalk } from "../../kernel/channel/feeder.ts";
import type { JobDirectories } from "../../kernel/job_directories.ts";
import type { Clock } from "../../system/clock.ts";
import { writeAtomically } from "../../system/files/files.ts";
import type { Processes } from "../../system/processes/processes.ts";
import {
  makeScratch,
  readLaunch,
  readPreviousOutcome,
  wrapPrompt,
  writeLaunch,
  writeRules,
} from "./files.ts";
import type { PreparedLaunch } from "./launch.ts";
import { TurnRun } from "./run.ts";
import { whereOf } from "./where.ts";

export interface OpenRunOptions {
  directories: JobDirectories;
  clock: Clock;
  processes: Processes;
  /** Where snapshots are kept; absent where none are taken. */
  places?: PlacesHome;
  /** Whether no agent was started in it: then what an earlier attempt has left of a talk is removed. */
  isNew?: boolean;
}

/** The caller must close it. Throws errors of the file system. */
export function openRun(
  job: Job,
  request: TurnRequest,
  { driver, talk }: TurnDriver,
  options: OpenRunOptions,
): TurnRun {
  const { directories, clock, processes } = options;
  const directory = directories.job(job.id);
  const previous = readPreviousOutcome(directory, job);
  const changes = changesOf(job, options);
  if (talk !== null && options.isNew === true) forgetTalk(directory.turn(job.turn));
  const where = whereOf(job, options.places);
  return new TurnRun({ job, request, directory, driver, talk, previous, clock, processes, changes, where });
}

/** What tells of the changes of the job's present turn; `null` for a turn that may not write. */
export function changesOf(
  job: Job,
  { directories, places }: Pick<OpenRunOptions, "directories" | "places">,
): TurnChanges | null {
  if (places === undefined || !mayWrite(job.approval_policy)) return null;
  const files = directories.job(job.id).turn(job.turn);
  const { cwd, place } = whereOf(job, places);
  return new TurnChanges({ home: places, files, directory: cwd, origin: place?.origin });
}

/** Who reads a turn, and what its talk is made from when it is a two-way one. */
export interface TurnDriver {
  readonly driver: AgentDriver;
  readonly talk: LiveTalk | null;
}

/** Writes down how a turn begins, and what its talk begins with. To be called just before its agent is started. */
export function beginRun(
  run: TurnRun,
  asked: Pick<NewTurn, "prompt">,
  { driver, model, talk, prompt, rules, files }: PreparedLaunch,
): void {
  const { job } = run;
  makeScratch(run.files);
  for (const [name, text] of Object.entries(files)) writeAtomically(join(run.files.scratchPath, name), text);
  writeRules(run.files, rules);
  wrapPrompt(run.files, asked.prompt, prompt);
  run.output.say(
    [{ type: "status", state: "running", message: `turn ${job.turn}: ${driver.title}` }],
    "before",
  );
  writeLaunch(run.files, recordOf(driver, { policy: job.approval_policy, model, talk: talk?.context }));
  run.live?.begin(prompt);
}

/** Those that the job's present turn was launched with, even if the configuration has changed since. */
export function driverOf(
  job: Job,
  { directories, catalog }: { directories: JobDirectories; catalog: AgentCatalog },
): TurnDriver {
  const record = readLaunch(directories.job(job.id).turn(job.turn));
  if (record === null) return { driver: catalog.driver(job.agent) ?? unknownDriver(job.agent), talk: null };
  const driver = begunDriver(job.agent, record, (name) => catalog.driver(name));
  return { driver, talk: begunTalk(driver, record) };
}
