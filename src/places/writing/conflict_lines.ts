/**
 * Room `places`: the lines at which two versions of a file meet.
 *
 * @module
 */
import { readSmallTree } from "../changes/small_tree.ts";
import type { SnapshotStore } from "../snapshots/snapshot_store.ts";

const OURS = /^<{7} /;
const MIDDLE = /^={7}\r?$/;
const THEIRS = /^>{7} /;

/**
 * Lines of our side, such as `3-7, 12`; `null` where the merged file has no marks.
 *
 * @param merged the tree that `merge-tree` wrote, and a path in it
 */
export async function conflictLines(
  store: SnapshotStore,
  { tree, path }: { tree: string; path: string },
  run: { alternates: readonly string[]; signal?: AbortSignal | undefined },
): Promise<string | null> {
  const entry = (await readSmallTree(store, tree, run)).get(path);
  if (entry === undefined || entry.mode === "120000") return null;
  const { text } = await store.run(["cat-file", "blob", entry.id], run);
  return markedLines(text);
}

/** @param text a file with conflict marks */
export function markedLines(text: string): string | null {
  const ranges: string[] = [];
  let line = 0;
  let begun: number | null = null;
  let isTheirs = false;
  for (const content of text.split("\n")) {
    if (begun === null && OURS.test(content)) begun = line + 1;
    else if (begun !== null && !isTheirs && MIDDLE.test(content)) isTheirs = true;
    else if (begun !== null && isTheirs && THEIRS.test(content)) {
      // An empty side lies between two lines: the one before it is named.
      const first = Math.min(begun, Math.max(line, 1));
      ranges.push(first === line || line < begun ? String(first) : `${first}-${line}`);
      begun = null;
      isTheirs = false;
    } else if (!isTheirs) line++;
  }
  return ranges.length === 0 ? null : ranges.join(", ");
}
