/**
 * Room `system`: other processes. A process is its pid, its start time and the boot it belongs to, never a pid alone.
 *
 * @module
 */
import type { ProcessMark, Youth } from "./young_pids.ts";

export interface ProcessIdentity {
  pid: number;
  /** Opaque: clock ticks since boot on Linux, `lstart` of `ps` elsewhere. */
  startTime: string;
  /** "" where the system has no such thing. */
  bootId: string;
}

export interface ProcessRow {
  pid: number;
  ppid: number;
  pgid: number;
  sid: number;
  startTime: string;
  /** As in `ps`: `Z` is a zombie, `T` stopped. */
  state: string;
  /** The executable's name; on Linux at most 15 characters of it. */
  command: string;
}

/** Everything is synchronous: a look at one process costs microseconds, a table a few milliseconds. */
export interface Processes {
  /**
   * Where a process can be told by nothing but its ancestors, which it names for as long as it lives, and ended by
   * nothing but force: the system has no signals, groups or sessions, and start times are whole numbers that ascend.
   */
  readonly onlyTrees?: true;
  /** The process that has this pid now, a zombie too. */
  identify(pid: number): ProcessIdentity | null;
  /** Whether exactly this process still runs. Zombies are dead. */
  isAlive(identity: ProcessIdentity): boolean;
  /** Ms since it started, by a clock that never jumps; `null` when it is gone. */
  ageMs(identity: ProcessIdentity): number | null;
  /** The process and those above it, as far as they live. */
  ancestry(pid: number): ProcessRow[];
  /** This moment; `null`, or nothing at all, where the system does not tell what began after it. */
  mark?(): ProcessMark | null;
  /** Every process that can be seen; with `youth`, those that began then may be all. */
  table(youth?: Youth | null): ProcessRow[];
  /**
   * Processes that were started with `name=value` in their environment, as far as it can be read; with `youth`, those
   * that began then may be all.
   */
  withMarker(name: string, value: string, youth?: Youth | null): number[];
  /** As `withMarker` among all processes, without being in anybody's way. */
  findMarker?(name: string, value: string): Promise<number[]>;
  /** Whether it was sent. False when there is no such process or it is not ours to signal. */
  signal(pid: number, signal: Deno.Signal): boolean;
  /** As `signal`, for every member of a process group. */
  signalGroup(pgid: number, signal: Deno.Signal): boolean;
}
