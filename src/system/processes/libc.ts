/**
 * Room `system`: functions of the C library for what Deno does not offer: starting a process without forking this one,
 * making a FIFO without a helper process, executing another program in place of this one. The library is opened at its
 * first use. Where it cannot be opened, callers fall back to a slower way.
 *
 * @module
 */

/**
 * The C library by system. Other libraries, such as musl, have other constants and structures, and are untested.
 */
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

/** Available in glibc 2.34 and later. */
const CLOSE_FROM_SYMBOLS = {
  posix_spawn_file_actions_addclosefrom_np: { parameters: ["buffer", "i32"], result: "i32" },
} as const;

/** Available in glibc 2.28 and later. */
const EXCHANGE_PARAMETERS = ["i32", "buffer", "i32", "buffer", "u32"] as const;
const EXCHANGE_SYMBOLS = {
  linux: { exchange: { parameters: EXCHANGE_PARAMETERS, result: "i32", name: "renameat2" } },
  darwin: { exchange: { parameters: EXCHANGE_PARAMETERS, result: "i32", name: "renameatx_np" } },
} as const;

/** `RENAME_EXCHANGE` on Linux, `RENAME_SWAP` on macOS. */
const EXCHANGE = 2;

const SOCKET_SYMBOLS = {
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
} as const;

type Symbols<Interface extends Deno.ForeignLibraryInterface> = Deno.DynamicLibrary<Interface>["symbols"];

export type ProgramLibrary = Symbols<typeof PROGRAM_SYMBOLS> & {
  /** `errno` of the call just before. */
  readonly lastError: () => number;
};
export type SpawnLibrary = Symbols<typeof SPAWN_SYMBOLS> & {
  /** `null` before glibc 2.34. */
  readonly closeFrom: Symbols<typeof CLOSE_FROM_SYMBOLS>["posix_spawn_file_actions_addclosefrom_np"] | null;
};

export type SocketLibrary = Symbols<typeof SOCKET_SYMBOLS>;

let exchange: Symbols<typeof EXCHANGE_SYMBOLS.linux> | null | undefined;
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

/**
 * `null` outside Linux, where the flags of `posix_spawn` and the signal sets have another layout, and where there is no
 * such library.
 */
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

/** A C string: the bytes followed by a NUL. */
export function cString(text: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const ended = new Uint8Array(bytes.length + 1);
  ended.set(bytes);
  return ended;
}

/**
 * A C array of strings: pointers followed by a null pointer. The pointers point into `bytes`, which the caller must
 * keep alive as long as `pointers` is in use.
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
 * Makes a FIFO that only this user may open. A file of that name that exists already counts as made.
 *
 * @returns whether there is a file of that name now; `false` where the FIFO must be made in another way
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

/**
 * Exchanges two files or symbolic links, so that there is no moment in which either name is free, and nothing that
 * somebody has put under one of them meanwhile is overwritten.
 *
 * @param paths absolute
 * @returns whether it was done: not where the system or the file system cannot, or one of them is gone
 */
export function exchangeFiles(...[one, other]: [string, string]): boolean {
  exchange ??= openLibrary(Deno.build.os === "darwin" ? EXCHANGE_SYMBOLS.darwin : EXCHANGE_SYMBOLS.linux);
  // The descriptors count for relative paths alone.
  return exchange?.exchange(-1, cString(one), -1, cString(other), EXCHANGE) === 0;
}
