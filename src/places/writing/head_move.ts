/**
 * Room `places`: what has to happen together with files that are written for a merge: the branch moves, and the index
 * becomes the one that was prepared under its lock.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import * as z from "zod";
import { ifOurs } from "../../system/files/files.ts";
import { readTextIfOurs } from "../../system/files/is_there.ts";
import { logRef } from "../commits/reflog.ts";
import { writeRef } from "../commits/user_branch.ts";
import { userRefs } from "../isolation/user_refs.ts";

export const HeadMove = z.object({
  commonDir: z.string(),
  /** That of the work tree, with its HEAD. */
  gitDir: z.string(),
  /** Full name of the branch, and its commits. */
  ref: z.string(),
  from: z.string(),
  to: z.string(),
  /** For the log of the branch. */
  who: z.string(),
  index: z.string(),
  /** SHA-256 of what we wrote into the index's lock: another one is not ours. */
  lock_sha256: z.string(),
});
export type HeadMove = z.infer<typeof HeadMove>;

/** May be done again after a death in the middle. @returns `false` when somebody else has moved the branch */
export function moveHead({ commonDir, gitDir, ref, from, to, who, index, lock_sha256 }: HeadMove): boolean {
  const present = userRefs({ commonDir }, { limit: Infinity }).get(ref) ?? null;
  if (present !== to) {
    removeOwnLock(join(commonDir, ...ref.split("/")), to);
    if (!writeRef({ commonDir }, { ref, from, to })) return false;
    const entry = { from, to, who, what: "agent-async: merge a job's work" };
    logRef(commonDir, ref, entry);
    logRef(gitDir, "HEAD", entry);
  }
  if (isOurLock(index, lock_sha256)) Deno.renameSync(`${index}.lock`, index);
  return true;
}

/** Left by a death between lock and branch: nobody else moves a branch to this commit. */
function removeOwnLock(path: string, to: string): void {
  if (readTextIfOurs(`${path}.lock`)?.trim() === to) ifOurs(() => Deno.removeSync(`${path}.lock`));
}

/** Gives the index's lock up. */
export function dropMove({ index, lock_sha256 }: HeadMove): void {
  if (isOurLock(index, lock_sha256)) ifOurs(() => Deno.removeSync(`${index}.lock`));
}

function isOurLock(index: string, hash: string): boolean {
  const bytes = ifOurs(() => Deno.readFileSync(`${index}.lock`));
  return bytes !== null && sha256(bytes) === hash;
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
