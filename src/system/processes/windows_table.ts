/**
 * Room `system`: reads the process table of Windows through `kernel32.dll`. A query takes less than a ms, where
 * PowerShell takes half a second. Tested under Wine, which has no PowerShell; never run on a real Windows so far.
 *
 * @module
 */
import type { ProcessRow } from "./processes.ts";

/** Returns all processes, or only the one with the given pid. */
export type WindowsTable = (pid: number | null) => ProcessRow[];

const SYMBOLS = {
  CreateToolhelp32Snapshot: { parameters: ["u32", "u32"], result: "pointer" },
  Process32FirstW: { parameters: ["pointer", "buffer"], result: "i32" },
  Process32NextW: { parameters: ["pointer", "buffer"], result: "i32" },
  OpenProcess: { parameters: ["u32", "i32", "u32"], result: "pointer" },
  GetProcessTimes: { parameters: ["pointer", "buffer", "buffer", "buffer", "buffer"], result: "i32" },
  WaitForSingleObject: { parameters: ["pointer", "u32"], result: "u32" },
  ProcessIdToSessionId: { parameters: ["u32", "buffer"], result: "i32" },
  CloseHandle: { parameters: ["pointer"], result: "i32" },
} as const;

type Kernel = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** TH32CS_SNAPPROCESS of `tlhelp32.h`: the snapshot holds processes. */
const SNAPSHOT_OF_PROCESSES = 0x2;

/** `PROCESSENTRY32W` on 64-bit systems: its size and the offsets of its fields, in bytes. */
const ENTRY_BYTES = 568;
const PID_AT = 8;
const PARENT_AT = 32;
const NAME_AT = 44;

/**
 * Access rights to read the times of a process (PROCESS_QUERY_LIMITED_INFORMATION) and to wait for its end
 * (SYNCHRONIZE).
 */
const QUERY_AND_WAIT = 0x1000 | 0x100000;
/** WAIT_OBJECT_0: the process has ended, although others may still hold a handle to it. */
const ENDED = 0;

/**
 * Ticks of 100 ns from the year 1, where .NET and so PowerShell count from, to 1601, where Windows counts from.
 */
const TICKS_BEFORE_1601 = 504_911_232_000_000_000n;

/** `null` outside Windows, and where the library or one of its functions is missing. */
export function windowsTable(): WindowsTable | null {
  if (Deno.build.os !== "windows") return null;
  try {
    const { symbols } = Deno.dlopen("kernel32.dll", SYMBOLS);
    return (pid) => rows(symbols, pid);
  } catch {
    return null;
  }
}

function rows(kernel: Kernel, pid: number | null): ProcessRow[] {
  const snapshot = kernel.CreateToolhelp32Snapshot(SNAPSHOT_OF_PROCESSES, 0);
  const bytes = new Uint8Array(ENTRY_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, ENTRY_BYTES, true);
  const found: ProcessRow[] = [];
  try {
    for (
      let more = kernel.Process32FirstW(snapshot, bytes);
      more !== 0;
      more = kernel.Process32NextW(snapshot, bytes)
    ) {
      const own = view.getUint32(PID_AT, true);
      if (pid !== null && own !== pid) continue;
      const startTime = startOf(kernel, own);
      if (startTime === null) continue;
      found.push({
        pid: own,
        ppid: view.getUint32(PARENT_AT, true),
        // The process counts as its own group: ending the group means ending its process tree.
        pgid: own,
        sid: sessionOf(kernel, own),
        startTime,
        state: "",
        command: nameIn(bytes),
      });
    }
  } finally {
    kernel.CloseHandle(snapshot);
  }
  return found;
}

/**
 * The start of a process in .NET ticks, rounded down to the µs as PowerShell reports it. `null` for a process that is
 * gone or may not be queried.
 */
function startOf(kernel: Kernel, pid: number): string | null {
  const handle = kernel.OpenProcess(QUERY_AND_WAIT, 0, pid);
  if (handle === null) return null;
  try {
    if (kernel.WaitForSingleObject(handle, 0) === ENDED) return null;
    const [created, exited, inKernel, inUser] = [times(), times(), times(), times()];
    if (kernel.GetProcessTimes(handle, created, exited, inKernel, inUser) === 0) return null;
    const ticks = new DataView(created.buffer).getBigUint64(0, true);
    return String((ticks + TICKS_BEFORE_1601) / 10n * 10n);
  } finally {
    kernel.CloseHandle(handle);
  }
}

function times(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(8);
}

function sessionOf(kernel: Kernel, pid: number): number {
  const session = new Uint8Array(4);
  return kernel.ProcessIdToSessionId(pid, session) === 0
    ? 0
    : new DataView(session.buffer).getUint32(0, true);
}

function nameIn(entry: Uint8Array<ArrayBuffer>): string {
  return new TextDecoder("utf-16le").decode(entry.subarray(NAME_AT, NAME_AT + 520)).split("\0", 1)[0] ?? "";
}
