/**
 * Room `kernel`: which processes belong to a job. A process that was recognised once is remembered by its pid and start
 * time. So it stays the job's when its parent dies, or when it leaves the process group and session.
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
  /** The wrapper and the agent, where they are known. They may be dead. */
  roots: readonly ProcessIdentity[];
  /** When the wrapper started, if this daemon started it. Processes older than that are not looked at. */
  youth?: Youth | null;
}

/** The processes of one job that have been recognised so far. It finds new ones only in {@link scan}. */
export class JobProcesses {
  readonly #options: JobProcessesOptions;
  readonly #known = new Map<string, ProcessRow>();
  /** Sessions that a process of the job leads or led. */
  readonly #sessions = new Set<number>();

  /** @throws TypeError when `jobId` is not a job id: an empty one would match processes of other jobs */
  constructor(options: JobProcessesOptions) {
    if (!JobId.safeParse(options.jobId).success) {
      throw new TypeError(`Cannot look for processes: ${JSON.stringify(options.jobId)} is not a job id`);
    }
    this.#options = options;
  }

  /** How many processes were ever recognised, dead ones included. */
  get count(): number {
    return this.#known.size;
  }

  /**
   * Looks at all processes of the machine. It recognises those that carry the job's id in their environment, the
   * descendants of known ones, and the members of their sessions. This daemon is never recognised, nor are those of its
   * ancestors that are not the job's.
   */
  scan(): void {
    const { processes, jobId, roots, youth = null } = this.#options;
    // The usual case at the end of a job: no process is known and none carries its id. Then the process table, which
    // is dear to read, cannot lead to any.
    const isBare = roots.length === 0 && this.#known.size === 0;
    if (isBare && processes.withMarker(JOB_VARIABLE, jobId, youth).length === 0) return;
    const rows = processes.table(youth).filter((row) => !row.state.startsWith("Z"));
    const byPid = new Map(rows.map((row) => [row.pid, row]));
    // Read after the process table. A pid that is reused in between then has the row of a dead process, which is never
    // signalled.
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

  /** Whether this process was recognised, dead or alive. */
  has(row: ProcessRow): boolean {
    return this.#known.has(key(row));
  }

  /** The recognised processes that still run, each with the row of the scan that saw it last. */
  alive(): ProcessRow[] {
    return [...this.#known.values()].filter((row) => this.isAlive(row));
  }

  /** Whether this process still runs: false when its pid belongs to another one by now. */
  isAlive(row: ProcessRow): boolean {
    const { processes } = this.#options;
    const now = processes.identify(row.pid);
    return now !== null && now.startTime === row.startTime && processes.isAlive(now);
  }

  /** Signals this process, and never another one that was given its pid. Returns whether it was signalled. */
  signal(row: ProcessRow, signal: Deno.Signal): boolean {
    return this.isAlive(row) && this.#options.processes.signal(row.pid, signal);
  }

  #add(row: ProcessRow): void {
    this.#known.set(key(row), row);
    if (row.sid === row.pid) this.#sessions.add(row.sid);
  }

  /** A root's session belongs to the job as long as one of `seeds` is in it, even when the root itself is dead. */
  #adoptSessions(seeds: readonly ProcessRow[]): void {
    for (const root of this.#options.roots) {
      if (seeds.some((row) => row.sid === root.pid)) this.#sessions.add(root.pid);
    }
  }

  #isChild(row: ProcessRow, byPid: ReadonlyMap<number, ProcessRow>): boolean {
    const parent = byPid.get(row.ppid);
    return parent !== undefined && this.has(parent);
  }

  /**
   * A known session whose leader has died is still the job's: the system does not reuse a session's number before its
   * last member is gone.
   */
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
 * Pids that no signal may reach: init, this daemon and its ancestors. A daemon may have been started from inside the
 * job. Then its ancestors up to the job's topmost process belong to the job, and are not spared.
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
