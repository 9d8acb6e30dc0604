/**
 * Room `kernel`: how a process of this program becomes an agent, with exactly the environment that was asked for. It
 * calls `execve`, so that no shell can drop or change a variable. The pid stays the same, and the wrapper that waits
 * for it notices nothing. The environment comes through a file descriptor, since arguments can be read by every user.
 *
 * @module
 */
import { environmentEntries } from "../../system/processes/environment_bytes.ts";
import { cString, cStrings, type ProgramLibrary, programLibrary } from "../../system/processes/libc.ts";

/** The file descriptor of the environment; the wrapper's script uses the same number. */
const DESCRIPTOR = 8;

/** The exit codes that a shell uses for a program that cannot be run, and for one that is not found. */
const CANNOT_RUN = 126;
const NOT_FOUND = 127;

/**
 * An empty string ends the encoded environment: without it, the environment was cut off and is not used. No variable is
 * empty.
 */
const END = "\0";

const ENOENT = 2;
const E2BIG = 7;
const ENOEXEC = 8;

/** The signal's number, the same on all systems. */
const SIGPIPE = 13;

/** The argument of `sigprocmask` that replaces the mask: 2 on Linux, 3 on macOS and BSD. */
const SIG_SETMASK = Deno.build.os === "linux" ? 2 : 3;

/** Bytes of the environment per read. */
const READ_BYTES = 65_536;

/**
 * The environment as {@link becomeAgent} reads it: `NAME=value` entries, each with a NUL behind it, then one more NUL.
 */
export function encodeEnvironment(env: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> {
  const entries = environmentEntries(env);
  const bytes = new Uint8Array(entries.reduce((sum, entry) => sum + entry.length + 1, 0) + END.length);
  let offset = 0;
  for (const entry of entries) {
    bytes.set(entry, offset);
    offset += entry.length + 1;
  }
  return bytes;
}

/** The entries of an encoded environment as `NAME=value` bytes; `null` when it was cut off. */
export function decodeEnvironment(bytes: Uint8Array): Uint8Array[] | null {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(0, at);
    if (end < 0) return null;
    if (end === at) return end === bytes.length - 1 ? entries : null;
    entries.push(bytes.subarray(at, end));
    at = end + 1;
  }
  return null;
}

/**
 * Replaces this process by the agent. Returns only when that failed.
 *
 * @param command the agent's executable, absolute, and its arguments
 * @param say is told why the agent could not be started
 * @returns the code that this process must exit with: 126 or 127
 */
export function becomeAgent(command: readonly string[], say: (words: string) => void): number {
  const library = programLibrary();
  const env = library === null ? null : decodeEnvironment(readAll(library, DESCRIPTOR));
  if (library === null || env === null) {
    say(library === null ? "no C library that can be asked" : "its environment did not arrive whole");
    return CANNOT_RUN;
  }
  // Deno ignores SIGPIPE, and an ignored signal stays ignored across `execve`: the agent would not end with its reader.
  library.signal(SIGPIPE, null);
  library.sigprocmask(SIG_SETMASK, new Uint8Array(128), null);
  const [executable = "", ...args] = command;
  const error = execute(library, { executable, args, env });
  say(`${executable}: ${WORDS[error] ?? `error ${error} of the system`}`);
  return error === ENOENT ? NOT_FOUND : CANNOT_RUN;
}

/** A shell's words for an error number of `execve`; 13 is EACCES and 20 ENOTDIR. */
const WORDS: Readonly<Record<number, string>> = {
  [ENOENT]: "not found",
  [E2BIG]: "its command line and environment are longer than the system takes",
  13: "Permission denied",
  20: "not found",
};

interface Program {
  executable: string;
  args: readonly string[];
  env: readonly Uint8Array[];
}

/** Calls `execve`, which returns only when it fails. @returns the system's error number */
function execute(library: ProgramLibrary, { executable, args, env }: Program): number {
  const attempt = (file: string, argv: readonly string[]): number => {
    const [words, variables] = [cStrings(argv), cStrings(env)];
    library.execve(cString(file), bytesOf(words.pointers), bytesOf(variables.pointers));
    return library.lastError();
  };
  const error = attempt(executable, [executable, ...args]);
  // ENOEXEC: a script without a `#!` line. A shell would run it with /bin/sh, so this does too.
  return error === ENOEXEC ? attempt("/bin/sh", ["/bin/sh", executable, ...args]) : error;
}

function bytesOf(view: BigUint64Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(view.buffer);
}

function readAll(library: ProgramLibrary, descriptor: number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (;;) {
    const part = new Uint8Array(READ_BYTES);
    const length = Number(library.read(descriptor, part, BigInt(READ_BYTES)));
    if (length <= 0) break;
    parts.push(part.subarray(0, length));
  }
  library.close(descriptor);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
