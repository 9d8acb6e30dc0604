/**
 * Room `scheduler`: removes what a daemon left behind that died between two steps. These are environments of hosts,
 * which may hold keys, exit records that were seen, and directories of jobs that were never accepted or whose records
 * were removed. The directory of any other job is never removed here.
 *
 * @module
 */
import { join } from "node:path";
import * as z from "zod";
import type { Job } from "../../domain/job/job.ts";
import { isFinished } from "../../domain/job/reason.ts";
import { JobDirectories } from "../../kernel/job_directories.ts";
import type { JobStore } from "../../store/job_store.ts";
import { ifExists, readTextIfExists, removeIfExists } from "../../system/files/files.ts";
import { isThere } from "../../system/files/is_there.ts";
import type { Log } from "../../system/log.ts";
import { removeEnvironment } from "../turn/files.ts";
import { parsedJson } from "../../domain/reading/parsed_json.ts";

export interface LeftoverOptions {
  store: JobStore;
  directories: JobDirectories;
  log: Log;
}

/** A job record with number 0: the store gives it another number when it accepts the job. */
const UNACCEPTED = z.object({ number: z.literal(0) });

/**
 * Removes all leftovers. Call it before any turn is adopted: what an adopted turn prepares for the next turn looks like
 * a leftover. What cannot be removed is logged, and the next daemon tries again.
 */
export async function clearLeftovers(options: LeftoverOptions): Promise<void> {
  const { directories, log } = options;
  const clear = async (names: readonly string[], clearOne: (name: string) => Promise<void>) => {
    for (const name of names) {
      await clearOne(name).catch((error) =>
        log.error("cannot clear away what an earlier daemon left", { name, error: String(error) })
      );
    }
  };
  await clear(namesIn(directories.environmentsPath), (name) => clearEnvironment(name, options));
  await clear(namesIn(directories.exitsPath), (name) => clearExit(name, options));
  await clear(directories.notedRemovals(), (id) => finishRemoval(id, options));
  directories.forgetRemovals();
}

/** Removes the environments of all turns of a finished job, also of those that never ran. */
export function forgetEnvironments(job: Job, directories: JobDirectories): void {
  const directory = directories.job(job.id);
  // A turn with a higher number is a reply that is being accepted at this moment, and keeps its environment.
  const turns = job.last_turn === 1 ? [1] : directory.turns().filter((turn) => turn <= job.last_turn);
  for (const { envFile } of turns.map((turn) => directory.turn(turn))) {
    if (isThere(envFile)) removeIfExists(envFile);
  }
}

/** Takes the directory of a job away whose removal was noted, unless the store still has its record. */
async function finishRemoval(id: string, { store, directories }: LeftoverOptions): Promise<void> {
  if (await store.get(id) === null) directories.job(id).conceal();
}

async function clearExit(name: string, { store, directories }: LeftoverOptions): Promise<void> {
  const exit = JobDirectories.readExitName(name);
  const job = exit === null ? null : await store.get(exit.jobId);
  if (exit === null || job === null || isAhead(job, exit.turn)) return;
  directories.job(job.id).turn(exit.turn).archiveExit();
}

async function clearEnvironment(
  name: string,
  { store, directories, log }: LeftoverOptions,
): Promise<void> {
  const named = JobDirectories.readExitName(name);
  // A name that stands for no turn is that of a temporary file, left half written.
  if (named === null) return void removeIfExists(join(directories.environmentsPath, name));
  const { jobId, turn } = named;
  const job = await store.get(jobId);
  if (job !== null && isAhead(job, turn)) return;
  const directory = directories.job(jobId);
  if (job === null && directory.exists() && wasAccepted(directory.recordFile)) {
    log.error("a job directory is unknown to the store, and is left as it is", { job: jobId });
    return;
  }
  // The directory is removed first. After a crash in between, the environment that is left leads here again.
  if (job === null) await directory.remove();
  await removeEnvironment(directory.turn(turn));
}

/** Whether the turn is running or waits to be run. */
function isAhead(job: Job, turn: number): boolean {
  return !isFinished(job.state.status) && (job.turn === turn || job.queue.includes(turn));
}

function wasAccepted(recordFile: string): boolean {
  const text = readTextIfExists(recordFile);
  if (text === null) return false;
  return !UNACCEPTED.safeParse(parsedJson(text)).success;
}

function namesIn(path: string): string[] {
  return (ifExists(() => [...Deno.readDirSync(path)]) ?? []).map(({ name }) => name);
}
