/**
 * Room `system`: starts a process in a session of its own that inherits nothing from this one: no terminal, no ignored
 * or blocked signals, no descriptors besides the standard three. `Deno.Command` with `detached` forks this process,
 * which takes tens of milliseconds at a size of 100 MB. `posix_spawn` takes half a millisecond.
 *
 * Deno does not know processes that are started here, so this file also reaps them.
 *
 * @module
 */
import { cString, cStrings, type SpawnLibrary, spawnLibrary } from "./libc.ts";

export interface SpawnOptions {
  /** Absolute path of the program. */
  executable: string;
  /** Arguments without `argv[0]`, which is `executable`. */
  args: readonly string[];
  /** The whole environment as `name=value` entries; text or bytes without a NUL. */
  env: readonly (string | Uint8Array)[];
  /** Absolute path of the working directory. */
  cwd: string;
  /** Path of a file to read standard input from; `/dev/null` by default. */
  stdin?: string;
  /** Path of an existing file that standard error is appended to; `/dev/null` by default. */
  stderr?: string;
}

/** How the process ended, like the status of a `Deno.ChildProcess`. */
export interface SpawnedStatus {
  success: boolean;
  /** The exit code; 128+n after signal n. */
  code: number;
  /** The number of the signal that ended the process; `null` when it exited by itself. */
  signal: number | null;
}

export interface SpawnedProcess {
  readonly pid: number;
  /** Resolves when the process ends. Waiting for it does not keep this process alive. */
  readonly status: Promise<SpawnedStatus>;
}

/** Flags of glibc's `spawn.h`. */
const SETSIGDEF = 0x04;
const SETSIGMASK = 0x08;
const SETSID = 0x80;

/** Size in bytes of the buffers for glibc's structures: `posix_spawnattr_t` has 336, the others less. */
const STRUCTURE_BYTES = 1_024;

/** Flags of `fcntl.h`, the same on every Linux that Deno supports. */
const O_RDONLY = 0;
const O_WRONLY = 1;
const O_APPEND = 0o2000;

/** Signals 1 to 31 without SIGKILL and SIGSTOP, which cannot be changed: bit n-1 is signal n. */
const CHANGEABLE_SIGNALS = 0x7fffffff & ~(1 << (9 - 1)) & ~(1 << (19 - 1));

/** Whether {@link spawnProcess} is available on this system. */
export function canSpawn(): boolean {
  return spawnLibrary() !== null;
}

/**
 * Starts a process; see {@link SpawnOptions}.
 *
 * @throws Error with the system's error number in Deno's format (`os error 7`); TypeError for a NUL in an argument, a
 * path or the environment. Nothing was started then.
 */
export function spawnProcess(options: SpawnOptions): SpawnedProcess {
  const library = spawnLibrary();
  if (library === null) throw new Error("Cannot start a process: posix_spawn is not to be had");
  const { executable, args, env } = options;
  for (const text of [executable, options.cwd, ...args, ...env]) {
    if (hasNul(text)) {
      throw new TypeError("Cannot start a process: there is a NUL in its arguments or environment");
    }
  }
  const argv = cStrings([executable, ...args]);
  const envp = cStrings(env);
  const pid = new Int32Array(1);
  // The listener comes before the process, which may end as soon as it is started.
  reaper.listen();
  using attributes = spawnAttributes(library);
  using actions = fileActions(library, options);
  const code = library.posix_spawn(
    bytesOf(pid),
    cString(executable),
    actions.bytes,
    attributes.bytes,
    bytesOf(argv.pointers),
    bytesOf(envp.pointers),
  );
  if (code !== 0) throw new Error(`Cannot start ${executable} (os error ${code})`);
  return { pid: pid[0]!, status: reaper.expect(pid[0]!) };
}

interface Structure extends Disposable {
  bytes: Uint8Array<ArrayBuffer>;
}

function spawnAttributes(library: SpawnLibrary): Structure {
  const bytes = new Uint8Array(STRUCTURE_BYTES);
  const signals = new Uint8Array(STRUCTURE_BYTES);
  library.posix_spawnattr_init(bytes);
  library.posix_spawnattr_setflags(bytes, SETSID | SETSIGDEF | SETSIGMASK);
  library.posix_spawnattr_setsigmask(bytes, signals);
  new DataView(signals.buffer).setUint32(0, CHANGEABLE_SIGNALS, true);
  library.posix_spawnattr_setsigdefault(bytes, signals);
  return { bytes, [Symbol.dispose]: () => library.posix_spawnattr_destroy(bytes) };
}

function fileActions(library: SpawnLibrary, { cwd, stdin, stderr }: SpawnOptions): Structure {
  const bytes = new Uint8Array(STRUCTURE_BYTES);
  const open = (descriptor: number, path: string, flags: number) =>
    library.posix_spawn_file_actions_addopen(bytes, descriptor, cString(path), flags, 0);
  library.posix_spawn_file_actions_init(bytes);
  open(0, stdin ?? "/dev/null", O_RDONLY);
  open(1, "/dev/null", O_WRONLY);
  open(2, stderr ?? "/dev/null", O_WRONLY | O_APPEND);
  // Deno marks its own descriptors close-on-exec, but this process may have inherited others that are not.
  library.closeFrom?.(bytes, 3);
  library.posix_spawn_file_actions_addchdir_np(bytes, cString(cwd));
  return { bytes, [Symbol.dispose]: () => library.posix_spawn_file_actions_destroy(bytes) };
}

function bytesOf(view: Int32Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(view.buffer);
}

function hasNul(text: string | Uint8Array): boolean {
  return typeof text === "string" ? text.includes("\0") : text.includes(0);
}

/** `waitpid` returns at once when the process still runs. */
const WNOHANG = 1;

/**
 * Ms between polls of running processes, in case a SIGCHLD was merged with another one. Where none is left to be polled,
 * nothing is listened to any more.
 */
const LOOK_MS = 5_000;

/**
 * Reaps ended processes, so that none stays a zombie. It has no listener and no timer when no process has been expected
 * to end for some seconds: to listen anew for each would cost a tenth of a ms before it is started.
 */
class Reaper {
  readonly #expected = new Map<number, (status: SpawnedStatus) => void>();
  #timer: ReturnType<typeof setInterval> | null = null;
  readonly #look = () => {
    for (const [pid, resolve] of this.#expected) {
      const status = endOf(pid);
      if (status === null) continue;
      this.#expected.delete(pid);
      resolve(status);
    }
  };

  listen(): void {
    if (this.#timer !== null) return;
    Deno.addSignalListener("SIGCHLD", this.#look);
    this.#timer = setInterval(() => {
      this.#look();
      this.#rest();
    }, LOOK_MS);
    Deno.unrefTimer(this.#timer);
  }

  #rest(): void {
    if (this.#timer === null || this.#expected.size > 0) return;
    Deno.removeSignalListener("SIGCHLD", this.#look);
    clearInterval(this.#timer);
    this.#timer = null;
  }

  expect(pid: number): Promise<SpawnedStatus> {
    return new Promise((resolve) => this.#expected.set(pid, resolve));
  }
}

const reaper = new Reaper();

/** The status of an ended process, which is reaped by this call; `null` while it runs. */
function endOf(pid: number): SpawnedStatus | null {
  const status = new Int32Array(1);
  const found = spawnLibrary()?.waitpid(pid, bytesOf(status), WNOHANG) ?? -1;
  if (found === 0) return null;
  // Other code has reaped the process, so its exit code is unknown.
  if (found !== pid) return { success: false, code: 255, signal: null };
  const word = status[0]!;
  const signal = word & 0x7f;
  const code = signal === 0 ? (word >> 8) & 0xff : 128 + signal;
  return { success: code === 0, code, signal: signal === 0 ? null : signal };
}
