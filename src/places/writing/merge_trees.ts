/**
 * Room `places`: merges trees three ways, without a work tree and without any program of a repository's.
 *
 * @module
 */
import type { SnapshotStore } from "../snapshots/snapshot_store.ts";
import { conflictLines } from "./conflict_lines.ts";

/** Why a path cannot be written. */
export interface Conflict {
  readonly path: string;
  /** Lines of the file as it is now, such as `3-7, 12`; `null` where it is not about lines. */
  readonly lines: string | null;
  /** The rest of a sentence that begins with the path. */
  readonly why: string;
}

export interface MergeSides {
  readonly base: string;
  /** What is there. */
  readonly ours: string;
  /** What is wanted. */
  readonly theirs: string;
}

/**
 * A side that is as the base gives way to the other. `merge-tree` of git 2.38 takes commits only: they are ours, and
 * reachable from nowhere.
 *
 * @param options.renames whether a file that one side has renamed takes the other side's changes with it
 * @returns the merged tree; with conflicts it is of no use
 * @throws GitFailure
 */
export async function mergeTrees(
  store: SnapshotStore,
  { base, ours, theirs }: MergeSides,
  { objects, renames, signal }: {
    objects: readonly string[];
    renames: boolean;
    signal?: AbortSignal | undefined;
  },
): Promise<{ tree: string; conflicts: Conflict[] }> {
  if (ours === base) return { tree: theirs, conflicts: [] };
  if (ours === theirs || base === theirs) return { tree: ours, conflicts: [] };
  const run = { alternates: objects, signal };
  const commit = (tree: string, ...parents: string[]) =>
    store.line([
      "commit-tree",
      ...parents.flatMap((parent) => ["-p", parent]),
      "-m",
      "a side of a merge",
      tree,
    ], run);
  const first = await commit(base);
  const sides = [await commit(ours, first), await commit(theirs, first)];
  const args = ["-c", `merge.renames=${renames}`, "merge-tree", "--write-tree", "-z", "--no-messages"];
  const { text, code } = await store.run([...args, ...sides], { ...run, codes: [1] });
  const [tree = ""] = text.split("\0", 1);
  if (code === 0) return { tree, conflicts: [] };
  return { tree, conflicts: await conflictsOf(text, (path) => conflictLines(store, { tree, path }, run)) };
}

/**
 * What `merge-tree -z --no-messages` has printed: the tree, then a line for each side of each path in conflict.
 *
 * @param lines the lines of a path
 */
export async function conflictsOf(
  text: string,
  lines: (path: string) => Promise<string | null>,
): Promise<Conflict[]> {
  const [, ...stages] = text.split("\0").filter((line) => line !== "");
  const conflicts: Conflict[] = [];
  for (const [path, found] of Map.groupBy(stages.map(readStage), ({ path }) => path)) {
    const why = reasonOf(new Set(found.map(({ stage }) => stage)));
    conflicts.push({ path, lines: await lines(path), why });
  }
  return conflicts;
}

function readStage(line: string): { path: string; stage: string } {
  const tab = line.indexOf("\t");
  return { path: line.slice(tab + 1), stage: line.charAt(tab - 1) };
}

/** @param stages the sides that have the path: 1 the base, 2 what is there, 3 what is wanted */
function reasonOf(stages: ReadonlySet<string>): string {
  if (stages.has("2") && stages.has("3")) return "was changed here too";
  if (stages.has("2")) return stages.has("1") ? "was changed here, and would be deleted" : "is in the way";
  return stages.has("1") && stages.has("3") ? "was deleted here, and would be changed" : "has no place here";
}
