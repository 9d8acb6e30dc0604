/**
 * Room `system`: files that only this user may read. A file is replaced whole or not at all.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";

export const PRIVATE_FILE_MODE = 0o600;
export const PRIVATE_DIRECTORY_MODE = 0o700;

/**
 * Writes `data` under a temporary name beside `path` and renames it, mode 0600: a reader sees the old file or the
 * new one, and a full disk leaves the old one.
 *
 * @throws what the file system says; the temporary file is gone then.
 */
export function writeAtomically(path: string, data: string | Uint8Array): void {
  const temporary = join(dirname(path), `.${basename(path)}.${crypto.randomUUID()}.tmp`);
  try {
    writeNew(temporary, data);
    Deno.renameSync(temporary, path);
  } catch (error) {
    removeIfExists(temporary);
    throw error;
  }
}

/**
 * Writes a file that is not there yet, mode 0600. A crash or a full disk leaves a part of it.
 *
 * @throws Deno.errors.AlreadyExists, and what else the file system says
 */
export function writeNew(path: string, data: string | Uint8Array): void {
  using file = Deno.openSync(path, { write: true, createNew: true, mode: PRIVATE_FILE_MODE });
  writeAll(file, typeof data === "string" ? new TextEncoder().encode(data) : data);
}

/**
 * As {@link writeNew}, and resolves when the disk has it, which covers a loss of power. Nobody else waits for the disk, and
 * several that do at once share its flush.
 */
export async function writeDurably(path: string, data: Uint8Array): Promise<void> {
  using file = Deno.openSync(path, { write: true, createNew: true, mode: PRIVATE_FILE_MODE });
  writeAll(file, data);
  await file.syncData();
}

/**
 * Makes a rename or a new file in the directory last beyond a loss of power. On Windows nothing can be done: a
 * directory cannot be opened there, and NTFS keeps a journal of such changes.
 */
export function syncDirectory(path: string): void {
  if (Deno.build.os === "windows") return;
  using directory = Deno.openSync(path);
  directory.syncSync();
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.length) written += file.writeSync(bytes.subarray(written));
}

/** `null` also for what is no file: to open a FIFO that nobody writes would never return. */
export function readTextIfExists(path: string): string | null {
  return ifExists(() => Deno.statSync(path).isFile ? Deno.readTextFileSync(path) : null);
}

/** As {@link readTextIfExists}, for files that an agent could have replaced or closed to us. */
export function readTextIfOurs(path: string): string | null {
  return ifOurs(() => readTextIfExists(path));
}

/** Whether it was there. */
export function removeIfExists(path: string): boolean {
  return ifExists(() => {
    Deno.removeSync(path);
    return true;
  }) ?? false;
}

/** Size in bytes, or `null` when there is no such file. */
export function sizeIfExists(path: string): number | null {
  return ifExists(() => Deno.statSync(path).size);
}

/** The last `maxBytes` bytes as text, from the first whole character on; "" when there is no such file. */
export function readTail(path: string, maxBytes: number): string {
  return ifOurs(() => {
    if (!Deno.statSync(path).isFile) return "";
    using file = Deno.openSync(path);
    const { size } = file.statSync();
    const start = Math.max(0, size - maxBytes);
    file.seekSync(start, Deno.SeekMode.Start);
    const bytes = new Uint8Array(size - start);
    let length = 0;
    while (length < bytes.length) {
      const read = file.readSync(bytes.subarray(length));
      if (read === null) break;
      length += read;
    }
    const skipped = start === 0 ? 0 : partialCharacter(bytes);
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(skipped, length));
  }) ?? "";
}

/** How many bytes at the start continue a character that began before them (UTF-8: at most three). */
function partialCharacter(bytes: Uint8Array): number {
  let count = 0;
  while (count < 3 && ((bytes[count] ?? 0) & 0xc0) === 0x80) count++;
  return count;
}

/**
 * Creates the directory (and those above it) with mode 0700, or takes the access of others away.
 *
 * @throws Error when it is a symbolic link, no directory, or belongs to somebody else: others could then read or
 * replace what is in it.
 */
export function ensurePrivateDirectory(path: string): void {
  Deno.mkdirSync(path, { recursive: true, mode: PRIVATE_DIRECTORY_MODE });
  const info = Deno.lstatSync(path);
  if (info.isSymlink) throw new Error(`Cannot use ${path}: it is a symbolic link`);
  if (!info.isDirectory) throw new Error(`Cannot use ${path}: it is not a directory`);
  const uid = Deno.uid();
  if (uid !== null && info.uid !== null && info.uid !== uid) {
    throw new Error(`Cannot use ${path}: it belongs to the user with id ${info.uid}, not to ${uid}`);
  }
  // On Windows modes say nothing: a user's profile is what others cannot read.
  if (Deno.build.os === "windows" || info.mode === null) return;
  if ((info.mode & 0o777) !== PRIVATE_DIRECTORY_MODE) {
    Deno.chmodSync(path, PRIVATE_DIRECTORY_MODE);
  }
}

/**
 * Makes a private directory again that somebody has removed, but nothing above it. Does not throw: whoever uses it next
 * is told.
 */
export function remakeDirectory(path: string): void {
  try {
    Deno.mkdirSync(path, { mode: PRIVATE_DIRECTORY_MODE });
  } catch {
    // It is there, or what it was in is gone as well.
  }
}

/**
 * Opens a directory of this user to us again: whoever runs as the same user, as an agent does, can close it. Does not
 * throw: what belongs to somebody else stays as it is.
 */
export function reopenDirectory(path: string): void {
  allow(path, PRIVATE_DIRECTORY_MODE);
}

/** As {@link reopenDirectory}, with the files in it; directories in it stay as they are. */
export function reopenFiles(directory: string): void {
  reopenDirectory(directory);
  for (const { name, isDirectory } of ifOurs(() => [...Deno.readDirSync(directory)]) ?? []) {
    if (!isDirectory) allow(join(directory, name), PRIVATE_FILE_MODE);
  }
}

function allow(path: string, mode: number): void {
  try {
    const info = Deno.lstatSync(path);
    if (!info.isSymlink && info.mode !== null && (info.mode & mode) !== mode) Deno.chmodSync(path, mode);
  } catch {
    // Gone, or not ours: whoever uses it next is told.
  }
}

/** Removes a directory with all that is in it, closed directories too; nothing happens when it is gone already. */
export async function removeTree(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    await reopenTree(path);
    await Deno.remove(path, { recursive: true });
  }
}

async function reopenTree(path: string): Promise<void> {
  reopenDirectory(path);
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    if (isDirectory) await reopenTree(join(path, name));
  }
}

/**
 * Whether a file cannot be used because somebody has removed it or put something else in its place, or in that of a
 * directory above it. A full disk is not that: it passes.
 */
export function isTakenAway(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.IsADirectory || error instanceof Deno.errors.FilesystemLoop ||
    error instanceof Deno.errors.PermissionDenied;
}

/** ENOSPC, and EDQUOT on Linux and macOS. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && /\(os error (?:28|122|69)\)/.test(error.message);
}

/** Opens a file to be read; `null` when there is none, or something else in its place (which could block for ever). */
export function openIfOurs(path: string): Deno.FsFile | null {
  return ifOurs(() => Deno.statSync(path).isFile ? Deno.openSync(path) : null);
}

/** As {@link ifExists}, for files that an agent could have replaced: what is in their place is no file of ours. */
export function ifOurs<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    if (isTakenAway(error)) return null;
    throw error;
  }
}

/** What `read` gives, or `null` when the file is not there. */
export function ifExists<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** Bytes of a file; 0 for what somebody has put in its place, or taken away. */
export function sizeIfOurs(path: string): number {
  return ifOurs(() => Deno.statSync(path).size) ?? 0;
}

/** Leaves a file its first `bytes` at most. */
export function cutIfOurs(path: string, bytes: number): void {
  if (sizeIfOurs(path) > bytes) ifOurs(() => Deno.truncateSync(path, bytes));
}
