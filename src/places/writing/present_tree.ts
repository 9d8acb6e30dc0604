/**
 * Room `places`: what is on disk now at given paths, as a small tree of ours.
 *
 * @module
 */
import { removeIfExists } from "../../system/files/files.ts";
import { type Entries, readSmallTree } from "../changes/small_tree.ts";
import { addFiles } from "../snapshots/add_files.ts";
import type { SnapshotStore } from "../snapshots/snapshot_store.ts";
import type { Uncovered } from "../snapshots/snapshot.ts";
import { sortFiles } from "../snapshots/work_files.ts";

export interface PresentTree {
  readonly tree: string;
  readonly entries: Entries;
  /** Paths whose content cannot be had, which is in the way of changing them. */
  readonly problems: readonly Uncovered[];
}

/** @param root of the repository; paths are relative to it @throws GitFailure */
export async function presentTree(
  store: SnapshotStore,
  { root, paths, objects, signal }: {
    root: string;
    paths: readonly string[];
    objects: readonly string[];
    signal?: AbortSignal | undefined;
  },
): Promise<PresentTree> {
  const sorted = await sortFiles(root, { paths, others: new Set(), nested: [], uncovered: [] });
  const index = store.temporary();
  const run = { index, workTree: root, alternates: objects, signal };
  try {
    const failed = await addFiles(store, sorted.add, run);
    const tree = await store.line(["write-tree", "--missing-ok"], run);
    const noted = sorted.noted.map(({ path }) => ({ path, why: "is known by size and time alone" }));
    return {
      tree,
      entries: await readSmallTree(store, tree, run),
      problems: [...sorted.uncovered, ...failed, ...noted],
    };
  } finally {
    for (const path of [index, `${index}.lock`]) removeIfExists(path);
  }
}
