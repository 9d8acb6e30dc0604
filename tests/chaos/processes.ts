/**
 * Chaos: a look at the machine's processes, and small ways to hurt them.
 *
 * @module
 */

export function processIds(): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((pid) => pid > 0);
}

/** `name=value` of each variable; empty for a process that is gone or somebody else's. */
export function environmentOf(pid: number): string[] {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/environ`).split("\0");
  } catch {
    return [];
  }
}

/** Its command line in one line; empty for one that is gone. */
export function commandOf(pid: number): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`).replaceAll(/[\0\n]/g, " ").trim();
  } catch {
    return "";
  }
}

/** `null` for one that is gone. */
export function parentOf(pid: number): number | null {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]);
  } catch {
    return null;
  }
}

/** Open descriptors and resident memory of a process. */
export function resources(pid: number): { descriptors: number; residentBytes: number } {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const kib = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  return { descriptors: [...Deno.readDirSync(`/proc/${pid}/fd`)].length, residentBytes: kib * 1024 };
}

/** Ms that pass whatever happens: the moment of a fault is not a condition to wait for. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
