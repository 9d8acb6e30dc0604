/**
 * Room `places`: takes over what a job has changed in a place of its own, as uncommitted changes of the caller's tree.
 * What is staged stays staged: the caller's index is not touched.
 *
 * @module
 */
import { type Change, type ChangePart, fromRoot } from "../changes/change.ts";
import { jobChange } from "../changes/job_change.ts";
import { type Entries, readSmallTree } from "../changes/small_tree.ts";
import type { PlacesHome } from "../places_home.ts";
import { readRepository } from "../snapshots/repository.ts";
import type { Uncovered } from "../snapshots/snapshot.ts";
import { openStore } from "../snapshots/snapshot_store.ts";
import type { FileWrite } from "./file_write.ts";
import { type Conflict, mergeTrees } from "./merge_trees.ts";
import { planModesOver } from "./mode_plan.ts";
import type { ModeWrite } from "./mode_write.ts";
import { filesOf, type WriteOutcome } from "./outcome.ts";
import { presentTree } from "./present_tree.ts";
import { inTurn } from "./tree_lock.ts";
import { leftOf } from "./undo_job.ts";
import { recoverWrites, writeFiles } from "./write_journal.ts";
import { obstacles, planWrites } from "./write_plan.ts";

/**
 * @param changes of the job's turns in its place that were not applied before, in their order
 * @param options.target a directory in the work tree that gets them; its store is that of the place
 * @throws GitFailure, and errors of the file system, when nothing was changed
 */
export async function applyJob(
  home: PlacesHome,
  changes: readonly Change[],
  { target, signal }: { target: string; signal?: AbortSignal | undefined },
): Promise<WriteOutcome> {
  if (changes.length === 0) return { kind: "done", files: [], left: [] };
  const { root } = await readRepository(target, home.user);
  return await inTurn(root, async () => {
    await recoverWrites(home, { root });
    const change = await jobChange(home, changes);
    const nested = change.parts.filter(({ at }) => at !== "");
    const writes: FileWrite[] = [];
    const modes: ModeWrite[] = [];
    const otherModes: Uncovered[] = [];
    for (const part of change.parts.filter(({ at }) => at === "")) {
      const planned = await planPart(home, root, { part, signal });
      if (planned.conflicts.length > 0) return { kind: "conflicts", conflicts: planned.conflicts };
      writes.push(...planned.writes);
      modes.push(...planned.modes);
      otherModes.push(...planned.left);
    }
    const blocked = await obstacles(root, writes);
    if (blocked.length > 0) return { kind: "conflicts", conflicts: blocked };
    const conflicts = await writeFiles(home, root, writes, { modes });
    if (conflicts.length > 0) return { kind: "conflicts", conflicts };
    const left = nested.map(({ at }) => ({ path: at, why: "is a repository of its own" }));
    return {
      kind: "done",
      files: filesOf(writes, modes),
      left: [...leftOf(changes), ...otherModes, ...left],
    };
  });
}

interface Planned {
  readonly writes: FileWrite[];
  readonly modes: ModeWrite[];
  readonly left: Uncovered[];
  readonly conflicts: Conflict[];
}

const NOTHING = { writes: [], modes: [], left: [] };

async function planPart(
  home: PlacesHome,
  root: string,
  { part, signal }: { part: ChangePart; signal: AbortSignal | undefined },
): Promise<Planned> {
  const { at, store: name, objects, before, after } = part;
  const store = openStore(home, name);
  const { objects: theirs } = await targetObjects(home, root);
  const all = [...new Set([...objects, ...theirs])];
  const run = { alternates: all, signal };
  const sides: Entries[] = [await readSmallTree(store, before, run), await readSmallTree(store, after, run)];
  const paths = [...new Set(sides.flatMap((side) => [...side.keys()]))];
  const present = await presentTree(store, { root, paths, objects: all, signal });
  if (present.problems.length > 0) {
    const conflicts = present.problems.map(({ path, why }) => ({
      path: fromRoot(at, path),
      lines: null,
      why,
    }));
    return { ...NOTHING, conflicts };
  }
  const merged = await mergeTrees(store, { base: before, ours: present.tree, theirs: after }, {
    objects: all,
    renames: true,
    signal,
  });
  if (merged.conflicts.length > 0) return { ...NOTHING, conflicts: merged.conflicts };
  const to = await readSmallTree(store, merged.tree, run);
  const writes = planWrites({ from: present.entries, to }, { at, store: name, objects: all });
  const written = new Set(writes.map(({ path }) => path));
  const modes = await planModesOver(root, { part, sides, written });
  return { writes, modes: modes.writes, left: modes.left, conflicts: [] };
}

async function targetObjects(home: PlacesHome, root: string): Promise<{ objects: string[] }> {
  const repository = await readRepository(root, home.user);
  return { objects: repository.kind === "git" ? [repository.objects] : [] };
}
