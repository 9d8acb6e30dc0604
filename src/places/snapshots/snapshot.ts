/**
 * Room `places`: the record of a snapshot, as it is kept.
 *
 * @module
 */
import * as z from "zod";
import { FileModes } from "./file_modes.ts";

/** A file, directory or repository that a snapshot does not hold, and why: the rest of a sentence. */
export const Uncovered = z.object({ path: z.string(), why: z.string() });
export type Uncovered = z.infer<typeof Uncovered>;

/** A file that is known by size and time alone: it may hold a key, or is too large to be copied. */
export const Noted = z.object({ path: z.string(), size: z.number(), mtime_ms: z.number() });
export type Noted = z.infer<typeof Noted>;

/** One repository, the work tree itself or one that is nested in it, and where its trees are kept. */
export const StoredPart = z.object({
  /** Path below the root, with `/`; "" for the root itself. */
  at: z.string(),
  /** Name of the private git directory that holds the trees. */
  store: z.string(),
  /** Object directories of the user's that the trees may refer to. */
  objects: z.array(z.string()),
});

/** The files of one repository. */
export const SnapshotPart = StoredPart.extend({
  /** Id of the tree: the bytes on disk. */
  tree: z.string(),
  /** The commit that was checked out; `null` before the first one, and outside of git. */
  head: z.string().nullable(),
  /** Permissions beyond what the tree says; absent where they are not known. */
  modes: FileModes.optional(),
});
export type SnapshotPart = z.infer<typeof SnapshotPart>;

/** The state of a work tree, or of a plain directory, at one time. Paths use `/` and are relative to `root`. */
export const Snapshot = z.object({
  root: z.string(),
  parts: z.array(SnapshotPart),
  noted: z.array(Noted),
  uncovered: z.array(Uncovered),
});
export type Snapshot = z.infer<typeof Snapshot>;

/** What taking a snapshot comes to. A snapshot that fails is no failure of the job: it has a reason. */
export type SnapshotResult =
  | { readonly kind: "taken"; readonly snapshot: Snapshot }
  | { readonly kind: "none"; readonly reason: string };
