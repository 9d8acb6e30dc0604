/**
 * Room `system`: which pids were given after a moment, on Linux, so that whoever looks for what a process has left
 * behind need not look at a thousand others. Pids are given in ascending order, and from the beginning again at the end
 * of their range; how many processes were begun tells whether they can have gone around.
 *
 * @module
 */

/** A moment, as the system counts. */
export interface ProcessMark {
  /** The pid that was given last. */
  lastPid: number;
  /** How many processes and threads were ever begun. */
  forks: number;
}

/** A time from a moment on, with the pid of a process that was begun right after it. */
export interface Youth {
  mark: ProcessMark;
  firstPid: number;
}

/** From the first to the last pid, both included; `last` may be the smaller one. */
export interface PidRange {
  first: number;
  last: number;
}

/**
 * The part of all pids that may be given before a look at the range is believed no more: others are taken, and passed
 * over, so that going around takes fewer than there are.
 */
const MOST_OF_RANGE = 1 / 4;

/** `null` where the system does not tell. */
export function readMark(proc: string = "/proc"): ProcessMark | null {
  try {
    const lastPid = Number(Deno.readTextFileSync(`${proc}/loadavg`).trim().split(" ").at(-1));
    const forks = Number(/^processes (\d+)$/m.exec(Deno.readTextFileSync(`${proc}/stat`))?.[1]);
    return Number.isSafeInteger(lastPid) && Number.isSafeInteger(forks) ? { lastPid, forks } : null;
  } catch {
    return null;
  }
}

/**
 * The pids of whatever began after the mark of `youth` and before `now`.
 *
 * @param maxPid the largest pid but one
 * @returns `null` where that cannot be told
 */
export function youngPids({ mark, firstPid }: Youth, now: ProcessMark, maxPid: number): PidRange | null {
  const begun = now.forks - mark.forks;
  const given = (now.lastPid - mark.lastPid + maxPid) % maxPid;
  // Failed attempts take a pid and are not counted; else something is told that is not so.
  if (begun < given || begun > maxPid * MOST_OF_RANGE) return null;
  const range = { first: mark.lastPid + 1, last: now.lastPid };
  return isIn(range, firstPid) ? range : null;
}

export function isIn({ first, last }: PidRange, pid: number): boolean {
  return first <= last ? pid >= first && pid <= last : pid >= first || pid <= last;
}

/** A container may be shown a `/proc/loadavg` that somebody makes for it (lxcfs), now and then. */
export function isGenuine(proc: string = "/proc"): boolean {
  try {
    const mounts = Deno.readTextFileSync(`${proc}/self/mountinfo`).split("\n").map((line) =>
      line.split(" ")[4]
    );
    return !mounts.some((path) => path === "/proc/loadavg" || path === "/proc/stat");
  } catch {
    return false;
  }
}

export function readMaxPid(proc: string = "/proc"): number | null {
  try {
    const max = Number(Deno.readTextFileSync(`${proc}/sys/kernel/pid_max`));
    return Number.isSafeInteger(max) && max > 0 ? max : null;
  } catch {
    return null;
  }
}
