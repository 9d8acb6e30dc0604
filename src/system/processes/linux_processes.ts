/**
 * Room `system`: processes as seen in `/proc`. A process that ends while it is looked at counts as absent; it is no
 * error.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { ancestryOf, compareTicks } from "./ancestry.ts";
import { parseEnvironment } from "./environment_bytes.ts";
import type { Processes, ProcessIdentity, ProcessRow } from "./processes.ts";
import { signalProcess, signalProcessGroup } from "./signal_process.ts";
import { isThere } from "../files/is_there.ts";
import { Slices } from "../yielding/slices.ts";
import {
  isGenuine,
  isIn,
  type ProcessMark,
  readMark,
  readMaxPid,
  readNow,
  youngPids,
  type Youth,
} from "./young_pids.ts";

/** Ms per clock tick of `/proc/PID/stat`: USER_HZ is 100 on every Linux that Deno runs on. */
const TICK_MS = 10;

/**
 * Tolerance in ms for the age of this process according to `/proc/uptime`. If it is lower than the known age by more,
 * `/proc/uptime` is not trusted.
 */
const UPTIME_TOLERANCE_MS = 1_000;

/**
 * Up to this number of pids, each is probed by itself; above it, all of `/proc` is listed. Probing an unused pid takes
 * 14 µs, listing 1,000 processes 1 ms.
 */
const FEW_PIDS = 50;

export class LinuxProcesses implements Processes {
  #bootId: string | undefined;
  #uptimeSkewMs: number | undefined;
  #isGenuine: boolean | undefined;
  #maxPid: number | null = null;

  identify(pid: number): ProcessIdentity | null {
    const row = readStat(pid);
    return row === null ? null : { pid, startTime: row.startTime, bootId: this.#boot() };
  }

  isAlive(identity: ProcessIdentity): boolean {
    const row = this.#find(identity);
    return row !== null && !isDead(row);
  }

  ageMs(identity: ProcessIdentity): number | null {
    const row = this.#find(identity);
    if (row === null) return null;
    this.#uptimeSkewMs ??= ownUptimeSkew();
    return Math.max(0, uptimeMs() + this.#uptimeSkewMs - Number(row.startTime) * TICK_MS);
  }

  mark(): ProcessMark | null {
    return this.#tellsGenuinely() ? readMark() : null;
  }

  ancestry(pid: number): ProcessRow[] {
    return ancestryOf(pid, { row: readStat, compare: compareTicks });
  }

  table(youth: Youth | null = null): ProcessRow[] {
    return this.#pids(youth).map(readStat).filter((row) => row !== null);
  }

  withMarker(name: string, value: string, youth: Youth | null = null): number[] {
    const marker = Buffer.from(`${name}=${value}`);
    return this.#pids(youth).filter((pid) => isMarked(pid, marker));
  }

  variable(pid: number, name: string): string | null {
    const environment = tryRead(() => Deno.readFileSync(`/proc/${pid}/environ`));
    return environment === null ? null : parseEnvironment(environment)[name] ?? null;
  }

  async findMarker(name: string, value: string): Promise<number[]> {
    const marker = Buffer.from(`${name}=${value}`);
    const slices = new Slices();
    const found: number[] = [];
    for (const pid of pids()) {
      if (isMarked(pid, marker)) found.push(pid);
      await slices.pause();
    }
    return found;
  }

  /**
   * The pids to look at: all, or those given in the period of `youth`. A short range is returned as it is, with pids
   * that may be unused; a long one is filtered from a listing of `/proc`.
   */
  #pids(youth: Youth | null): number[] {
    const now = youth !== null && this.#tellsGenuinely() ? readNow() : null;
    this.#maxPid ??= readMaxPid();
    const range = youth === null || now === null || this.#maxPid === null
      ? null
      : youngPids(youth, now, this.#maxPid);
    if (range === null) return pids();
    const { first, last } = range;
    return first <= last && last - first < FEW_PIDS
      ? Array.from({ length: last - first + 1 }, (_, index) => first + index)
      : pids().filter((pid) => isIn(range, pid));
  }

  signal(pid: number, signal: Deno.Signal): boolean {
    return signalProcess(pid, signal);
  }

  signalGroup(pgid: number, signal: Deno.Signal): boolean {
    return signalProcessGroup(pgid, signal);
  }

  #find(identity: ProcessIdentity): ProcessRow | null {
    if (identity.bootId !== this.#boot()) return null;
    const row = readStat(identity.pid);
    return row?.startTime === identity.startTime ? row : null;
  }

  #tellsGenuinely(): boolean {
    return this.#isGenuine ??= isGenuine();
  }

  #boot(): string {
    this.#bootId ??= Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim();
    return this.#bootId;
  }
}

/** Parses the text of `/proc/PID/stat`; `null` for any other text. */
export function parseStat(text: string): ProcessRow | null {
  // The name is in parentheses, and may itself contain spaces, parentheses and newlines.
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  if (open < 0 || close < open) return null;
  const fields = text.slice(close + 2).split(" ");
  const [state, ppid, pgid, sid] = fields;
  const startTime = fields[19];
  if (state === undefined || startTime === undefined) return null;
  return {
    pid: Number(text.slice(0, open)),
    ppid: Number(ppid),
    pgid: Number(pgid),
    sid: Number(sid),
    startTime,
    state,
    command: text.slice(open + 1, close),
  };
}

function readStat(pid: number): ProcessRow | null {
  const path = `/proc/${pid}/stat`;
  const text = isThere(path) ? tryRead(() => Deno.readTextFileSync(path)) : null;
  return text === null ? null : parseStat(text);
}

function isMarked(pid: number, marker: Buffer): boolean {
  const path = `/proc/${pid}/environ`;
  const environment = isThere(path) ? tryRead(() => Deno.readFileSync(path)) : null;
  return environment !== null && hasEntry(Buffer.from(environment.buffer), marker);
}

function isDead(row: ProcessRow): boolean {
  return row.state === "Z" || row.state === "X";
}

function pids(): number[] {
  const found: number[] = [];
  for (const entry of Deno.readDirSync("/proc")) {
    const pid = Number(entry.name);
    if (Number.isInteger(pid)) found.push(pid);
  }
  return found;
}

/** Whether `entry` is a complete entry of an environment, whose entries are separated by NULs. */
function hasEntry(environment: Buffer, entry: Buffer): boolean {
  for (let at = environment.indexOf(entry); at >= 0; at = environment.indexOf(entry, at + 1)) {
    const end = at + entry.length;
    const begins = at === 0 || environment[at - 1] === 0;
    if (begins && (end === environment.length || environment[end] === 0)) return true;
  }
  return false;
}

function uptimeMs(): number {
  return Number(Deno.readTextFileSync("/proc/uptime").split(" ", 1)[0]) * 1000;
}

function ownUptimeSkew(): number {
  const self = readStat(Deno.pid);
  if (self === null) return 0;
  return uptimeSkew({
    ageMs: uptimeMs() - Number(self.startTime) * TICK_MS,
    knownAgeMs: performance.now(),
  });
}

/**
 * Ms that must be added to `/proc/uptime`; usually 0. In a container with an uptime of its own (lxcfs), start times
 * still count from the boot of the machine. Without the correction, processes would seem to start in the future.
 *
 * @param ageMs age of this process by `/proc/uptime`; `knownAgeMs` by its own clock
 */
export function uptimeSkew({ ageMs, knownAgeMs }: { ageMs: number; knownAgeMs: number }): number {
  const missing = knownAgeMs - ageMs;
  return missing > UPTIME_TOLERANCE_MS ? missing : 0;
}

/**
 * The result of `read`. `null` when it fails: the process is gone, even in the middle of a read (ESRCH), or may not be
 * inspected.
 */
function tryRead<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch {
    return null;
  }
}
