/**
 * Room `places`: a change as a file that `git apply` takes, binary files and all.
 *
 * @module
 */
import { dirname, join } from "node:path";
import {
  ensurePrivateDirectory,
  PRIVATE_FILE_MODE,
  removeIfExists,
  syncDirectory,
} from "../../system/files/files.ts";
import { DEFAULT_BYTES } from "../git/git.ts";
import type { PlacesHome } from "../places_home.ts";
import { openStore } from "../snapshots/snapshot_store.ts";
import type { Change, ChangePart } from "./change.ts";
import { DIFF, listChanges } from "./list_changes.ts";

/** Larger than the patch of any one file that snapshots hold (32 MB before and after, in base 85). */
const MAX_FILE_BYTES = 4 * DEFAULT_BYTES;

/**
 * Writes the whole patch to `path`, mode 0600, in a directory of mode 0700. What was there is replaced when the new file
 * is whole and on the disk. Files that the snapshots know by size and time alone are named at its top, where git ignores
 * them.
 *
 * @throws GitFailure; errors of the file system
 */
export async function writePatch(home: PlacesHome, change: Change, path: string): Promise<void> {
  ensurePrivateDirectory(dirname(path));
  const draft = join(dirname(path), `.${crypto.randomUUID()}.tmp`);
  try {
    {
      using file = Deno.openSync(draft, { write: true, createNew: true, mode: PRIVATE_FILE_MODE });
      for await (const bytes of patchBytes(home, change)) {
        let written = 0;
        while (written < bytes.length) written += await file.write(bytes.subarray(written));
      }
      await file.syncData();
    }
    Deno.renameSync(draft, path);
    syncDirectory(dirname(path));
  } catch (error) {
    removeIfExists(draft);
    throw error;
  }
}

async function* patchBytes(home: PlacesHome, change: Change): AsyncGenerator<Uint8Array> {
  const text = new TextEncoder();
  for (const { path, kind } of change.noted) {
    yield text.encode(
      `Not in this patch, since its content was not held: ${JSON.stringify(path)} (${kind})\n`,
    );
  }
  for (const { path, permissions } of await listChanges(home, change)) {
    if (permissions === undefined) continue;
    const { before, after } = permissions;
    yield text.encode(`Permissions of ${JSON.stringify(path)} changed from ${before} to ${after}\n`);
  }
  for (const part of change.parts) {
    const { bytes, isCut } = await patchOf(home, part, { mayCut: true });
    if (!isCut) {
      yield bytes;
      continue;
    }
    // Too much for the memory at once: file by file.
    for (const { path } of await listChanges(home, { ...change, noted: [], parts: [{ ...part, at: "" }] })) {
      yield (await patchOf(home, part, { path, maxBytes: MAX_FILE_BYTES })).bytes;
    }
  }
}

async function patchOf(
  home: PlacesHome,
  { at, store, objects, before, after }: ChangePart,
  { path, ...limits }: { path?: string; maxBytes?: number; mayCut?: boolean },
) {
  const prefix = at === "" ? "" : `${at}/`;
  return await openStore(home, store).run([
    ...DIFF,
    "-p",
    "--binary",
    `--src-prefix=a/${prefix}`,
    `--dst-prefix=b/${prefix}`,
    before,
    after,
    ...(path === undefined ? [] : ["--", path]),
  ], { alternates: objects, ...limits });
}
