/**
 * Room `places`: which permissions files get when turns are taken back, or a job's work is taken over.
 *
 * @module
 */
import { keptBits, modeChanges, modesAlone } from "../changes/changed_modes.ts";
import { type ChangePart, fromRoot } from "../changes/change.ts";
import type { Entries } from "../changes/small_tree.ts";
import type { Uncovered } from "../snapshots/snapshot.ts";
import type { Conflict } from "./merge_trees.ts";
import { bitsAt, type ModeWrite } from "./mode_write.ts";

export type TurnModes = Pick<ChangePart, "modes" | "modes_after"> & { readonly sides: readonly Entries[] };

export interface ModePlan {
  /** Permissions for files whose content is written, by path in the part. */
  readonly bits: Record<string, number>;
  /** Files that get other permissions and nothing else. */
  readonly writes: ModeWrite[];
  readonly conflicts: Conflict[];
}

/**
 * Permissions as they were before the turns, the last one first, merged with those that somebody gave since.
 *
 * @param options.written paths in the part whose content is written
 * @param options.isElsewhere whether the turns worked in a place of their own: what is not as there is the user's
 */
export async function planModesBack(
  root: string,
  { at, turns, written, isElsewhere }: {
    at: string;
    turns: readonly TurnModes[];
    written: ReadonlySet<string>;
    isElsewhere: boolean;
  },
): Promise<ModePlan> {
  const plan: ModePlan = { bits: {}, writes: [], conflicts: [] };
  const alone = new Set(turns.flatMap((turn) => [...modesAlone(turn, turn.sides).keys()]));
  const changed = new Set(turns.flatMap((turn) => [...modeChanges(turn).keys()]));
  for (const path of new Set([...written, ...changed])) {
    const present = await bitsAt(root, fromRoot(at, path));
    if (written.has(path)) {
      const isKept = isElsewhere && present !== null;
      const bits = walkedBack(path, { turns, present, byForce: !isKept, isLenient: isElsewhere });
      if (bits === "conflict") plan.conflicts.push(conflict(at, path));
      else if (bits !== null) setBits(plan.bits, path, bits);
      continue;
    }
    const first = turns.find(({ modes, sides }) =>
      sides.some((side) => side.has(path)) || keptBits(modes, path) !== undefined
    );
    // Taken back already: it was not there, or has what it had.
    if (present === (keptBits(first?.modes, path) ?? null)) continue;
    // It has gone together with a change of its content, which is no conflict.
    if (present === null && (isElsewhere || !alone.has(path))) continue;
    const bits = walkedBack(path, { turns, present, byForce: false, isLenient: isElsewhere });
    if (bits === "conflict" || present === null) plan.conflicts.push(conflict(at, path));
    else if (bits !== null && bits !== present && isSameToGit(bits, present)) {
      plan.writes.push({ path: fromRoot(at, path), from: present, to: bits });
    }
  }
  return plan;
}

/** @param options.byForce whether a turn that changed the content is taken back whatever the permissions are now */
function walkedBack(
  path: string,
  { turns, present, byForce, isLenient }: {
    turns: readonly TurnModes[];
    present: number | null;
    byForce: boolean;
    isLenient: boolean;
  },
): number | null | "conflict" {
  let bits = present;
  for (const { modes, modes_after, sides } of turns.toReversed()) {
    const [was, is] = [keptBits(modes, path), keptBits(modes_after, path)];
    if (was === undefined) continue;
    const isContent = sides.some((side) => side.has(path));
    if (isContent && byForce) bits = was;
    else if (is === undefined || is === was || bits === was) continue;
    else if (bits === is) bits = was;
    else if (!isContent && !isLenient) return "conflict";
  }
  return bits;
}

/**
 * Permissions that a job changed in its place and in nothing else go where the file has here those that it had there;
 * all others are the user's.
 *
 * @param options.written paths from the root whose content is written: another file's new name may be one of them
 */
export async function planModesOver(
  root: string,
  { part, sides, written }: { part: ChangePart; sides: readonly Entries[]; written: ReadonlySet<string> },
): Promise<{ writes: ModeWrite[]; left: Uncovered[] }> {
  const writes: ModeWrite[] = [];
  const left: Uncovered[] = [];
  for (const [name, { before, after }] of modesAlone(part, sides)) {
    const path = fromRoot(part.at, name);
    const present = written.has(path) ? null : await bitsAt(root, path);
    if (present === null || present === after) continue;
    if (present === before) writes.push({ path, from: before, to: after });
    else left.push({ path, why: "has other permissions here than where the job worked" });
  }
  return { writes, left };
}

function conflict(at: string, path: string): Conflict {
  return { path: fromRoot(at, path), lines: null, why: "was given other permissions here, or is gone" };
}

/** Whether both are executable, or neither: what git sees comes with the content. */
function isSameToGit(one: number, other: number): boolean {
  return ((one ^ other) & 0o100) === 0;
}

/** Also of a path such as `__proto__`. */
function setBits(all: Record<string, number>, path: string, value: number): void {
  Object.defineProperty(all, path, { value, enumerable: true, configurable: true, writable: true });
}
