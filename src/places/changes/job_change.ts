/**
 * Room `places`: the change of a job from those of its turns. What others changed between two turns is not the job's.
 *
 * @module
 */
import type { PlacesHome } from "../places_home.ts";
import type { TreeEntry } from "../snapshots/hold_objects.ts";
import { openStore } from "../snapshots/snapshot_store.ts";
import { joinModes } from "./changed_modes.ts";
import { type Change, type ChangePart, fromRoot, type NotedChange } from "./change.ts";
import { isSame, readSmallTree, writeSmallTree } from "./small_tree.ts";

/** @param changes of the turns, the first one first; at least one @throws GitFailure */
export async function jobChange(home: PlacesHome, changes: readonly Change[]): Promise<Change> {
  const [first, ...more] = changes;
  if (first === undefined) throw new TypeError("Cannot make a change of none");
  if (more.length === 0) return first;
  const parts = Map.groupBy(changes.flatMap(({ parts }) => parts), ({ at, store }) => `${store}\0${at}`);
  const made: ChangePart[] = [];
  const mixed: string[] = [];
  for (const turns of parts.values()) {
    const joined = await joinParts(home, turns);
    mixed.push(...joined.mixed);
    if (joined.part !== null) made.push(joined.part);
  }
  return {
    root: first.root,
    parts: made,
    noted: joinNoted(changes.flatMap(({ noted }) => noted)),
    uncovered: [
      ...new Map(changes.flatMap(({ uncovered }) => uncovered).map((item) => [item.path, item])).values(),
    ],
    ...(mixed.length === 0 ? {} : { mixed }),
  };
}

async function joinParts(
  home: PlacesHome,
  turns: readonly ChangePart[],
): Promise<{ part: ChangePart | null; mixed: string[] }> {
  const [first] = turns;
  if (first === undefined) return { part: null, mixed: [] };
  if (turns.length === 1) return { part: first, mixed: [] };
  const { at } = first;
  const store = openStore(home, first.store);
  const sides = new Map<string, { before: TreeEntry | null; after: TreeEntry | null }>();
  const turnModes: (Pick<ChangePart, "modes" | "modes_after"> & { paths: string[] })[] = [];
  const mixed = new Set<string>();
  for (const turn of turns) {
    const [before, after] = [await readSmallTree(store, turn.before), await readSmallTree(store, turn.after)];
    const paths = [...new Set([...before.keys(), ...after.keys()])];
    turnModes.push({ ...turn, paths });
    for (const path of paths) {
      const known = sides.get(path);
      const was = before.get(path) ?? null;
      if (known !== undefined && !isSame(known.after, was)) mixed.add(fromRoot(at, path));
      sides.set(path, { before: known === undefined ? was : known.before, after: after.get(path) ?? null });
    }
  }
  const differing = [...sides].filter(([, { before, after }]) => !isSame(before, after));
  const bits = joinModes(turnModes);
  for (const path of bits.mixed) mixed.add(fromRoot(at, path));
  const isDiffering = new Set(differing.map(([path]) => path));
  for (const [path, was] of bits.before) {
    const is = bits.after.get(path);
    // Of other files only those whose permissions are not what they were.
    if (isDiffering.has(path) || (is !== undefined && is !== was)) continue;
    bits.before.delete(path);
    bits.after.delete(path);
  }
  if (differing.length === 0 && bits.before.size === 0) return { part: null, mixed: [...mixed] };
  const side = (name: "before" | "after") =>
    writeSmallTree(
      store,
      differing.flatMap(([path, { [name]: entry }]) => entry === null ? [] : [[path, entry]]),
    );
  const objects = [...new Set(turns.flatMap(({ objects }) => objects))];
  const part = {
    at,
    store: first.store,
    objects,
    before: await side("before"),
    after: await side("after"),
    ...(turns.every(({ modes }) => modes === undefined) ? {} : {
      modes: Object.fromEntries(bits.before),
      modes_after: Object.fromEntries(bits.after),
    }),
  };
  return { part, mixed: [...mixed] };
}

function joinNoted(all: readonly NotedChange[]): NotedChange[] {
  const joined = new Map<string, NotedChange>();
  for (const noted of all) {
    const earlier = joined.get(noted.path);
    if (earlier === undefined) joined.set(noted.path, noted);
    else if (earlier.kind === "add" && noted.kind === "delete") joined.delete(noted.path);
    else if (earlier.kind === "delete") joined.set(noted.path, { ...noted, kind: "update" });
    else if (noted.kind === "delete") joined.set(noted.path, noted);
  }
  return [...joined.values()];
}
