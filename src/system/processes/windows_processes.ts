/**
 * Room `system`: processes on Windows, read through `kernel32.dll`, or else through PowerShell, which takes some
 * hundred ms a query. Never run on a real Windows so far: docs/testing.md says what is tested where.
 *
 * @module
 */
import { ancestryOf, compareTicks } from "./ancestry.ts";
import type { Processes, ProcessIdentity, ProcessRow } from "./processes.ts";
import { signalProcess } from "./signal_process.ts";
import { type WindowsTable, windowsTable } from "./windows_table.ts";

/**
 * Prints one line for each process: pid, parent, session, start in ticks of 100 ns, name. Some system processes have no
 * start.
 */
const FORMAT = "ForEach-Object { '{0}|{1}|{2}|{3}|{4}' -f $_.ProcessId, $_.ParentProcessId, $_.SessionId, " +
  "$(if ($_.CreationDate) { $_.CreationDate.ToUniversalTime().Ticks } else { 0 }), $_.Name }";

/** .NET counts ticks from the year 1; this is the number of them before 1970. */
const EPOCH_TICKS = 621_355_968_000_000_000n;
const TICKS_PER_MS = 10_000n;

/** Runs a program to its end. @returns its output, "" when it failed */
export type RunTool = (program: string, args: readonly string[]) => string;

export class WindowsProcesses implements Processes {
  readonly onlyTrees = true;
  readonly #run: RunTool;
  readonly #now: () => number;
  readonly #look: WindowsTable | null;

  /** @param look reads the process table; PowerShell is used when it is `null` */
  constructor(
    run: RunTool = runTool,
    now: () => number = Date.now,
    look: WindowsTable | null = run === runTool ? windowsTable() : null,
  ) {
    this.#run = run;
    this.#now = now;
    this.#look = look;
  }

  identify(pid: number): ProcessIdentity | null {
    const row = this.#row(pid);
    return row === null ? null : { pid, startTime: row.startTime, bootId: "" };
  }

  isAlive(identity: ProcessIdentity): boolean {
    return this.#row(identity.pid)?.startTime === identity.startTime;
  }

  /** Measured by the wall clock, which may jump: Windows reports start times in no other. */
  ageMs(identity: ProcessIdentity): number | null {
    if (!this.isAlive(identity)) return null;
    const startMs = Number((BigInt(identity.startTime) - EPOCH_TICKS) / TICKS_PER_MS);
    return Math.max(0, this.#now() - startMs);
  }

  ancestry(pid: number): ProcessRow[] {
    const rows = new Map(this.table().map((row) => [row.pid, row]));
    return ancestryOf(pid, { row: (other) => rows.get(other), compare: compareTicks });
  }

  table(): ProcessRow[] {
    if (this.#look !== null) return this.#look(null);
    return parseWindowsProcesses(this.#query(`Get-CimInstance Win32_Process | ${FORMAT}`));
  }

  /**
   * Always empty: the environment of another process cannot be read here. Callers must rely on the process tree.
   */
  withMarker(_name: string, _value: string): number[] {
    return [];
  }

  /** Kills the process, whatever the signal: Windows knows no gentler way. */
  signal(pid: number, signal: Deno.Signal): boolean {
    try {
      return signalProcess(pid, signal === "SIGTERM" ? signal : "SIGKILL");
    } catch {
      // The error for a missing process differs between versions of Deno.
      return false;
    }
  }

  /** Kills the process and all its descendants, since Windows has no process groups. */
  signalGroup(pgid: number, _signal: Deno.Signal): boolean {
    return pgid > 1 && this.#run("taskkill", ["/T", "/F", "/PID", String(pgid)]) !== "";
  }

  #row(pid: number): ProcessRow | null {
    if (this.#look !== null) return this.#look(pid)[0] ?? null;
    const query = `Get-CimInstance Win32_Process -Filter 'ProcessId=${Math.trunc(pid)}' | ${FORMAT}`;
    return parseWindowsProcesses(this.#query(query))[0] ?? null;
  }

  #query(command: string): string {
    return this.#run("powershell", ["-NoProfile", "-NonInteractive", "-Command", command]);
  }
}

/**
 * Parses the output of PowerShell. Lines in another format and processes without a start time are skipped.
 */
export function parseWindowsProcesses(text: string): ProcessRow[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [, pid, ppid, session, startTime = "0", command = ""] =
      /^(\d+)\|(\d+)\|(\d+)\|(\d+)\|(.*)$/.exec(line.trim()) ?? [];
    if (pid === undefined || startTime === "0") return [];
    // The process counts as its own group: ending the group means ending its process tree.
    return [{
      pid: Number(pid),
      ppid: Number(ppid),
      pgid: Number(pid),
      sid: Number(session),
      startTime,
      state: "",
      command,
    }];
  });
}

function runTool(program: string, args: readonly string[]): string {
  try {
    const { stdout, success } = new Deno.Command(program, {
      args: [...args],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).outputSync();
    return success ? new TextDecoder().decode(stdout) : "";
  } catch {
    return "";
  }
}
