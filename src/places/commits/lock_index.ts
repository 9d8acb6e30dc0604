/**
 * Room `places`: prepares the user's next index under its lock, as git does it: whoever else wants to write it waits or
 * gives up.
 *
 * @module
 */
import { join } from "node:path";
import { ifOurs, removeIfExists } from "../../system/files/files.ts";
import { type RawChange, readRawChanges } from "../snapshots/hold_objects.ts";
import type { Repository } from "../snapshots/repository.ts";
import { copySharedIndexes } from "../snapshots/start_index.ts";
import { sha256 } from "../writing/head_move.ts";
import type { Conflict } from "../writing/merge_trees.ts";
import type { CleanGit } from "./clean_git.ts";

export type LockedIndex =
  | {
    readonly kind: "locked";
    /** The user's index; its lock beside it holds what it is to become. */
    readonly index: string;
    readonly sha256: string;
    isOurs(): boolean;
  }
  | { readonly kind: "conflicts"; readonly conflicts: readonly Conflict[] };

/** Staged changes of other files stay staged. */
export async function lockIndex(
  { git, objects: own }: CleanGit,
  { origin, changes, head, objects, signal }: {
    origin: Repository;
    changes: readonly RawChange[];
    head: string;
    objects: readonly string[];
    signal: AbortSignal | undefined;
  },
): Promise<LockedIndex> {
  const index = join(origin.gitDir, "index");
  const lock = `${index}.lock`;
  try {
    Deno.writeTextFileSync(lock, "", { createNew: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    return {
      kind: "conflicts",
      conflicts: [{ path: ".git/index.lock", lines: null, why: "is held by another git" }],
    };
  }
  const temporary = git.temporary();
  const run = { index: temporary, alternates: objects, objects: own, signal };
  let isKept = false;
  try {
    await copySharedIndexes(git, origin);
    await Deno.copyFile(index, temporary);
    const staged = ["diff-index", "--cached", "-z", "--raw", "--no-renames", "--no-abbrev", head];
    const touched = new Set(changes.map(({ path }) => path));
    const overlapping = readRawChanges((await git.run(staged, run)).text).changes
      .filter(({ path }) => touched.has(path));
    if (overlapping.length > 0) {
      const conflicts = overlapping.map(({ path }) => ({ path, lines: null, why: "has staged changes" }));
      return { kind: "conflicts", conflicts };
    }
    const stdin = changes.map(({ path, before, after }) =>
      `${after?.mode ?? "0"} ${after?.id ?? before?.id.replace(/./g, "0")}\t${path}\0`
    ).join("");
    await git.run(["update-index", "-z", "--replace", "--index-info"], { ...run, stdin });
    const bytes = await Deno.readFile(temporary);
    await Deno.writeFile(lock, bytes);
    isKept = true;
    const hash = sha256(bytes);
    const isOurs = () => {
      const present = ifOurs(() => Deno.readFileSync(lock));
      return present !== null && sha256(present) === hash;
    };
    return { kind: "locked", index, sha256: hash, isOurs };
  } finally {
    if (!isKept) removeIfExists(lock);
    for (const path of [temporary, `${temporary}.lock`]) removeIfExists(path);
  }
}
