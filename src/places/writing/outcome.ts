/**
 * Room `places`: what applying and undoing come to.
 *
 * @module
 */
import type { ChangeKind } from "../changes/change.ts";
import type { Uncovered } from "../snapshots/snapshot.ts";
import type { FileWrite } from "./file_write.ts";
import type { Conflict } from "./merge_trees.ts";
import type { ModeWrite } from "./mode_write.ts";

export type WriteOutcome =
  | {
    readonly kind: "done";
    /** What was written; empty when everything was there already. */
    readonly files: readonly { path: string; kind: ChangeKind }[];
    /** What could not be taken over or back, since no snapshot holds it. */
    readonly left: readonly Uncovered[];
  }
  /** Nothing was changed. */
  | { readonly kind: "conflicts"; readonly conflicts: readonly Conflict[] };

export function filesOf(
  writes: readonly FileWrite[],
  modes: readonly ModeWrite[] = [],
): { path: string; kind: ChangeKind }[] {
  const written = writes.map(({ path, from, to }) => ({
    path,
    kind: from === null ? "add" as const : to === null ? "delete" as const : "update" as const,
  }));
  return [...written, ...modes.map(({ path }) => ({ path, kind: "update" as const }))].sort((one, other) =>
    one.path < other.path ? -1 : 1
  );
}
