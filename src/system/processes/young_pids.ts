/**
 * Room `system`: tells which pids were given out after a moment, on Linux, so that a search for the leftovers of a
 * process need not look at a thousand others. Linux gives out pids in ascending order, and starts again at the end of
 * the range. The number of processes begun since shows whether it can have gone once around.
 *
 * @module
 */

/** A moment, in terms of the kernel's process counters. */
export interface ProcessMark {
  /** The pid that was given out last. */
  lastPid: number;
  /** The number of processes and threads begun since boot. */
  forks: number;
}

/** The period that begins with `mark`. `firstPid` is the pid of a process that was started right after it. */
export interface Youth {
  mark: ProcessMark;
  firstPid: number;
}

/** A range of pids, both ends included. It wraps around when `last` is the smaller one. */
export interface PidRange {
  first: number;
  last: number;
}

/**
 * The share of all pids that may be given out before a range is no longer trusted. Pids in use are skipped, so fewer
 * new ones than there are pids lead once around.
 */
const MOST_OF_RANGE = 1 / 4;

/** Reads the kernel's counters at the beginning of a period; `null` where they are not available. */
export function readMark(proc: string = "/proc"): ProcessMark | null {
  return counters(() => {
    const forks = readForks(proc);
    return { forks, lastPid: readLastPid(proc) };
  });
}

/**
 * As {@link readMark}, at the end of a period, in the other order: what begins between two readings counts as begun, and
 * is never a pid that nothing has begun.
 */
export function readNow(proc: string = "/proc"): ProcessMark | null {
  return counters(() => {
    const lastPid = readLastPid(proc);
    return { lastPid, forks: readForks(proc) };
  });
}

function counters(read: () => ProcessMark): ProcessMark | null {
  try {
    const mark = read();
    return Object.values(mark).every(Number.isSafeInteger) ? mark : null;
  } catch {
    return null;
  }
}

function readLastPid(proc: string): number {
  return Number(Deno.readTextFileSync(`${proc}/loadavg`).trim().split(" ").at(-1));
}

function readForks(proc: string): number {
  return Number(/^processes (\d+)$/m.exec(Deno.readTextFileSync(`${proc}/stat`))?.[1]);
}

/**
 * The pids of processes that began after the mark of `youth` and before `now`.
 *
 * @param maxPid the kernel's `pid_max`, one above the largest pid
 * @returns `null` when the range cannot be determined
 */
export function youngPids({ mark, firstPid }: Youth, now: ProcessMark, maxPid: number): PidRange | null {
  const begun = now.forks - mark.forks;
  const given = (now.lastPid - mark.lastPid + maxPid) % maxPid;
  // A failed fork uses up a pid without being counted. Fewer forks than pids given out therefore mean that the counters
  // cannot be trusted.
  if (begun < given || begun > maxPid * MOST_OF_RANGE) return null;
  const range = { first: mark.lastPid + 1, last: now.lastPid };
  return isIn(range, firstPid) ? range : null;
}

export function isIn({ first, last }: PidRange, pid: number): boolean {
  return first <= last ? pid >= first && pid <= last : pid >= first || pid <= last;
}

/**
 * Whether the kernel's own `/proc/loadavg` and `/proc/stat` are visible. In a container they may be replaced by made-up
 * ones (lxcfs).
 */
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
