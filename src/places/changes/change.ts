/**
 * Room `places`: the record of what a turn, or a job, changed on disk, as it is kept.
 *
 * @module
 */
import * as z from "zod";
import { StoredPart, Uncovered } from "../snapshots/snapshot.ts";

/** A word as in the event `file_change`. */
export const ChangeKind = z.enum(["add", "update", "delete"]);
export type ChangeKind = z.infer<typeof ChangeKind>;

/**
 * Two trees of ours that hold nothing but the files that differ: as they were, and as they became. They are packed in
 * the store with all that they refer to, so that they need nothing of the user's repository.
 */
export const ChangePart = StoredPart.extend({
  before: z.string(),
  after: z.string(),
  /**
   * Permissions that the files had before, and after, by path in the part. Those that changed in nothing else are here
   * alone: neither tree holds them. Absent where permissions are not known.
   */
  modes: z.record(z.string(), z.number()).optional(),
  modes_after: z.record(z.string(), z.number()).optional(),
});
export type ChangePart = z.infer<typeof ChangePart>;

/** A change of a file that is known by size and time alone: it can be told, not shown and not undone. */
export const NotedChange = z.object({ path: z.string(), kind: ChangeKind });
export type NotedChange = z.infer<typeof NotedChange>;

export const Change = z.object({
  root: z.string(),
  parts: z.array(ChangePart),
  noted: z.array(NotedChange),
  /** What the snapshots did not hold: a change of it is not known. */
  uncovered: z.array(Uncovered),
  /** Paths that others changed between two turns of the job; absent in the change of a single turn. */
  mixed: z.array(z.string()).optional(),
  /** Files that git ignores and that the turn's agent has said to have changed; absent where there are none. */
  ignored: z.array(z.string()).optional(),
});
export type Change = z.infer<typeof Change>;

export type ChangeResult =
  | { readonly kind: "known"; readonly change: Change }
  | { readonly kind: "none"; readonly reason: string };

/** A path of a part, from the root. */
export function fromRoot(at: string, path: string): string {
  return at === "" ? path : `${at}/${path}`;
}
