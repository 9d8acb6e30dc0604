/**
 * Room `kernel`: how a process of this program becomes an agent, with exactly the environment that was asked for: by
 * `execve`, with no shell in between that could drop or change a variable. Its pid stays, so to the wrapper that waits
 * for it nothing has happened. The environment comes through a descriptor and never as an argument, which everybody on
 * the machine can read.
 *
 * @module
 */
import { environmentEntries } from "../../system/processes/environment_bytes.ts";
import { cString, cStrings, type ProgramLibrary, programLibrary } from "../../system/processes/libc.ts";

/** As in the wrapper's script. */
const DESCRIPTOR = 8;

/** Codes of a shell for an agent that is there and cannot be run, and for one that is not there. */
const CANNOT_RUN = 126;
const NOT_FOUND = 127;

/** What stands behind the last variable: an environment that was cut off is none. No variable is empty. */
const END = "\0";

const ENOENT = 2;
const E2BIG = 7;
const ENOEXEC = 8;

/** The same on all systems. */
const SIGPIPE = 13;

/** Of `sigprocmask`: 2 on Linux, 3 on macOS and BSD. */
const SIG_SETMASK = Deno.build.os === "linux" ? 2 : 3;

/** Bytes read at once. */
const READ_BYTES = 65_536;

/** What {@link becomeAgent} reads. */
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

/** `null` for one that is not whole. */
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
 * Does not return when all is well.
 *
 * @param command the agent's executable, absolute, and its arguments
 * @param say hears why the agent could not be begun
 * @returns the code to exit with
 */
export function becomeAgent(command: readonly string[], say: (words: string) => void): number {
  const library = programLibrary();
  const env = library === null ? null : decodeEnvironment(readAll(library, DESCRIPTOR));
  if (library === null || env === null) {
    say(library === null ? "no C library that can be asked" : "its environment did not arrive whole");
    return CANNOT_RUN;
  }
  // Deno ignores it, and what is ignored stays so in the program that comes.
  library.signal(SIGPIPE, null);
  library.sigprocmask(SIG_SETMASK, new Uint8Array(128), null);
  const [executable = "", ...args] = command;
  const error = execute(library, { executable, args, env });
  say(`${executable}: ${WORDS[error] ?? `error ${error} of the system`}`);
  return error === ENOENT ? NOT_FOUND : CANNOT_RUN;
}

/** As a shell says it. */
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

/** @returns the system's number of what stood in the way */
function execute(library: ProgramLibrary, { executable, args, env }: Program): number {
  const attempt = (file: string, argv: readonly string[]): number => {
    const [words, variables] = [cStrings(argv), cStrings(env)];
    library.execve(cString(file), bytesOf(words.pointers), bytesOf(variables.pointers));
    return library.lastError();
  };
  const error = attempt(executable, [executable, ...args]);
  // A script without a first line that names its shell: every shell runs it as its own.
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
