/**
 * Room `system`: the table of processes asked of Windows itself, through `kernel32.dll`: a look costs less than a ms, where
 * PowerShell takes half a second. Seen to work under Wine, which has no PowerShell; never run on a real Windows so far.
 *
 * @module
 */
import type { ProcessRow } from "./processes.ts";

/** All processes, or the one of this pid. */
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

/** Of `tlhelp32.h`: what a snapshot holds. */
const SNAPSHOT_OF_PROCESSES = 0x2;

/** `PROCESSENTRY32W` of 64-bit systems: its size, and where its fields are. */
const ENTRY_BYTES = 568;
const PID_AT = 8;
const PARENT_AT = 32;
const NAME_AT = 44;

/** To ask for its times, and whether it has ended. */
const QUERY_AND_WAIT = 0x1000 | 0x100000;
/** What waiting says of a process that has ended: others may still hold it. */
const ENDED = 0;

/** From 1601, where Windows counts from, to the year 1 of .NET, in which PowerShell answers. */
const TICKS_BEFORE_1601 = 504_911_232_000_000_000n;

/** `null` where the library or one of its functions is not to be had. */
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
        // A process is its own group: ending one means ending its tree.
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

/** In ticks of .NET, to the µs, as PowerShell tells it; `null` for a process that is gone, or closed to us. */
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
