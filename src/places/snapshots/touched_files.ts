/**
 * Room `places`: files whose content is as the index has it, but whose entry is not: written anew, moved back, or given
 * other permissions. Git does not list them as changed. Their permissions have to be read again, since `undo` brings
 * them back; and their entries are refreshed, or the next snapshot would read their content once more.
 *
 * @module
 */
import { join } from "node:path";
import type { IndexRun } from "./add_files.ts";
import { isYoung } from "./file_modes.ts";
import { lookAt, RealParents } from "./real_parents.ts";
import type { SnapshotStore } from "./snapshot_store.ts";
import type { Sorted } from "./work_files.ts";

/** Paths whose entries do not match what is on disk, for whatever reason. */
export async function touchedPaths(store: SnapshotStore, run: IndexRun): Promise<string[]> {
  // Without this option git would look into the repositories of submodules, with their configuration.
  const args = ["diff-files", "-z", "--name-only", "--ignore-submodules=all"];
  const { text } = await store.run(args, run);
  return text.split("\0").filter((path) => path !== "");
}

/**
 * Adds to `sorted` the permissions of touched and of young files, as far as they are not in it already, and has the
 * entries of the touched ones refreshed. Their bytes are not counted: nothing is copied.
 */
export async function sortTouched(
  root: string,
  { touched, young, sorted }: { touched: readonly string[]; young: readonly string[]; sorted: Sorted },
): Promise<void> {
  const parents = new RealParents(root);
  const isTouched = new Set(touched);
  for (const path of new Set([...touched, ...young])) {
    if (sorted.bits.has(path) || !path.isWellFormed() || !await parents.has(path)) continue;
    const info = await lookAt(join(root, path));
    if (typeof info === "string" || !info.isFile || info.mode === null) continue;
    sorted.bits.set(path, info.mode & 0o777);
    if (isYoung(info)) sorted.young.add(path);
    if (isTouched.has(path)) sorted.add.push(path);
  }
}
