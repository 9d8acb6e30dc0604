/**
 * Room `kernel`: which processes belong to a job. A process once recognised stays so under its start time, even when
 * its parent has died and it has left group and session.
 *
 * @module
 */
import { JobId } from "../domain/job/ids.ts";
import type { Processes, ProcessIdentity, ProcessRow } from "../system/processes/processes.ts";
import type { Youth } from "../system/processes/young_pids.ts";
import { JOB_VARIABLE } from "../domain/job/job_variables.ts";

export interface JobProcessesOptions {
  jobId: string;
  processes: Processes;
  /** The wrapper and the agent, as far as they are known; they may be dead. */
  roots: readonly ProcessIdentity[];
  /** When the wrapper began, where this process saw it: what is older is not looked at. */
  youth?: Youth | null;
}

export class JobProcesses {
  readonly #options: JobProcessesOptions;
  readonly #known = new Map<string, ProcessRow>();
  /** Sessions that a process of the job leads or led. */
  readonly #sessions = new Set<number>();

  /** @throws TypeError for what is not a job id: an empty one would be found in processes of others */
  constructor(options: JobProcessesOptions) {
    if (!JobId.safeParse(options.jobId).success) {
      throw new TypeError(`Cannot look for processes: ${JSON.stringify(options.jobId)} is not a job id`);
    }
    this.#options = options;
  }

  /** How many were ever recognised. */
  get count(): number {
    return this.#known.size;
  }

  /**
   * Looks at all processes: those that carry the job's id, the descendants of known ones, and all in their sessions.
   * Ourselves and those above us are left out, with whatever only they lead to.
   */
  scan(): void {
    const { processes, jobId, roots, youth = null } = this.#options;
    // The usual end of a job: nothing to begin from, so that no table could show more.
    const isBare = roots.length === 0 && this.#known.size === 0;
    if (isBare && processes.withMarker(JOB_VARIABLE, jobId, youth).length === 0) return;
    const rows = processes.table(youth).filter((row) => !row.state.startsWith("Z"));
    const byPid = new Map(rows.map((row) => [row.pid, row]));
    // After the table: a pid that changes hands in between has a row of a dead process, which nobody signals.
    const marked = new Set(processes.withMarker(JOB_VARIABLE, jobId, youth));
    const isRoot = (row: ProcessRow) =>
      roots.some((root) =>
        root.pid === row.pid && root.startTime === row.startTime && processes.isAlive(root)
      );
    const seeds = rows.filter((row) => marked.has(row.pid) || isRoot(row));
    const spared = sparedPids(byPid, new Set(seeds.map((row) => row.pid)));
    for (const row of seeds) if (!spared.has(row.pid)) this.#add(row);
    this.#adoptSessions(seeds);
    const candidates = new Set(rows.filter((row) => !spared.has(row.pid) && !this.has(row)));
    for (let found = -1; found !== this.#known.size;) {
      found = this.#known.size;
      for (const row of candidates) {
        if (!this.#isChild(row, byPid) && !this.#isInSession(row, byPid)) continue;
        this.#add(row);
        candidates.delete(row);
      }
    }
  }

  has(row: ProcessRow): boolean {
    return this.#known.has(key(row));
  }

  /** Known ones that still run, as they were when they were last seen. */
  alive(): ProcessRow[] {
    return [...this.#known.values()].filter((row) => this.isAlive(row));
  }

  isAlive(row: ProcessRow): boolean {
    const { processes } = this.#options;
    const now = processes.identify(row.pid);
    return now !== null && now.startTime === row.startTime && processes.isAlive(now);
  }

  /** Signals exactly this process; one that has its pid by now is left alone. */
  signal(row: ProcessRow, signal: Deno.Signal): boolean {
    return this.isAlive(row) && this.#options.processes.signal(row.pid, signal);
  }

  #add(row: ProcessRow): void {
    this.#known.set(key(row), row);
    if (row.sid === row.pid) this.#sessions.add(row.sid);
  }

  /** The wrapper's session is the job's as long as somebody in it is known to be, even when the wrapper is dead. */
  #adoptSessions(seeds: readonly ProcessRow[]): void {
    for (const root of this.#options.roots) {
      if (seeds.some((row) => row.sid === root.pid)) this.#sessions.add(root.pid);
    }
  }

  #isChild(row: ProcessRow, byPid: ReadonlyMap<number, ProcessRow>): boolean {
    const parent = byPid.get(row.ppid);
    return parent !== undefined && this.has(parent);
  }

  /** A session whose leader has died keeps its number from being used again until its last member is gone. */
  #isInSession(row: ProcessRow, byPid: ReadonlyMap<number, ProcessRow>): boolean {
    if (!this.#sessions.has(row.sid)) return false;
    const leader = byPid.get(row.sid);
    return leader === undefined || this.has(leader);
  }
}

function key(row: ProcessRow): string {
  return `${row.pid} ${row.startTime}`;
}

/**
 * Pids that no signal of ours may reach: our own and those above us. When this process was itself started from inside
 * the job, what lies between it and the job's topmost process is the job's after all.
 */
function sparedPids(byPid: ReadonlyMap<number, ProcessRow>, seeds: ReadonlySet<number>): Set<number> {
  const line = [Deno.pid];
  for (let row = byPid.get(Deno.pid); row !== undefined && row.ppid > 0; row = byPid.get(row.ppid)) {
    if (line.includes(row.ppid)) break;
    line.push(row.ppid);
  }
  const topmost = line.findLastIndex((pid) => pid !== Deno.pid && seeds.has(pid));
  return new Set([Deno.pid, 1, ...line.slice(topmost + 1)]);
}
