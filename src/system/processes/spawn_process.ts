/**
 * Room `system`: starts a process in a session of its own that has nothing of this one's: no terminal, no signal that is
 * ignored or blocked, no descriptor beside the three. `Deno.Command` with `detached` does that with a copy of this
 * process, which takes tens of milliseconds for one of 100 MB; `posix_spawn` takes half of one.
 *
 * Processes that are started here are unknown to Deno: they are reaped here too.
 *
 * @module
 */
import { cString, cStrings, type SpawnLibrary, spawnLibrary } from "./libc.ts";

export interface SpawnOptions {
  /** Absolute. */
  executable: string;
  /** Without the program's own name, which is the executable. */
  args: readonly string[];
  /** The whole environment, as `name=value`; text or bytes without a NUL. */
  env: readonly (string | Uint8Array)[];
  /** Absolute. */
  cwd: string;
  /** A file that is opened to be read; nothing unless given. */
  stdin?: string;
  /** A file that is appended to; nothing unless given. */
  stderr?: string;
}

/** As of `Deno.ChildProcess`. */
export interface SpawnedStatus {
  success: boolean;
  /** 128+n for signal n. */
  code: number;
  /** Its number. */
  signal: number | null;
}

export interface SpawnedProcess {
  readonly pid: number;
  /** Settles when the process ends while this one lives, which it does not keep alive. */
  readonly status: Promise<SpawnedStatus>;
}

/** Of glibc's `spawn.h`. */
const SETSIGDEF = 0x04;
const SETSIGMASK = 0x08;
const SETSID = 0x80;

/** Bytes that are room enough for its structures: `posix_spawnattr_t` has 336, the others less. */
const STRUCTURE_BYTES = 1_024;

/** Of `fcntl.h`; the same on all of Deno's platforms of Linux. */
const O_RDONLY = 0;
const O_WRONLY = 1;
const O_APPEND = 0o2000;

/** All signals but SIGKILL and SIGSTOP, which nobody can change: bit n-1 is signal n. */
const CHANGEABLE_SIGNALS = 0x7fffffff & ~(1 << (9 - 1)) & ~(1 << (19 - 1));

/** Whether {@link spawnProcess} works here. */
export function canSpawn(): boolean {
  return spawnLibrary() !== null;
}

/**
 * @throws Error that names the system's error as Deno's do (`os error 7`), and TypeError for a NUL in an argument or the
 * environment; nothing was started then
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
  // Before the process is there: its end can come in the same instant.
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
  if (code !== 0) {
    reaper.rest();
    throw new Error(`Cannot start ${executable} (os error ${code})`);
  }
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
  // Deno's own close themselves; whoever started this process may have left it others.
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

/** Do not wait. */
const WNOHANG = 1;

/** Ms between looks at processes that are to end: for a signal that was lost with others of its kind. */
const LOOK_MS = 5_000;

/** Takes note of the ends of processes, so that none stays as a zombie. Costs nothing while there are none. */
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
    this.rest();
  };

  listen(): void {
    if (this.#timer !== null) return;
    Deno.addSignalListener("SIGCHLD", this.#look);
    this.#timer = setInterval(this.#look, LOOK_MS);
    Deno.unrefTimer(this.#timer);
  }

  /** Nothing is listened to when nothing is expected. */
  rest(): void {
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

/** `null` as long as the process runs. */
function endOf(pid: number): SpawnedStatus | null {
  const status = new Int32Array(1);
  const found = spawnLibrary()?.waitpid(pid, bytesOf(status), WNOHANG) ?? -1;
  if (found === 0) return null;
  // Somebody else has reaped it, so that how it ended is not known.
  if (found !== pid) return { success: false, code: 255, signal: null };
  const word = status[0]!;
  const signal = word & 0x7f;
  const code = signal === 0 ? (word >> 8) & 0xff : 128 + signal;
  return { success: code === 0, code, signal: signal === 0 ? null : signal };
}
