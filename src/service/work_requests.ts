/**
 * Room `service`: what is asked of a job's work, the files that it has changed, and what is answered. Field names are
 * the contract's.
 *
 * @module
 */
import * as z from "zod";
import { JobId } from "../domain/job/ids.ts";

/** Bytes: no patch is longer than this. */
const MAX_CURSOR = 1_000_000_000_000;

export const DiffRequest = z.object({
  job_id: JobId,
  /** A file or directory, from the top of the work tree: nothing else is shown. */
  path: z.string().min(1).optional(),
  /** Only the list of files. */
  stat: z.boolean().default(false),
  /** As the page before gave it. */
  cursor: z.number().int().min(0).max(MAX_CURSOR).optional(),
});
export type DiffRequest = z.input<typeof DiffRequest>;

const ChangeKind = z.enum(["add", "update", "delete"]);

export const DiffResult = z.object({
  job_id: JobId,
  /** Paths from `root`. Lines are `null` where there are none to count. */
  files: z.array(z.object({
    path: z.string(),
    kind: ChangeKind,
    added: z.number().int().nullable(),
    removed: z.number().int().nullable(),
    binary: z.boolean().optional(),
    /** Octal, such as `600`; of a file that was there before and after with other ones. */
    permissions: z.object({ before: z.string(), after: z.string() }).optional(),
  })),
  /** Absent with `stat`. */
  patch: z.string().optional(),
  /** Where the next page of the patch begins; absent at its end. */
  cursor: z.number().int().optional(),
  /** The top of the work tree. */
  root: z.string(),
  /** The commit that was checked out when the job began; `null` outside of git and before the first commit. */
  base: z.string().nullable(),
  /** Whether the changes are in the caller's directory. */
  applied: z.boolean(),
  /** Other jobs that changed the same files and were not taken over yet. */
  conflicts_with: z.array(JobId),
  /** What the list cannot tell, each in a sentence. */
  notes: z.array(z.string()),
});
export type DiffResult = z.infer<typeof DiffResult>;

export const ApplyAction = z.enum(["apply", "undo", "discard"]);
export type ApplyAction = z.infer<typeof ApplyAction>;

/**
 * How a job's place is taken over. `patch`: as uncommitted changes of the caller's tree. `merge`: into the branch that is
 * checked out there. `branch`: as a branch of the caller's repository, which is not checked out.
 */
export const ApplyMethod = z.enum(["patch", "merge", "branch"]);
export type ApplyMethod = z.infer<typeof ApplyMethod>;

export const ApplyRequest = z.object({
  job_id: JobId,
  action: ApplyAction.default("apply"),
  /** Only of `apply`. */
  method: ApplyMethod.optional(),
});
export type ApplyRequest = z.input<typeof ApplyRequest>;

export const ApplyResult = z.object({
  job_id: JobId,
  action: ApplyAction,
  /** What was written; empty with conflicts, and where everything was there already. */
  files: z.array(z.object({ path: z.string(), kind: ChangeKind })),
  /** With any, nothing has changed. `lines` are those of the file as it is now, `null` where it is not about lines. */
  conflicts: z.array(z.object({ path: z.string(), lines: z.string().nullable(), why: z.string() })),
  message: z.string(),
});
export type ApplyResult = z.infer<typeof ApplyResult>;

export const EnterRequest = z.object({
  job_id: JobId,
  /** Whether the caller stays there, as long as its process lives; until then no turn of the job begins. */
  stay: z.boolean().default(false),
  /** A process of a caller that stays, by which the person is there even if the caller dies. */
  program_pid: z.number().int().positive().optional(),
});
export type EnterRequest = z.input<typeof EnterRequest>;

export const EnterResult = z.object({
  job_id: JobId,
  /** Where the job's turns work. */
  path: z.string(),
});
export type EnterResult = z.infer<typeof EnterResult>;
