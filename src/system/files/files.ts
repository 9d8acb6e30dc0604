/**
 * Room `system`: files that only this user may read. "Ours" in a name means a file that an agent, running as the same
 * user, could have removed, replaced or made unreadable.
 *
 * @module
 */
import { nameOf, parentOf, pathIn } from "./paths.ts";
import { renameOver } from "./rename_over.ts";

export const PRIVATE_FILE_MODE = 0o600;
export const PRIVATE_DIRECTORY_MODE = 0o700;

/**
 * Replaces the file at `path` whole, mode 0600, by way of a temporary file beside it. A reader sees the old content or
 * the new, and a full disk leaves the old. Not synced: a power loss may undo it.
 *
 * @throws the file system's error; the temporary file is removed then
 */
export function writeAtomically(path: string, data: string | Uint8Array): void {
  const temporary = pathIn(parentOf(path), `.${nameOf(path)}.${crypto.randomUUID()}.tmp`);
  try {
    writeNew(temporary, data);
    renameOver(temporary, path);
  } catch (error) {
    removeIfExists(temporary);
    throw error;
  }
}

/**
 * Creates a file, mode 0600. A crash or a full disk may leave it incomplete.
 *
 * @throws Deno.errors.AlreadyExists when there is one; other errors of the file system
 */
export function writeNew(path: string, data: string | Uint8Array): void {
  using file = Deno.openSync(path, { write: true, createNew: true, mode: PRIVATE_FILE_MODE });
  writeAll(file, typeof data === "string" ? new TextEncoder().encode(data) : data);
}

/**
 * As {@link writeNew}, and throws as that does; the promise resolves when the data is on the disk and survives a power
 * loss. The event loop is not blocked meanwhile, and concurrent calls share one flush of the disk.
 */
export function writeDurably(path: string, data: Uint8Array): Promise<void> {
  const file = Deno.openSync(path, { write: true, createNew: true, mode: PRIVATE_FILE_MODE });
  try {
    writeAll(file, data);
    return file.syncData().finally(() => file.close());
  } catch (error) {
    file.close();
    throw error;
  }
}

/**
 * Makes a rename or a new file in the directory survive a power loss. Does nothing on Windows, where a directory cannot
 * be opened and NTFS journals such changes itself.
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

/**
 * The text of a file. `null` when there is none, or something other than a regular file: reading a FIFO without a
 * writer would block for ever.
 */
export function readTextIfExists(path: string): string | null {
  return ifExists(() => Deno.statSync(path).isFile ? Deno.readTextFileSync(path) : null);
}

/** Removes a file. @returns whether there was one */
export function removeIfExists(path: string): boolean {
  return ifExists(() => {
    Deno.removeSync(path);
    return true;
  }) ?? false;
}

/** Size in bytes; `null` when there is no such file. */
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

/** The number of bytes at the start that belong to a UTF-8 character cut off before them: at most three. */
function partialCharacter(bytes: Uint8Array): number {
  let count = 0;
  while (count < 3 && ((bytes[count] ?? 0) & 0xc0) === 0x80) count++;
  return count;
}

/**
 * Creates a directory, and those above it, with mode 0700. Takes the access of other users away from an existing one.
 *
 * @throws Error when it is a symbolic link, is not a directory, or belongs to another user, who could then read or
 * replace what is in it
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
  // Windows has no modes: there the user's profile directory keeps others out.
  if (Deno.build.os === "windows" || info.mode === null) return;
  if ((info.mode & 0o777) !== PRIVATE_DIRECTORY_MODE) {
    Deno.chmodSync(path, PRIVATE_DIRECTORY_MODE);
  }
}

/**
 * Creates a private directory again that somebody has removed, but not the directories above it. Never throws: the next
 * use of the directory fails and reports it.
 */
export function remakeDirectory(path: string): void {
  try {
    Deno.mkdirSync(path, { mode: PRIVATE_DIRECTORY_MODE });
  } catch {
    // The directory exists, or its parent is gone too.
  }
}

/**
 * Restores this user's access to a directory, which an agent running as the same user can take away. Never throws: a
 * directory of another user stays as it is.
 */
export function reopenDirectory(path: string): void {
  allow(path, PRIVATE_DIRECTORY_MODE);
}

/** As {@link reopenDirectory}, and also restores access to the files in it, but not to directories in it. */
export function reopenFiles(directory: string): void {
  reopenDirectory(directory);
  for (const { name, isDirectory } of ifOurs(() => [...Deno.readDirSync(directory)]) ?? []) {
    if (!isDirectory) allow(pathIn(directory, name), PRIVATE_FILE_MODE);
  }
}

function allow(path: string, mode: number): void {
  try {
    const info = Deno.lstatSync(path);
    if (!info.isSymlink && info.mode !== null && (info.mode & mode) !== mode) Deno.chmodSync(path, mode);
  } catch {
    // The file is gone or belongs to another user. Its next use fails and reports that.
  }
}

/**
 * Whether an error means that somebody has removed, replaced or closed a file, or a directory above it. A full disk is
 * not such an error.
 */
export function isTakenAway(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.IsADirectory || error instanceof Deno.errors.FilesystemLoop ||
    error instanceof Deno.errors.PermissionDenied;
}

/** Whether the error is ENOSPC, or EDQUOT of Linux or macOS. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && /\(os error (?:28|122|69)\)/.test(error.message);
}

/**
 * Opens a file for reading. `null` when there is none, or something other than a regular file, which could block for
 * ever. The caller closes it.
 */
export function openIfOurs(path: string): Deno.FsFile | null {
  return ifOurs(() => Deno.statSync(path).isFile ? Deno.openSync(path) : null);
}

/** As {@link ifExists}, and `null` too when an agent has replaced the file or made it unreadable. */
export function ifOurs<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    if (isTakenAway(error)) return null;
    throw error;
  }
}

/** The result of `read`, or `null` when it throws NotFound. */
export function ifExists<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** Size of a file in bytes; 0 when it is missing or cannot be reached. */
export function sizeIfOurs(path: string): number {
  return ifOurs(() => Deno.statSync(path).size) ?? 0;
}

/** Truncates a file to at most `bytes` bytes. A missing file is no error. */
export function cutIfOurs(path: string, bytes: number): void {
  if (sizeIfOurs(path) > bytes) ifOurs(() => Deno.truncateSync(path, bytes));
}
