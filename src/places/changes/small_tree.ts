/**
 * Room `places`: trees that hold a few files only, written and read as maps from path to entry.
 *
 * @module
 */
import { removeIfExists } from "../../system/files/files.ts";
import type { TreeEntry } from "../snapshots/hold_objects.ts";
import type { SnapshotStore } from "../snapshots/snapshot_store.ts";

export type Entries = ReadonlyMap<string, TreeEntry>;

interface TreeRun {
  readonly alternates?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** Writes a tree. The objects need not be there. @returns its id */
export async function writeSmallTree(
  store: SnapshotStore,
  entries: Iterable<readonly [string, TreeEntry]>,
  run: TreeRun = {},
): Promise<string> {
  const index = store.temporary();
  const stdin = [...entries].map(([path, { mode, id }]) => `${mode} ${id}\t${path}\0`).join("");
  try {
    // A path that is a file in one entry and a directory in another goes to the later one.
    await store.run(["update-index", "-z", "--replace", "--index-info"], { ...run, index, stdin });
    return await store.line(["write-tree", "--missing-ok"], { ...run, index });
  } finally {
    for (const path of [index, `${index}.lock`]) removeIfExists(path);
  }
}

/** The files of a tree by path. @throws GitFailure when a tree is missing */
export async function readSmallTree(store: SnapshotStore, tree: string, run: TreeRun = {}): Promise<Entries> {
  const { text } = await store.run(["ls-tree", "-r", "-z", "--full-tree", tree], run);
  return new Map(
    text.split("\0").filter((line) => line !== "").map((line) => {
      const tab = line.indexOf("\t");
      const [mode = "", , id = ""] = line.slice(0, tab).split(" ");
      return [line.slice(tab + 1), { mode, id }];
    }),
  );
}

/** Ids of everything in a tree, itself and the trees in it included. */
export async function objectsOf(store: SnapshotStore, tree: string, run: TreeRun = {}): Promise<string[]> {
  const { text } = await store.run(["ls-tree", "-r", "-t", "-z", "--full-tree", tree], run);
  return [tree, ...[...text.matchAll(/(?:^|\0)\d+ \w+ ([0-9a-f]+)\t/g)].map(([, id = ""]) => id)];
}

export function isSame(one: TreeEntry | null | undefined, other: TreeEntry | null | undefined): boolean {
  return (one ?? null) === null || (other ?? null) === null
    ? (one ?? null) === (other ?? null)
    : one?.id === other?.id && one?.mode === other?.mode;
}
