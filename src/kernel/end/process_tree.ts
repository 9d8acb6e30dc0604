/**
 * Room `kernel`: a process and all that descends from it, on systems where a process keeps naming its parent after
 * that has died. A look at all processes is dear there, so what is known is as old as the last one.
 *
 * @module
 */
import type { Processes, ProcessIdentity, ProcessRow } from "../../system/processes/processes.ts";

/** All that tells one process from another on the same machine. */
export type ProcessName = Pick<ProcessIdentity, "pid" | "startTime">;

export class ProcessTree {
  readonly #processes: Processes;
  /** Start times of whoever was ever found, by pid, and of the root: those that have died are still parents. */
  readonly #known = new Map<number, Set<string>>();
  #alive: ProcessRow[] = [];

  /** @param root may be dead */
  constructor(processes: Processes, root: ProcessName) {
    this.#processes = processes;
    this.#add(root);
  }

  /** How many were ever found, the root too. */
  get count(): number {
    return [...this.#known.values()].reduce((sum, times) => sum + times.size, 0);
  }

  /** Those of the last scan. */
  get alive(): readonly ProcessRow[] {
    return this.#alive;
  }

  /** Looks at all processes. This one is never found, nor what only descends from it: a daemon may live in a job. */
  scan(): void {
    const rows = this.#processes.table().filter((row) => row.pid !== Deno.pid);
    for (let count = -1; count !== this.count;) {
      count = this.count;
      for (const row of rows) if (this.#isChild(row)) this.#add(row);
    }
    this.#alive = rows.filter((row) => this.#known.get(row.pid)?.has(row.startTime) === true);
  }

  #add({ pid, startTime }: ProcessName): void {
    this.#known.set(pid, new Set([...this.#known.get(pid) ?? [], startTime]));
  }

  /** Nobody is the child of one that began later: its parent's pid has been given to another. */
  #isChild(row: ProcessRow): boolean {
    const parents = [...this.#known.get(row.ppid) ?? []];
    return parents.some((startTime) => BigInt(startTime) <= BigInt(row.startTime));
  }
}

export function isSame(one: ProcessName, other: ProcessName): boolean {
  return one.pid === other.pid && one.startTime === other.startTime;
}
