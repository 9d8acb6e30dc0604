/**
 * Room `places`: takes back what a job has changed, turn by turn from the last one. A file that is as the turn left it
 * becomes what it was before; one that was changed since is merged; all files or none.
 *
 * @module
 */
import { join } from "node:path";
import { type Change, type ChangePart, fromRoot } from "../changes/change.ts";
import { jobChange } from "../changes/job_change.ts";
import { type Entries, isSame, readSmallTree } from "../changes/small_tree.ts";
import type { PlacesHome } from "../places_home.ts";
import { openStore } from "../snapshots/snapshot_store.ts";
import type { Uncovered } from "../snapshots/snapshot.ts";
import type { FileWrite } from "./file_write.ts";
import { type Conflict, mergeTrees } from "./merge_trees.ts";
import { filesOf, type WriteOutcome } from "./outcome.ts";
import { presentTree } from "./present_tree.ts";
import { inTurn } from "./tree_lock.ts";
import { recoverWrites, writeFiles } from "./write_journal.ts";
import { obstacles, planWrites } from "./write_plan.ts";

/**
 * @param changes of the job's turns in their order, all of the same root
 * @throws GitFailure, and errors of the file system, when nothing was changed
 */
export async function undoJob(
  home: PlacesHome,
  changes: readonly Change[],
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<WriteOutcome> {
  const root = changes[0]?.root;
  if (root === undefined) return { kind: "done", files: [], left: [] };
  return await inTurn(root, async () => {
    await recoverWrites(home, { root });
    const planned: Planned = { writes: [], conflicts: [] };
    const parts = Map.groupBy(changes.flatMap(({ parts }) => parts), ({ at, store }) => `${store}\0${at}`);
    for (const turns of parts.values()) await planPart(home, root, { turns, planned, signal });
    planned.conflicts.push(...await obstacles(root, planned.writes));
    if (planned.conflicts.length > 0) return { kind: "conflicts", conflicts: planned.conflicts };
    const conflicts = await writeFiles(home, root, planned.writes);
    if (conflicts.length > 0) return { kind: "conflicts", conflicts };
    return { kind: "done", files: filesOf(planned.writes), left: leftOf(changes) };
  });
}

interface Planned {
  readonly writes: FileWrite[];
  readonly conflicts: Conflict[];
}

async function planPart(
  home: PlacesHome,
  root: string,
  { turns, planned, signal }: {
    turns: readonly ChangePart[];
    planned: Planned;
    signal: AbortSignal | undefined;
  },
): Promise<void> {
  const [first] = turns;
  if (first === undefined) return;
  const { at, store: name } = first;
  const store = openStore(home, name);
  const objects = [...new Set(turns.flatMap(({ objects }) => objects))];
  const run = { alternates: objects, signal };
  const paths = new Set<string>();
  for (const { before, after } of turns) {
    for (const side of [before, after]) {
      for (const path of (await readSmallTree(store, side, run)).keys()) paths.add(path);
    }
  }
  const present = await presentTree(store, { root: join(root, at), paths: [...paths], objects, signal });
  if (present.problems.length > 0) {
    planned.conflicts.push(
      ...present.problems.map(({ path, why }) => ({ path: fromRoot(at, path), lines: null, why })),
    );
    return;
  }
  // Of each file as it was before the first turn that changed it.
  const modes = Object.assign({}, ...turns.toReversed().map(({ modes }) => modes ?? {}));
  let tree = present.tree;
  for (const { before, after } of turns.toReversed()) {
    const sides = { base: after, ours: tree, theirs: before };
    const merged = await mergeTrees(store, sides, { objects, renames: false, signal });
    if (merged.conflicts.length > 0) {
      if (await isUndone(home, { turns, present: present.entries })) return;
      planned.conflicts.push(...merged.conflicts.map((item) => ({ ...item, path: fromRoot(at, item.path) })));
      return;
    }
    tree = merged.tree;
  }
  const to = await readSmallTree(store, tree, run);
  planned.writes.push(...planWrites({ from: present.entries, to }, { at, store: name, objects, modes }));
}

/** Whether everything is as it was before the first turn. */
async function isUndone(
  home: PlacesHome,
  { turns, present }: { turns: readonly ChangePart[]; present: Entries },
): Promise<boolean> {
  const changes = turns.map((part) => ({ root: "", parts: [part], noted: [], uncovered: [] }));
  const [whole] = (await jobChange(home, changes)).parts;
  if (whole === undefined) return true;
  const store = openStore(home, whole.store);
  const run = { alternates: whole.objects };
  const [before, after] = [
    await readSmallTree(store, whole.before, run),
    await readSmallTree(store, whole.after, run),
  ];
  return [...before.keys(), ...after.keys()].every((path) => isSame(before.get(path), present.get(path)));
}

/** What no snapshot holds. */
export function leftOf(changes: readonly Change[]): Uncovered[] {
  const left = new Map<string, Uncovered>();
  for (const { noted, ignored = [] } of changes) {
    for (const { path } of noted) left.set(path, { path, why: "is known by size and time alone" });
    for (const path of ignored) left.set(path, { path, why: "is ignored by git" });
  }
  return [...left.values()];
}
