/**
 * Room `system`: what Deno has no word for, asked of the C library itself: starting a process without a copy of this
 * one, making a FIFO without a process, becoming another program. Opened once, at the first use; where it cannot be
 * opened, callers take a slower way for as long as the process lives.
 *
 * @module
 */

/** Which library it is; others (musl's, say) have other constants and structures, which nobody has tried. */
const LIBRARIES: Partial<Record<typeof Deno.build.os, string>> = {
  linux: "libc.so.6",
  darwin: "/usr/lib/libSystem.B.dylib",
};

const PROGRAM_SYMBOLS = {
  execve: { parameters: ["buffer", "buffer", "buffer"], result: "i32" },
  mkfifo: { parameters: ["buffer", "u32"], result: "i32" },
  signal: { parameters: ["i32", "pointer"], result: "pointer" },
  sigprocmask: { parameters: ["i32", "buffer", "pointer"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
} as const;

const SPAWN_SYMBOLS = {
  posix_spawn: { parameters: ["buffer", "buffer", "buffer", "buffer", "buffer", "buffer"], result: "i32" },
  posix_spawnattr_init: { parameters: ["buffer"], result: "i32" },
  posix_spawnattr_setflags: { parameters: ["buffer", "i16"], result: "i32" },
  posix_spawnattr_setsigdefault: { parameters: ["buffer", "buffer"], result: "i32" },
  posix_spawnattr_setsigmask: { parameters: ["buffer", "buffer"], result: "i32" },
  posix_spawnattr_destroy: { parameters: ["buffer"], result: "i32" },
  posix_spawn_file_actions_init: { parameters: ["buffer"], result: "i32" },
  posix_spawn_file_actions_addopen: { parameters: ["buffer", "i32", "buffer", "i32", "u32"], result: "i32" },
  posix_spawn_file_actions_addchdir_np: { parameters: ["buffer", "buffer"], result: "i32" },
  posix_spawn_file_actions_destroy: { parameters: ["buffer"], result: "i32" },
  waitpid: { parameters: ["i32", "buffer", "i32"], result: "i32" },
} as const;

const ERROR_SYMBOLS = {
  linux: { location: { parameters: [], result: "pointer", name: "__errno_location" } },
  darwin: { location: { parameters: [], result: "pointer", name: "__error" } },
} as const;

/** glibc 2.34 and later. */
const CLOSE_FROM_SYMBOLS = {
  posix_spawn_file_actions_addclosefrom_np: { parameters: ["buffer", "i32"], result: "i32" },
} as const;

const SOCKET_SYMBOLS = {
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
} as const;

type Symbols<Interface extends Deno.ForeignLibraryInterface> = Deno.DynamicLibrary<Interface>["symbols"];

export type ProgramLibrary = Symbols<typeof PROGRAM_SYMBOLS> & {
  /** The system's number of why the call just before has failed. */
  readonly lastError: () => number;
};
export type SpawnLibrary = Symbols<typeof SPAWN_SYMBOLS> & {
  /** `null` where the library is older. */
  readonly closeFrom: Symbols<typeof CLOSE_FROM_SYMBOLS>["posix_spawn_file_actions_addclosefrom_np"] | null;
};

export type SocketLibrary = Symbols<typeof SOCKET_SYMBOLS>;

let socket: SocketLibrary | null | undefined;
let program: ProgramLibrary | null | undefined;
let spawn: SpawnLibrary | null | undefined;

/** `null` where there is no such library. */
export function programLibrary(): ProgramLibrary | null {
  if (program === undefined) {
    const symbols = openLibrary(PROGRAM_SYMBOLS);
    const errors = openLibrary(Deno.build.os === "darwin" ? ERROR_SYMBOLS.darwin : ERROR_SYMBOLS.linux);
    program = symbols === null || errors === null ? null : {
      ...symbols,
      lastError() {
        const pointer = errors.location();
        return pointer === null ? 0 : new Deno.UnsafePointerView(pointer).getInt32();
      },
    };
  }
  return program;
}

/** On Linux alone: the flags of `posix_spawn` and the sets of signals are laid out otherwise elsewhere. */
export function spawnLibrary(): SpawnLibrary | null {
  if (spawn === undefined) {
    const symbols = Deno.build.os === "linux" ? openLibrary(SPAWN_SYMBOLS) : null;
    const closeFrom = openLibrary(CLOSE_FROM_SYMBOLS)?.posix_spawn_file_actions_addclosefrom_np ?? null;
    spawn = symbols === null ? null : { ...symbols, closeFrom };
  }
  return spawn;
}

/** `null` where there is no such library. */
export function socketLibrary(): SocketLibrary | null {
  if (socket === undefined) socket = openLibrary(SOCKET_SYMBOLS);
  return socket;
}

function openLibrary<Interface extends Deno.ForeignLibraryInterface>(
  symbols: Interface,
): Symbols<Interface> | null {
  const library = LIBRARIES[Deno.build.os];
  if (library === undefined) return null;
  try {
    return Deno.dlopen(library, symbols).symbols;
  } catch {
    return null;
  }
}

/** Text, or bytes as they are, as C has it: with a NUL behind. */
export function cString(text: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const ended = new Uint8Array(bytes.length + 1);
  ended.set(bytes);
  return ended;
}

/**
 * An array of strings as C has it: pointers, with a null pointer behind. Whoever uses `pointers` must keep `bytes`
 * until then, which it points into.
 */
export function cStrings(
  texts: readonly (string | Uint8Array)[],
): { pointers: BigUint64Array<ArrayBuffer>; bytes: Uint8Array<ArrayBuffer> } {
  const ended = texts.map(cString);
  const bytes = new Uint8Array(ended.reduce((sum, text) => sum + text.length, 0) + 1);
  const start = BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes)));
  const pointers = new BigUint64Array(texts.length + 1);
  let offset = 0;
  for (const [index, text] of ended.entries()) {
    bytes.set(text, offset);
    pointers[index] = start + BigInt(offset);
    offset += text.length;
  }
  return { pointers, bytes };
}

/**
 * Makes a FIFO that only this user may open. One that is there already is as good.
 *
 * @returns whether something of that name is there now; false where it has to be made in another way
 */
export function makeFifo(path: string): boolean {
  const library = programLibrary();
  if (library === null) return false;
  library.mkfifo(cString(path), 0o600);
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
