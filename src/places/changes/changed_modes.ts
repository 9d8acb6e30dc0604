/**
 * Room `places`: permissions that changed. Git keeps one bit of them, so a file may be the same to git and still not be
 * what it was.
 *
 * @module
 */
import { bitsOf, type FileModes } from "../snapshots/file_modes.ts";
import type { RawChange, TreeEntry } from "../snapshots/hold_objects.ts";
import type { SnapshotPart } from "../snapshots/snapshot.ts";
import type { SnapshotStore } from "../snapshots/snapshot_store.ts";
import { type ChangePart, fromRoot } from "./change.ts";
import { type Entries, readSmallTree } from "./small_tree.ts";

export interface ModeChange {
  readonly before: number;
  readonly after: number;
}

type KeptModes = Pick<ChangePart, "modes" | "modes_after">;

/**
 * Permissions of the files that git sees changed, and of those that changed in nothing else.
 *
 * @param options.seen what git sees
 * @param options.held what of it is kept
 * @param options.apart paths from the root that are known by size and time alone
 * @throws GitFailure
 */
export async function changedModes(
  store: SnapshotStore,
  { earlier, part, seen, held, apart }: {
    earlier: SnapshotPart;
    part: SnapshotPart;
    seen: readonly RawChange[];
    held: readonly RawChange[];
    apart: ReadonlySet<string>;
  },
  run: { alternates: readonly string[]; signal: AbortSignal | undefined },
): Promise<KeptModes> {
  if (earlier.modes === undefined) return {};
  const before = heldModes(earlier.modes, held, "before");
  if (part.modes === undefined) return { modes: Object.fromEntries(before) };
  const after = heldModes(part.modes, held, "after");
  const [were, are] = [earlier.modes, part.modes];
  const suspects = suspectsOf(were, are);
  if (suspects === null || suspects.length > 0) {
    const known = new Set(seen.map(({ path }) => path));
    const files = await readSmallTree(store, part.tree, run);
    for (const path of suspects ?? files.keys()) {
      const entry = files.get(path);
      // A suspect that the tree has not is gone, or not covered.
      if (entry === undefined || !isFile(entry) || known.has(path) || apart.has(fromRoot(part.at, path))) {
        continue;
      }
      const [was, is] = [bitsOf(were, path, entry.mode), bitsOf(are, path, entry.mode)];
      if (was === is) continue;
      before.push([path, was]);
      after.push([path, is]);
    }
  }
  return { modes: Object.fromEntries(before), modes_after: Object.fromEntries(after) };
}

function heldModes(
  modes: FileModes,
  held: readonly RawChange[],
  side: "before" | "after",
): [string, number][] {
  return held.flatMap(({ path, [side]: entry }): [string, number][] =>
    entry === null || !isFile(entry) ? [] : [[path, bitsOf(modes, path, entry.mode)]]
  );
}

function isFile({ mode }: TreeEntry): boolean {
  return mode === "100644" || mode === "100755";
}

/** Paths whose permissions may have changed; `null`: any may. */
function suspectsOf(before: FileModes, after: FileModes): string[] | null {
  if (before.plain !== after.plain || before.executable !== after.executable) return null;
  const exceptions = new Set([...Object.keys(before.others), ...Object.keys(after.others)]);
  return [...exceptions].filter((path) => before.others[path] !== after.others[path]);
}

/** Permissions of a path that are kept in a change; `undefined` where there are none. */
export function keptBits(
  modes: Readonly<Record<string, number>> | undefined,
  path: string,
): number | undefined {
  return modes !== undefined && Object.hasOwn(modes, path) ? modes[path] : undefined;
}

/** Files that were there before and after with other permissions, whether something else changed or not. */
export function modeChanges({ modes = {}, modes_after }: KeptModes): Map<string, ModeChange> {
  const changes = new Map<string, ModeChange>();
  for (const [path, before] of Object.entries(modes)) {
    const after = keptBits(modes_after, path);
    if (after !== undefined && after !== before) changes.set(path, { before, after });
  }
  return changes;
}

/** Paths of {@link modeChanges} of which nothing else changed. @param sides the trees of the part */
export function modesAlone(part: KeptModes, sides: readonly Entries[]): Map<string, ModeChange> {
  const changes = modeChanges(part);
  for (const path of changes.keys()) if (sides.some((side) => side.has(path))) changes.delete(path);
  return changes;
}

/** Joins what the turns of a job did to permissions. @returns paths that others changed in between, as `mixed` */
export function joinModes(
  turns: readonly (KeptModes & { readonly paths: readonly string[] })[],
): { before: Map<string, number>; after: Map<string, number>; mixed: string[] } {
  const sides = new Map<string, { before: number | undefined; after: number | undefined }>();
  const mixed: string[] = [];
  for (const { modes, modes_after, paths } of turns) {
    // Nothing is known of permissions in that turn.
    if (modes === undefined) continue;
    for (const path of new Set([...paths, ...Object.keys(modes), ...Object.keys(modes_after ?? {})])) {
      const [was, is] = [keptBits(modes, path), keptBits(modes_after, path)];
      const known = sides.get(path);
      if (known?.after !== undefined && was !== undefined && known.after !== was) mixed.push(path);
      sides.set(path, { before: known === undefined ? was : known.before, after: is });
    }
  }
  const side = (name: "before" | "after") =>
    new Map(
      [...sides].flatMap(([path, { [name]: bits }]) => bits === undefined ? [] : [[path, bits] as const]),
    );
  return { before: side("before"), after: side("after"), mixed };
}

/** Permissions as people write them, such as `644`. */
export function octal(bits: number): string {
  return bits.toString(8).padStart(3, "0");
}
