/**
 * Room `places`: the files of a change with their lines added and removed.
 *
 * @module
 */
import type { PlacesHome } from "../places_home.ts";
import { readRawChanges } from "../snapshots/hold_objects.ts";
import { openStore } from "../snapshots/snapshot_store.ts";
import { type Change, type ChangeKind, type ChangePart, fromRoot } from "./change.ts";

export interface ChangedFile {
  /** From the root, with `/`. */
  readonly path: string;
  readonly kind: ChangeKind;
  /** Lines; `null` where there are none to count: a binary file, or one known by size and time alone. */
  readonly added: number | null;
  readonly removed: number | null;
  readonly binary?: true;
}

/** What becomes of lines: `diff-tree` compares two trees, and no setting of a repository's plays a part in it. */
export const DIFF = ["diff-tree", "-r", "--no-ext-diff", "--no-textconv", "--full-index"] as const;

/** All files of the change, sorted by path. @throws GitFailure */
export async function listChanges(
  home: PlacesHome,
  change: Change,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<ChangedFile[]> {
  const files: ChangedFile[] = change.noted.map(({ path, kind }) => ({
    path,
    kind,
    added: null,
    removed: null,
  }));
  for (const part of change.parts) files.push(...await filesOf(home, part, signal));
  return files.sort((one, other) => one.path < other.path ? -1 : 1);
}

async function filesOf(
  home: PlacesHome,
  { at, store, objects, before, after }: ChangePart,
  signal: AbortSignal | undefined,
): Promise<ChangedFile[]> {
  const args = [...DIFF, "-z", "--raw", "--numstat", "--no-renames", before, after];
  const { text } = await openStore(home, store).run(args, { alternates: objects, signal });
  const { changes, rest } = readRawChanges(text);
  const counts = new Map(
    rest.split("\0").filter((line) => line !== "").map((line) => {
      const [added = "", removed = "", ...path] = line.split("\t");
      return [path.join("\t"), { added, removed }];
    }),
  );
  return changes.map(({ path, before, after }) => {
    const kind = before === null ? "add" : after === null ? "delete" : "update";
    const { added = "-", removed = "-" } = counts.get(path) ?? {};
    return added === "-"
      ? { path: fromRoot(at, path), kind, added: null, removed: null, binary: true }
      : { path: fromRoot(at, path), kind, added: Number(added), removed: Number(removed) };
  });
}
