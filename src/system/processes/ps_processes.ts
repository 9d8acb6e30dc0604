/**
 * Room `system`: processes as listed by `ps`, for macOS and other systems without `/proc`. A call takes about 7 ms.
 *
 * @module
 */
import { ancestryOf } from "./ancestry.ts";
import type { Processes, ProcessIdentity, ProcessRow } from "./processes.ts";
import { signalProcess, signalProcessGroup } from "./signal_process.ts";

/** Columns of `ps`. `lstart` is five words and `comm` may be any number, so `comm` must come last. */
const COLUMNS = "pid=,ppid=,pgid=,sess=,stat=,etime=,lstart=,comm=";

export class PsProcesses implements Processes {
  identify(pid: number): ProcessIdentity | null {
    const row = this.#row(pid);
    return row === null ? null : { pid, startTime: row.startTime, bootId: "" };
  }

  isAlive(identity: ProcessIdentity): boolean {
    const row = this.#row(identity.pid);
    return row !== null && row.startTime === identity.startTime && !row.state.startsWith("Z");
  }

  ageMs(identity: ProcessIdentity): number | null {
    const row = this.#row(identity.pid);
    return row === null || row.startTime !== identity.startTime ? null : row.ageMs;
  }

  ancestry(pid: number): ProcessRow[] {
    const rows = new Map(this.table().map((row) => [row.pid, row]));
    return ancestryOf(pid, {
      row: (other) => rows.get(other),
      compare: (a, b) => Date.parse(a) - Date.parse(b),
    });
  }

  table(): ProcessRow[] {
    return parsePs(ps(["-axww", "-o", COLUMNS])).map(({ ageMs: _, ...row }) => row);
  }

  /**
   * Always empty: macOS shows no environment of other processes. A search of command lines is no substitute, since it
   * would also find a person's `grep` for the marker. Callers must rely on the process tree.
   */
  withMarker(_name: string, _value: string): number[] {
    return [];
  }

  signal(pid: number, signal: Deno.Signal): boolean {
    return signalProcess(pid, signal);
  }

  signalGroup(pgid: number, signal: Deno.Signal): boolean {
    return signalProcessGroup(pgid, signal);
  }

  #row(pid: number): AgedRow | null {
    return parsePs(ps(["-ww", "-o", COLUMNS, "-p", String(pid)]))[0] ?? null;
  }
}

type AgedRow = ProcessRow & { ageMs: number };

const LINE = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d+)\s*(.*)$/;

/** Parses the output of `ps` with {@link COLUMNS}. Lines in another format are skipped. */
export function parsePs(text: string): AgedRow[] {
  return text.split("\n").flatMap((line) => {
    const match = LINE.exec(line);
    if (match === null) return [];
    const [, pid, ppid, pgid, session = "", state = "", elapsed = "", started = "", command = ""] = match;
    return [{
      pid: Number(pid),
      ppid: Number(ppid),
      pgid: Number(pgid),
      // macOS prints an address or 0 as the session; the process group is used then.
      sid: Number.isInteger(Number(session)) && Number(session) > 0 ? Number(session) : Number(pgid),
      startTime: started.replace(/\s+/g, " "),
      state,
      command,
      ageMs: elapsedMs(elapsed),
    }];
  });
}

/** Ms of a time in the format `[[days-]hours:]minutes:seconds`. */
function elapsedMs(text: string): number {
  const [days, clock] = text.includes("-") ? text.split("-", 2) : ["0", text];
  const seconds = (clock ?? "").split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return (Number(days) * 86_400 + seconds) * 1000;
}

function ps(args: readonly string[]): string {
  const { stdout } = new Deno.Command("/bin/ps", {
    args: [...args],
    // `lstart` depends on time zone and language. Other variables (COMMAND_MODE, PS_PERSONALITY) would change the
    // behaviour of `ps`.
    env: { LC_ALL: "C", TZ: "UTC" },
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).outputSync();
  return new TextDecoder().decode(stdout);
}
