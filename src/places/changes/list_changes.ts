/**
 * Room `places`: the files of a change with their lines added and removed.
 *
 * @module
 */
import type { PlacesHome } from "../places_home.ts";
import { readRawChanges } from "../snapshots/hold_objects.ts";
import { openStore } from "../snapshots/snapshot_store.ts";
import { type ModeChange, modeChanges, octal } from "./changed_modes.ts";
import { type Change, type ChangeKind, type ChangePart, fromRoot } from "./change.ts";

export interface ChangedFile {
  /** From the root, with `/`. */
  readonly path: string;
  readonly kind: ChangeKind;
  /** Lines; `null` where there are none to count: a binary file, or one known by size and time alone. */
  readonly added: number | null;
  readonly removed: number | null;
  readonly binary?: true;
  /** Octal; of a file that was there before and after with other ones. */
  readonly permissions?: { readonly before: string; readonly after: string };
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
  part: ChangePart,
  signal: AbortSignal | undefined,
): Promise<ChangedFile[]> {
  const { at, store, objects, before, after } = part;
  const args = [...DIFF, "-z", "--raw", "--numstat", "--no-renames", before, after];
  const { text } = await openStore(home, store).run(args, { alternates: objects, signal });
  const { changes, rest } = readRawChanges(text);
  const counts = new Map(
    rest.split("\0").filter((line) => line !== "").map((line) => {
      const [added = "", removed = "", ...path] = line.split("\t");
      return [path.join("\t"), { added, removed }];
    }),
  );
  const modes = modeChanges(part);
  const files = changes.map(({ path, before, after }): ChangedFile => {
    const kind = before === null ? "add" : after === null ? "delete" : "update";
    const { added = "-", removed = "-" } = counts.get(path) ?? {};
    const permissions = permissionsOf(modes.get(path));
    modes.delete(path);
    return added === "-"
      ? { path: fromRoot(at, path), kind, added: null, removed: null, binary: true, ...permissions }
      : { path: fromRoot(at, path), kind, added: Number(added), removed: Number(removed), ...permissions };
  });
  for (const [path, change] of modes) {
    files.push({ path: fromRoot(at, path), kind: "update", added: 0, removed: 0, ...permissionsOf(change) });
  }
  return files;
}

function permissionsOf(change: ModeChange | undefined): Pick<ChangedFile, "permissions"> {
  if (change === undefined) return {};
  return { permissions: { before: octal(change.before), after: octal(change.after) } };
}
