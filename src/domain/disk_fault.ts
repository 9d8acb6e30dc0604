/**
 * Room `domain`: recognises faults of the disk and a lack of system resources, so that they are never reported as a
 * bug of this program. Rule of this file: a fault is recognised by the system's error number or by SQLite's words.
 *
 * @module
 */
import { AgentAsyncError, messageOf } from "./errors.ts";

interface DiskFault {
  readonly code: "disk_full" | "disk_fault";
  /** The system's name for it, which is what people search for. */
  readonly name: string;
  readonly what: string;
  readonly hint: string;
}

const FULL: DiskFault = {
  code: "disk_full",
  name: "ENOSPC",
  what: "the disk is full",
  hint:
    "Free some space or files (`agent-async prune` helps; `df -h` and `df -i` tell them apart), then call again.",
};

const QUOTA: DiskFault = {
  code: "disk_full",
  name: "EDQUOT",
  what: "the disk quota of this user is used up",
  hint: "Free some space or files (`agent-async prune` helps; `quota` shows how much), then call again.",
};

const BROKEN: DiskFault = {
  code: "disk_fault",
  name: "EIO",
  what: "the disk reports an input/output error",
  hint: "Look at the disk and its mount (`dmesg` says more), then call again; jobs that run go on.",
};

const READ_ONLY: DiskFault = {
  code: "disk_fault",
  name: "EROFS",
  what: "the file system of the state directory is read-only",
  hint:
    "Mount it writable again (after a fault of the disk the system takes that away: see `dmesg`), then call again.",
};

const REFUSED: DiskFault = {
  code: "disk_fault",
  name: "EACCES",
  what: "the system does not permit it",
  hint: "Check the owner, the mode and the mount of the state directory.",
};

const DESCRIPTORS: DiskFault = {
  code: "disk_fault",
  name: "EMFILE",
  what: "there are no free file descriptors",
  hint: "End other programs or raise the limit (`ulimit -n`), then call again.",
};

const STALE: DiskFault = {
  code: "disk_fault",
  name: "ESTALE",
  what: "the network file system has lost the file",
  hint: "Mount it again, then restart the daemon (`agent-async daemon stop`).",
};

/** Faults by error number, of Linux and of macOS where it differs. */
const BY_NUMBER: ReadonlyMap<number, DiskFault> = new Map([
  [1, { ...REFUSED, name: "EPERM" }],
  [5, BROKEN],
  [13, REFUSED],
  [23, { ...DESCRIPTORS, name: "ENFILE", what: "the system has no free file descriptors" }],
  [24, DESCRIPTORS],
  [28, FULL],
  [30, READ_ONLY],
  [69, QUOTA],
  [70, STALE],
  [116, STALE],
  [122, QUOTA],
]);

/** Faults by their words, for SQLite, which gives no error numbers. */
const BY_WORDS: readonly (readonly [RegExp, DiskFault])[] = [
  [/database or disk is full|no space left/i, FULL],
  [/disk quota exceeded/i, QUOTA],
  [/disk I\/O error|input\/output error/i, BROKEN],
  [/read-?only (?:database|file system)/i, READ_ONLY],
  [/too many open files/i, DESCRIPTORS],
  [/unable to open database file|permission denied|operation not permitted/i, REFUSED],
];

/** The fault and its system name, such as `the disk is full (ENOSPC)`; `null` for any other error. */
export function faultName(error: unknown): string | null {
  const fault = faultOf(error);
  return fault === null ? null : `${fault.what} (${fault.name})`;
}

/** The fault as an expected error; `null` for any other error. @param doing completes `Cannot ...` */
export function diskFault(error: unknown, doing: string): AgentAsyncError | null {
  const fault = error instanceof AgentAsyncError ? null : faultOf(error);
  if (fault === null) return null;
  const { code, name, what, hint } = fault;
  const detail = code === "disk_full" ? "" : `: ${messageOf(error)}`;
  return new AgentAsyncError(code, `Cannot ${doing}: ${what} (${name})${detail}`, { hint, cause: error });
}

function faultOf(error: unknown): DiskFault | null {
  if (!(error instanceof Error)) return null;
  // An expected error may have been caused by a fault of the disk.
  if (error instanceof AgentAsyncError && error.cause !== undefined) return faultOf(error.cause);
  const text = messageOf(error);
  const number = Number(/\(os error (\d+)\)/.exec(text)?.[1] ?? codeNumber(error));
  return BY_NUMBER.get(number) ?? BY_WORDS.find(([words]) => words.test(text))?.[1] ?? null;
}

/** The error number for the `code` of an error of `node:fs`, whose message has no number; 0 for none. */
function codeNumber(error: Error): number {
  const code = "code" in error ? error.code : undefined;
  for (const [number, { name }] of BY_NUMBER) if (name === code) return number;
  return 0;
}
