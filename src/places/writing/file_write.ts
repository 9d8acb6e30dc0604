/**
 * Room `places`: changes one file of the user's from one state to another. Rule of this file: the file is compared just
 * before, replaced whole, and no symbolic link is followed.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import * as z from "zod";
import { bytesOfText } from "../../system/processes/environment_bytes.ts";
import { isSame } from "../changes/small_tree.ts";
import type { TreeEntry } from "../snapshots/hold_objects.ts";
import { lookAt, RealParents } from "../snapshots/real_parents.ts";

const Side = z.object({ mode: z.string(), id: z.string() }).nullable();

/** One file to be changed; a side that is `null` has no such file. */
export const FileWrite = z.object({
  /** From the root, with `/`. */
  path: z.string(),
  from: Side,
  to: Side,
  /** Permissions of either side, where they are known. */
  from_bits: z.number().optional(),
  to_bits: z.number().optional(),
  /** Where the content of both sides is. */
  store: z.string(),
  objects: z.array(z.string()),
});
export type FileWrite = z.infer<typeof FileWrite>;

/** What there is at a path: an entry, nothing, or something that is no entry. */
export type FileState = TreeEntry | null | "other";

/** @param idLength that of the ids to compare with: it tells the hash */
export async function stateOf(
  root: string,
  path: string,
  { idLength }: { idLength: number },
): Promise<FileState> {
  if (!await new RealParents(root).has(path)) return null;
  const file = join(root, path);
  const info = await lookAt(file);
  if (info === "gone") return null;
  if (info === "unreadable") return "other";
  try {
    if (info.isSymlink) {
      return { mode: "120000", id: blobId(bytesOfText(await Deno.readLink(file)), idLength) };
    }
    if (!info.isFile) return info.isDirectory ? null : "other";
    const mode = ((info.mode ?? 0) & 0o100) === 0 ? "100644" : "100755";
    return { mode, id: blobId(await Deno.readFile(file), idLength) };
  } catch {
    return "other";
  }
}

export function isState(state: FileState, entry: TreeEntry | null): boolean {
  return state !== "other" && isSame(state, entry);
}

/** The id that git gives to a file's content. */
function blobId(bytes: Uint8Array, idLength: number): string {
  const hash = createHash(idLength === 64 ? "sha256" : "sha1");
  return hash.update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

/** A file's path cannot be written now, though nothing of it was written. */
export class InTheWay extends Error {
  constructor(readonly path: string, readonly why: string) {
    super(`${path} ${why}`);
  }
}

/**
 * Puts `to` where `from` is.
 *
 * @param options.bytes the content of `to`
 * @param options.temporary name of a file beside it, which is written first
 * @throws InTheWay when the file is not as `from`, or its directory is not one; errors of the file system
 */
export async function writeFile(
  root: string,
  { path, from, to, to_bits }: Pick<FileWrite, "path" | "from" | "to" | "to_bits">,
  { bytes, temporary }: { bytes: Uint8Array; temporary: string },
): Promise<void> {
  const file = join(root, path);
  const idLength = (from ?? to)?.id.length ?? 40;
  if (!isState(await stateOf(root, path, { idLength }), from)) {
    throw new InTheWay(path, "has just been changed");
  }
  if (to === null) {
    await Deno.remove(file);
    await removeEmptyParents(root, path);
    return;
  }
  const directory = dirname(file);
  await Deno.mkdir(directory, { recursive: true });
  if (!await new RealParents(root).has(path)) throw new InTheWay(path, "is below a file or a symbolic link");
  const made = join(directory, temporary);
  await removeFile(made);
  if (to.mode === "120000") await Deno.symlink(new TextDecoder().decode(bytes), made);
  else {await writeContent(made, bytes, {
      mode: to.mode,
      bits: to_bits,
      like: from?.mode === "120000" ? null : await lookAt(file),
    });}
  try {
    const existing = await lookAt(file);
    if (typeof existing !== "string" && existing.isDirectory) await removeEmptyDirectory(file);
    await Deno.rename(made, file);
  } catch (error) {
    await removeFile(made);
    throw error;
  }
}

async function writeContent(
  path: string,
  bytes: Uint8Array,
  { mode, bits, like }: { mode: string; bits: number | undefined; like: Deno.FileInfo | string | null },
): Promise<void> {
  const isExecutable = mode === "100755";
  // The system's umask takes from it what it takes from any new file.
  using file = await Deno.open(path, { write: true, createNew: true, mode: isExecutable ? 0o777 : 0o666 });
  for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
  const isMeant = bits !== undefined && ((bits & 0o100) !== 0) === isExecutable;
  if (isMeant) await Deno.chmod(path, bits);
  else if (like !== null && typeof like !== "string" && like.isFile && like.mode !== null) {
    const present = like.mode & 0o7777;
    // As git does it: who may read may execute.
    await Deno.chmod(path, isExecutable ? present | ((present & 0o444) >> 2) : present & ~0o111);
  }
  await file.syncData();
}

/** Directories that a removed file leaves empty go too, as with git, which does not know empty ones. */
async function removeEmptyParents(root: string, path: string): Promise<void> {
  for (let parent = path; parent.includes("/");) {
    parent = parent.slice(0, parent.lastIndexOf("/"));
    try {
      await Deno.remove(join(root, parent));
    } catch {
      return;
    }
  }
}

/** Of a directory whose files were removed before, others without files may be left. */
async function removeEmptyDirectory(path: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    if (isDirectory) await removeEmptyDirectory(join(path, name));
  }
  await Deno.remove(path);
}

export async function removeFile(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
