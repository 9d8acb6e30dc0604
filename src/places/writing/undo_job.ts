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
import { planModesBack, type TurnModes } from "./mode_plan.ts";
import type { ModeWrite } from "./mode_write.ts";
import { filesOf, type WriteOutcome } from "./outcome.ts";
import { presentTree } from "./present_tree.ts";
import { inTurn } from "./tree_lock.ts";
import { recoverWrites, writeFiles } from "./write_journal.ts";
import { differingPaths, obstacles, planWrites } from "./write_plan.ts";

/**
 * @param changes of the job's turns in their order, all of the same root
 * @param options.isElsewhere whether the job worked in a place of its own and was taken over
 * @throws GitFailure, and errors of the file system, when nothing was changed
 */
export async function undoJob(
  home: PlacesHome,
  changes: readonly Change[],
  { isElsewhere = false, signal }: { isElsewhere?: boolean; signal?: AbortSignal | undefined } = {},
): Promise<WriteOutcome> {
  const root = changes[0]?.root;
  if (root === undefined) return { kind: "done", files: [], left: [] };
  return await inTurn(root, async () => {
    await recoverWrites(home, { root });
    const planned: Planned = { writes: [], modes: [], conflicts: [] };
    const parts = Map.groupBy(changes.flatMap(({ parts }) => parts), ({ at, store }) => `${store}\0${at}`);
    for (const turns of parts.values()) await planPart(home, root, { turns, planned, isElsewhere, signal });
    planned.conflicts.push(...await obstacles(root, planned.writes));
    if (planned.conflicts.length > 0) return { kind: "conflicts", conflicts: planned.conflicts };
    const conflicts = await writeFiles(home, root, planned.writes, { modes: planned.modes });
    if (conflicts.length > 0) return { kind: "conflicts", conflicts };
    return { kind: "done", files: filesOf(planned.writes, planned.modes), left: leftOf(changes) };
  });
}

interface Planned {
  readonly writes: FileWrite[];
  readonly modes: ModeWrite[];
  readonly conflicts: Conflict[];
}

async function planPart(
  home: PlacesHome,
  root: string,
  { turns, planned, isElsewhere, signal }: {
    turns: readonly ChangePart[];
    planned: Planned;
    isElsewhere: boolean;
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
  const turnModes: TurnModes[] = [];
  for (const turn of turns) {
    const sides = [await readSmallTree(store, turn.before, run), await readSmallTree(store, turn.after, run)];
    for (const side of sides) for (const path of side.keys()) paths.add(path);
    turnModes.push({ ...turn, sides });
  }
  const present = await presentTree(store, { root: join(root, at), paths: [...paths], objects, signal });
  if (present.problems.length > 0) {
    planned.conflicts.push(
      ...present.problems.map(({ path, why }) => ({ path: fromRoot(at, path), lines: null, why })),
    );
    return;
  }
  let tree = present.tree;
  for (const { before, after } of turns.toReversed()) {
    const sides = { base: after, ours: tree, theirs: before };
    const merged = await mergeTrees(store, sides, { objects, renames: false, signal });
    if (merged.conflicts.length > 0) {
      if (await isUndone(home, { turns, present: present.entries })) {
        tree = present.tree;
        break;
      }
      planned.conflicts.push(...merged.conflicts.map((item) => ({ ...item, path: fromRoot(at, item.path) })));
      return;
    }
    tree = merged.tree;
  }
  const to = await readSmallTree(store, tree, run);
  const sides = { from: present.entries, to };
  const written = new Set(differingPaths(sides));
  const modes = await planModesBack(root, { at, turns: turnModes, written, isElsewhere });
  planned.writes.push(...planWrites(sides, { at, store: name, objects, modes: modes.bits }));
  planned.modes.push(...modes.writes);
  planned.conflicts.push(...modes.conflicts);
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
