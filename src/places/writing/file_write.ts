/**
 * Room `places`: one file of the user's that is to be changed from one state to another, and what its state is now.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
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
  /** Permissions that the file is to have; by default those that it has, or of a new file. */
  bits: z.number().optional(),
  /** Where the content of both sides is. */
  store: z.string(),
  objects: z.array(z.string()),
});
export type FileWrite = z.infer<typeof FileWrite>;

/** What there is at a path: an entry, nothing, or something that is no entry. */
export type FileState = TreeEntry | null | "other";

/** What there is, so that it can be compared with either side. */
export async function stateOf(root: string, { path, from, to }: FileWrite): Promise<FileState> {
  if (!await new RealParents(root).has(path)) return null;
  return await stateAt(join(root, path), { idLength: (from ?? to)?.id.length ?? 40 });
}

/** @param options.idLength that of the ids to compare with: it tells the hash */
export async function stateAt(file: string, { idLength }: { idLength: number }): Promise<FileState> {
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

/** A file cannot be changed now, and nothing of it was. */
export class InTheWay extends Error {
  constructor(readonly path: string, readonly why: string) {
    super(`${path} ${why}`);
  }
}
