/**
 * Room `system`: the interface to other processes. A process is identified by its pid, its start time and the boot it
 * belongs to, never by a pid alone.
 *
 * @module
 */
import type { ProcessMark, Youth } from "./young_pids.ts";

export interface ProcessIdentity {
  pid: number;
  /** Opaque: clock ticks since boot on Linux, .NET ticks on Windows, `lstart` of `ps` elsewhere. */
  startTime: string;
  /** The id of the system's boot; "" where there is none. */
  bootId: string;
}

export interface ProcessRow {
  pid: number;
  ppid: number;
  pgid: number;
  sid: number;
  startTime: string;
  /** The state as in `ps`: `Z` is a zombie, `T` is stopped. "" on Windows. */
  state: string;
  /** The name of the executable; at most 15 characters of it on Linux. */
  command: string;
}

/**
 * Methods are synchronous unless they return a promise. On Linux one process takes microseconds, a table a few
 * milliseconds; other systems are slower.
 */
export interface Processes {
  /**
   * Set on a system without signals, process groups and environments that can be read (Windows). There a process can be
   * recognised only by its ancestors, and can only be killed. Start times are ascending whole numbers, and a process
   * keeps the pid of its parent for life.
   */
  readonly onlyTrees?: true;
  /** Identifies the process that has this pid now, even a zombie; `null` when there is none. */
  identify(pid: number): ProcessIdentity | null;
  /** Whether exactly this process still runs. A zombie does not. */
  isAlive(identity: ProcessIdentity): boolean;
  /**
   * Ms since the process started; `null` when it is gone. Measured by a clock that never jumps, except on Windows.
   */
  ageMs(identity: ProcessIdentity): number | null;
  /** The process and its ancestors, as far as they are alive, beginning with the process. */
  ancestry(pid: number): ProcessRow[];
  /**
   * Marks this moment, to find later which processes began after it. `null` or absent where the system does not tell.
   */
  mark?(): ProcessMark | null;
  /**
   * All visible processes. With `youth`, an implementation may return only those that began in that period.
   */
  table(youth?: Youth | null): ProcessRow[];
  /**
   * Pids of processes started with `name=value` in their environment, as far as it can be read. With `youth`, an
   * implementation may return only those that began in that period.
   */
  withMarker(name: string, value: string, youth?: Youth | null): number[];
  /**
   * The value of a variable in the environment that the process was started with; `null` without it. Absent where the
   * system does not tell.
   */
  variable?(pid: number, name: string): string | null;
  /** As `withMarker` among all processes, but yields to other tasks in between. */
  findMarker?(name: string, value: string): Promise<number[]>;
  /**
   * Sends a signal.
   *
   * @returns whether it was sent; `false` when there is no such process or this user may not signal it
   */
  signal(pid: number, signal: Deno.Signal): boolean;
  /** As `signal`, to every member of a process group. */
  signalGroup(pgid: number, signal: Deno.Signal): boolean;
}
