/**
 * Room `system`: a process and its ancestors.
 *
 * @module
 */
import type { ProcessRow } from "./processes.ts";

/**
 * Most ancestors that are followed: more than real nesting of shells, hosts and agents. It also ends a loop in a
 * process table that changes while it is read.
 */
const MAX_GENERATIONS = 100;

/**
 * The process, its parent, that one's parent and so on. A parent that began later than its child is not one: the real
 * parent is gone and its pid was reused. The list ends before it.
 *
 * @param compare negative when the first start time is the earlier one
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

/** Compares start times that are whole numbers. */
export function compareTicks(a: string, b: string): number {
  return Number(BigInt(a) - BigInt(b));
}
