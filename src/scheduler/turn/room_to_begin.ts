/**
 * Room `scheduler`: checks that there is room to begin a turn. Rule of this file: an accepted turn does not fail for
 * lack of disk space, inodes or processes; it waits until there is room.
 *
 * @module
 */
import { join } from "node:path";
import { statfsSync } from "node:fs";
import { faultName } from "../../domain/disk_fault.ts";
import type { Job } from "../../domain/job/job.ts";
import type { LaunchError } from "../../kernel/launch_fault.ts";
import type { TurnDirectory } from "../../kernel/turn_directory.ts";
import { removeIfExists, writeAtomically } from "../../system/files/files.ts";

/** Files that a turn makes before its agent runs. The wrapper makes the last ones, and cannot say why it failed. */
const FILES = 12;

/** How often a turn that its wrapper refuses although there is room is launched again. */
const TRIES = 5;

/**
 * Checks the file system of `path`. One that does not count its inodes counts as having some. One that cannot be
 * checked passes: the first write will show.
 *
 * @throws Error worded as the system's own when there is no room
 */
export function refuseWithoutRoom(path: string): void {
  let room: { files: number; ffree: number; bavail: number };
  try {
    room = statfsSync(path);
  } catch {
    return;
  }
  if (room.files > 0 && room.ffree < FILES) {
    throw new Error(`No space left on device (os error 28): ${room.ffree} free inodes`);
  }
  if (room.bavail === 0) throw new Error("No space left on device (os error 28): no free blocks");
}

/** Whether the launch failed for lack of a resource that may become free again. */
export function isPassing(error: LaunchError): boolean {
  return error.code === "no_resources" || /\(E(?:NOSPC|DQUOT)\)$/.test(faultName(error.cause) ?? "");
}

interface Refused {
  turn: number;
  /** Steady ms of the first refusal. */
  since: number;
  times: number;
}

/** Counts how often the wrappers of each job's present turn have refused it. */
export class Refusals {
  readonly #refused = new Map<string, Refused>();

  /** Counts a refusal. Returns what the turn waits for; `null` when it is not to be launched again. */
  next(job: Job, turn: { files: TurnDirectory; now: number; timeLimitMs: number }): string | null {
    const known = this.#refused.get(job.id);
    const refused = known?.turn === job.turn ? known : { turn: job.turn, since: turn.now, times: 0 };
    refused.times += 1;
    this.#refused.set(job.id, refused);
    const fault = roomFault(turn.files.path);
    const isWorthIt = fault === null ? refused.times <= TRIES : turn.now - refused.since < turn.timeLimitMs;
    if (isWorthIt) return fault ?? "a process that runs the agent";
    this.#refused.delete(job.id);
    return null;
  }
}

/** Why no file can be written; `null` when one can. It writes one to see, since a quota cannot be asked for. */
function roomFault(directory: string): string | null {
  const path = join(directory, ".room");
  try {
    writeAtomically(path, " ".repeat(4_096));
    removeIfExists(path);
    return null;
  } catch (error) {
    return faultName(error) ?? String(error);
  }
}
