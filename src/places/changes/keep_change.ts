/**
 * Room `places`: what changed between two snapshots, and keeps it: both sides of every changed file are packed into our
 * store, where neither the user's garbage collection nor the end of a place takes them.
 *
 * @module
 */
import { messageOf } from "../../domain/errors.ts";
import type { PlacesHome } from "../places_home.ts";
import { absentObjects, packObjects, type RawChange, readRawChanges } from "../snapshots/hold_objects.ts";
import type { Noted, Snapshot, SnapshotPart } from "../snapshots/snapshot.ts";
import { openStore, type SnapshotStore } from "../snapshots/snapshot_store.ts";
import { changedModes, modeChanges } from "./changed_modes.ts";
import { type Change, type ChangePart, type ChangeResult, fromRoot, type NotedChange } from "./change.ts";
import { objectsOf, writeSmallTree } from "./small_tree.ts";

/**
 * What a turn changed. Never throws: what fails is the reason.
 *
 * @param snapshots of the same directory, before and after the turn
 */
export async function keepChange(
  home: PlacesHome,
  { before, after }: { before: Snapshot; after: Snapshot },
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<ChangeResult> {
  if (before.root !== after.root) {
    return { kind: "none", reason: `the work tree ${before.root} is not there any more` };
  }
  const change: Change = {
    root: after.root,
    parts: [],
    noted: notedChanges(before, after),
    uncovered: [
      ...new Map([...before.uncovered, ...after.uncovered].map((item) => [item.path, item])).values(),
    ],
  };
  const apart = new Set([...before.noted, ...after.noted].map(({ path }) => path));
  try {
    for (const part of after.parts) {
      const earlier = before.parts.find(({ at, store }) => at === part.at && store === part.store);
      if (earlier === undefined) {
        change.uncovered.push({ path: part.at, why: "is a repository of its own that the turn has made" });
      } else await keepPart(home, { earlier, part, apart, change, signal });
    }
  } catch (error) {
    return { kind: "none", reason: `what changed could not be kept: ${messageOf(error)}` };
  }
  for (const { at } of before.parts.filter(({ at }) => !after.parts.some((part) => part.at === at))) {
    change.uncovered.push({ path: at, why: "was a repository of its own, and is none any more" });
  }
  return { kind: "known", change };
}

async function keepPart(
  home: PlacesHome,
  { earlier, part, apart, change, signal }: {
    earlier: SnapshotPart;
    part: SnapshotPart;
    apart: ReadonlySet<string>;
    change: Change;
    signal: AbortSignal | undefined;
  },
): Promise<void> {
  const store = openStore(home, part.store);
  const { at } = part;
  const objects = [...new Set([...part.objects, ...earlier.objects])];
  const run = { alternates: objects, signal };
  const changes = earlier.tree === part.tree ? [] : await rawChanges(store, { earlier, part }, run);
  const covered = changes.filter(({ path }) => !apart.has(fromRoot(at, path)));
  const ids = covered.flatMap(({ before, after }) => [before?.id ?? [], after?.id ?? []].flat());
  const nowhere = new Set(ids.length === 0 ? [] : await absentObjects(store, ids, run));
  const isWhole = ({ before, after }: RawChange) =>
    !nowhere.has(before?.id ?? "") && !nowhere.has(after?.id ?? "");
  for (const { path, before, after } of covered.filter((item) => !isWhole(item))) {
    const kind = before === null ? "add" : after === null ? "delete" : "update";
    change.noted.push({ path: fromRoot(at, path), kind });
    change.uncovered.push({
      path: fromRoot(at, path),
      why: "lost its earlier content to a garbage collection",
    });
  }
  const whole = covered.filter(isWhole);
  const modes = await changedModes(store, { earlier, part, seen: changes, held: whole, apart }, run);
  if (whole.length > 0 || modeChanges(modes).size > 0) {
    change.parts.push({
      at,
      store: store.name,
      objects,
      ...await keepSides(store, whole, run),
      ...modes,
    });
  }
}

async function rawChanges(
  store: SnapshotStore,
  { earlier, part }: { earlier: SnapshotPart; part: SnapshotPart },
  run: { alternates: readonly string[]; signal: AbortSignal | undefined },
): Promise<RawChange[]> {
  const args = ["diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", earlier.tree, part.tree];
  return readRawChanges((await store.run(args, run)).text).changes;
}

/** Writes both sides as trees of their own and packs them. */
async function keepSides(
  store: SnapshotStore,
  changes: readonly RawChange[],
  run: { alternates: readonly string[]; signal: AbortSignal | undefined },
): Promise<Pick<ChangePart, "before" | "after">> {
  const side = (name: "before" | "after") =>
    writeSmallTree(
      store,
      changes.flatMap((change) => change[name] === null ? [] : [[change.path, change[name]] as const]),
      run,
    );
  const [before, after] = [await side("before"), await side("after")];
  await packObjects(
    store,
    [...await objectsOf(store, before, run), ...await objectsOf(store, after, run)],
    run,
  );
  return { before, after };
}

/** Files that are known by size and time alone in either snapshot. */
function notedChanges(before: Snapshot, after: Snapshot): NotedChange[] {
  const earlier = new Map(before.noted.map((noted) => [noted.path, noted]));
  const later = new Map(after.noted.map((noted) => [noted.path, noted]));
  const changes: NotedChange[] = [];
  for (const path of new Set([...earlier.keys(), ...later.keys()])) {
    const [was, is] = [earlier.get(path), later.get(path)];
    if (was === undefined) changes.push({ path, kind: "add" });
    else if (is === undefined) changes.push({ path, kind: "delete" });
    else if (!isSameNoted(was, is)) changes.push({ path, kind: "update" });
  }
  return changes;
}

function isSameNoted(one: Noted, other: Noted): boolean {
  return one.size === other.size && one.mtime_ms === other.mtime_ms;
}
