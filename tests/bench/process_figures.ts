/**
 * Benchmark: what a process costs, as the system counts it. Linux only; elsewhere there is no figure.
 *
 * @module
 */

/** Clock ticks in a second, which Linux tells programs about as 100 on every machine. */
const TICKS_PER_SECOND = 100;

/** Resident MB of one process. */
export function residentMb(pid: number): number {
  return kilobytes(`/proc/${pid}/status`, "VmRSS") / 1_000;
}

/** Resident MB that no file backs: without the executable, which all processes that run it share. */
export function anonymousMb(pid: number): number {
  return kilobytes(`/proc/${pid}/status`, "RssAnon") / 1_000;
}

/** MB that are a process's own, or its share of what several use. */
export function proportionalMb(pid: number): number {
  return kilobytes(`/proc/${pid}/smaps_rollup`, "Pss") / 1_000;
}

/** Resident MB of a process and all below it. */
export function treeMemoryMb(pid: number): number {
  return residentMb(pid) + childrenOf(pid).reduce((sum, child) => sum + treeMemoryMb(child), 0);
}

/** Seconds of a core that a process has used so far. */
export function cpuSeconds(pid: number): number {
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\)/s, "").trim().split(" ");
  // utime and stime, fields 14 and 15 of proc(5); the first one after the name is 3.
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Ms of CPU that a process's first thread has used so far; `null` where nobody counts them. */
export function mainThreadMs(pid: number): number | null {
  try {
    // In nanoseconds: /proc/PID/stat counts in hundredths of a second.
    const [used = ""] = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/schedstat`).split(" ");
    return Number(used) / 1e6;
  } catch {
    return null;
  }
}

function childrenOf(pid: number): number[] {
  const pids: number[] = [];
  for (const { name: task } of Deno.readDirSync(`/proc/${pid}/task`)) {
    const text = Deno.readTextFileSync(`/proc/${pid}/task/${task}/children`).trim();
    if (text !== "") pids.push(...text.split(" ").map(Number));
  }
  return pids;
}

/** In units of 1,000 bytes; the system counts in 1,024. */
function kilobytes(path: string, name: string): number {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(Deno.readTextFileSync(path))?.[1];
  if (found === undefined) throw new Error(`${path} has no ${name}`);
  return Number(found) * 1.024;
}
