/**
 * Room `kernel`: a process and all its descendants, for Windows, where a process keeps its parent's pid after the
 * parent has died. To list all processes takes long there, so only `scan` does it; all else answers from the last scan.
 *
 * @module
 */
import type { Processes, ProcessIdentity, ProcessRow } from "../../system/processes/processes.ts";

/** Enough to tell a process from all others since the machine started. */
export type ProcessName = Pick<ProcessIdentity, "pid" | "startTime">;

/** The descendants of one process that have been found so far. It finds new ones only in {@link scan}. */
export class ProcessTree {
  readonly #processes: Processes;
  /** Start times of all members ever found, by pid. Dead ones are kept: their children still name them as parents. */
  readonly #known = new Map<number, Set<string>>();
  #alive: ProcessRow[] = [];

  /** @param root the process that all others descend from; it may be dead */
  constructor(processes: Processes, root: ProcessName) {
    this.#processes = processes;
    this.#add(root);
  }

  /** How many processes were ever found, the root included. */
  get count(): number {
    return [...this.#known.values()].reduce((sum, times) => sum + times.size, 0);
  }

  /** The members that the last scan found running, the root included. */
  get alive(): readonly ProcessRow[] {
    return this.#alive;
  }

  /**
   * Looks at all processes of the machine. This process is never found, nor its descendants: a daemon may have been
   * started by a job.
   */
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

  /** Whether a member is its parent. A member that started later is not: it was given the pid of the dead parent. */
  #isChild(row: ProcessRow): boolean {
    const parents = [...this.#known.get(row.ppid) ?? []];
    return parents.some((startTime) => BigInt(startTime) <= BigInt(row.startTime));
  }
}

/** Whether both name the same process, and not two that had one pid. */
export function isSame(one: ProcessName, other: ProcessName): boolean {
  return one.pid === other.pid && one.startTime === other.startTime;
}
