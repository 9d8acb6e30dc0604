/**
 * Chaos: what the daemon of a state directory takes: memory, descriptors, disk.
 *
 * @module
 */
import { resources } from "./processes.ts";
import type { Site } from "./site.ts";

/** What it takes at one moment. */
export interface Sample {
  residentMib: number;
  descriptors: number;
  /** Of everything in the state directory. */
  diskMib: number;
}

/** `null` when there is no daemon at this moment. */
export function sample(site: Site): Sample | null {
  try {
    const { residentBytes, descriptors } = resources(site.daemon() ?? 0);
    return { residentMib: residentBytes / 2 ** 20, descriptors, diskMib: diskBytes(site.home) / 2 ** 20 };
  } catch {
    return null;
  }
}

export interface Highest {
  residentMib: number;
  descriptors: number;
}

/** Notes what the daemon takes at its highest, looking every 100 ms until the returned function is called. */
export function watchDaemon(site: Site): () => Highest {
  const highest = { residentMib: 0, descriptors: 0 };
  const timer = setInterval(() => {
    try {
      const { residentBytes, descriptors } = resources(site.daemon() ?? 0);
      highest.residentMib = Math.max(highest.residentMib, Math.round(residentBytes / 2 ** 20));
      highest.descriptors = Math.max(highest.descriptors, descriptors);
    } catch {
      // There is none at this moment.
    }
  }, 100);
  return () => {
    clearInterval(timer);
    return highest;
  };
}

/** As the file system has it: what was allocated. Files come and go meanwhile. */
export function diskBytes(path: string): number {
  try {
    const { blocks, isDirectory } = Deno.lstatSync(path);
    const own = (blocks ?? 0) * 512;
    if (!isDirectory) return own;
    return [...Deno.readDirSync(path)].reduce((sum, { name }) => sum + diskBytes(`${path}/${name}`), own);
  } catch {
    return 0;
  }
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
