/**
 * Room `places`: whether the changes of two jobs will meet when both are applied.
 *
 * @module
 */
import type { PlacesHome } from "../places_home.ts";
import type { TreeEntry } from "../snapshots/hold_objects.ts";
import { openStore } from "../snapshots/snapshot_store.ts";
import { mergeTrees } from "../writing/merge_trees.ts";
import { type Change, type ChangePart, fromRoot } from "./change.ts";
import { type Entries, isSame, readSmallTree, writeSmallTree } from "./small_tree.ts";

/**
 * Paths at which the two changes conflict, sorted; changes of different repositories never do.
 *
 * @throws GitFailure
 */
export async function conflictsBetween(home: PlacesHome, one: Change, other: Change): Promise<string[]> {
  const found = new Set<string>();
  for (const part of one.parts) {
    const beside = other.parts.find(({ at, store }) => at === part.at && store === part.store);
    if (beside === undefined) continue;
    for (const path of await between(home, part, beside)) found.add(fromRoot(part.at, path));
  }
  return [...found].sort();
}

async function between(home: PlacesHome, one: ChangePart, other: ChangePart): Promise<string[]> {
  const store = openStore(home, one.store);
  const objects = [...new Set([...one.objects, ...other.objects])];
  const run = { alternates: objects };
  const read = async ({ before, after }: ChangePart) => ({
    before: await readSmallTree(store, before, run),
    after: await readSmallTree(store, after, run),
  });
  const [ours, theirs] = [await read(one), await read(other)];
  // Where both began from another content there is nothing to merge from.
  const apart = [...touched(ours)].filter((path) =>
    touched(theirs).has(path) && !isSame(ours.before.get(path), theirs.before.get(path)) &&
    !isSame(ours.after.get(path), theirs.after.get(path))
  );
  const base = new Map([...ours.before, ...theirs.before]);
  for (const path of apart) base.delete(path);
  const side = (changed: Sides) => {
    const entries = new Map<string, TreeEntry>(base);
    for (const path of touched(changed)) {
      const entry = changed.after.get(path);
      entries.delete(path);
      if (entry !== undefined && !apart.includes(path)) entries.set(path, entry);
    }
    return writeSmallTree(store, entries, run);
  };
  const sides = {
    base: await writeSmallTree(store, base, run),
    ours: await side(ours),
    theirs: await side(theirs),
  };
  const { conflicts } = await mergeTrees(store, sides, { objects, renames: true });
  return [...apart, ...conflicts.map(({ path }) => path)];
}

interface Sides {
  readonly before: Entries;
  readonly after: Entries;
}

function touched({ before, after }: Sides): Set<string> {
  return new Set([...before.keys(), ...after.keys()]);
}
