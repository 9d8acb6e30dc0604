/**
 * Room `scheduler`: whether there is room to begin a turn. Rule of this file: what was accepted is begun when it can be; a
 * disk without free space or inodes, or a system without free processes, is waited for.
 *
 * @module
 */
import { statfsSync } from "node:fs";
import { faultName } from "../../domain/disk_fault.ts";
import type { Job } from "../../domain/job/job.ts";
import type { LaunchError } from "../../kernel/launch_fault.ts";
import type { TurnDirectory } from "../../kernel/turn_directory.ts";
import { removeIfExists, writeAtomically } from "../../system/files/files.ts";

/** Files that a turn makes until its agent runs; the wrapper, of which nobody hears why, makes the last ones. */
const FILES = 12;

/** Times that a turn is begun whose wrapper refuses it although there is room. */
const TRIES = 5;

/**
 * @throws Error as the system would say it. A file system that does not count its inodes has them; what cannot be looked at
 * is found out by the first file.
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

/** Whether the launch failed for want of what others may give back. */
export function isPassing(error: LaunchError): boolean {
  return error.code === "no_resources" || /\(E(?:NOSPC|DQUOT)\)$/.test(faultName(error.cause) ?? "");
}

interface Refused {
  turn: number;
  /** Steady ms of the first refusal. */
  since: number;
  times: number;
}

/** How often wrappers have refused which turn. */
export class Refusals {
  readonly #refused = new Map<string, Refused>();

  /** What the turn waits for; `null` when it has been waited for long enough. */
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

/** Tried, since a quota is nowhere to be read. */
function roomFault(directory: string): string | null {
  const path = `${directory}/.room`;
  try {
    writeAtomically(path, " ".repeat(4_096));
    removeIfExists(path);
    return null;
  } catch (error) {
    return faultName(error) ?? String(error);
  }
}
