/**
 * Room `system`: a process and those above it.
 *
 * @module
 */
import type { ProcessRow } from "./processes.ts";

/** More than any shell, host and agent put inside of each other; an end for a table that is read while it changes. */
const MAX_GENERATIONS = 100;

/**
 * The process, its parent, that one's parent and so on. Ends before one that began later than its child: then the
 * parent is gone and its pid is another's.
 *
 * @param compare less than 0 where the first start time is the earlier one
 */
export function ancestryOf(
  pid: number,
  { row, compare }: {
    row: (pid: number) => ProcessRow | null | undefined;
    compare: (a: string, b: string) => number;
  },
): ProcessRow[] {
  const found: ProcessRow[] = [];
  for (let next = pid; next > 0 && found.length < MAX_GENERATIONS;) {
    const process = row(next) ?? null;
    const child = found.at(-1);
    if (process === null || (child !== undefined && compare(process.startTime, child.startTime) > 0)) break;
    found.push(process);
    next = process.ppid;
  }
  return found;
}

/** Start times that are whole numbers. */
export function compareTicks(a: string, b: string): number {
  return Number(BigInt(a) - BigInt(b));
}
