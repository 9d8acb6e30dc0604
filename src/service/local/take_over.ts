/**
 * Room `service`, part of `LocalService`: the ways in which the changes of a job's place get into the caller's
 * repository, and what is told of them.
 *
 * @module
 */
import type { Job } from "../../domain/job/job.ts";
import { preview } from "../../domain/job/result.ts";
import type { Change } from "../../places/changes/change.ts";
import { branchJob } from "../../places/commits/branch_job.ts";
import { mergeJob } from "../../places/commits/merge_job.ts";
import type { Place } from "../../places/isolation/place.ts";
import type { PlacesHome } from "../../places/places_home.ts";
import { applyJob } from "../../places/writing/apply_job.ts";
import type { WriteOutcome } from "../../places/writing/outcome.ts";
import type { ApplyMethod, ApplyResult } from "../work_requests.ts";

type Told = Pick<ApplyResult, "files" | "conflicts" | "message">;

/** Characters of a commit's subject. */
const SUBJECT_CHARS = 72;

/** @param options.place only of `merge` and `branch` */
export async function takeOver(
  job: Job,
  method: ApplyMethod,
  { home, changes, place }: { home: PlacesHome; changes: readonly Change[]; place: Place | null },
): Promise<Told> {
  const message = preview(job.title ?? job.prompt, SUBJECT_CHARS);
  if (method === "patch" || place === null) {
    const outcome = await applyJob(home, changes, { target: job.cwd });
    return told(outcome, `The changes of job ${job.id} are in ${job.tree.root}, not committed`);
  }
  if (method === "merge") {
    return told(await mergeJob(home, place, { message }), `Job ${job.id} is merged, and no hook was run`);
  }
  const { branch, left } = await branchJob(home, place, { name: place.branch, message });
  const does =
    `The changes of job ${job.id} are the branch ${branch} of ${job.tree.root}, and no hook was run.`;
  return { files: [], conflicts: [], message: does + notHeld(left) };
}

/** What writing came to. @param done the sentence for success, without its full stop */
export function told(outcome: WriteOutcome, done: string): Told {
  if (outcome.kind === "conflicts") {
    const count = outcome.conflicts.length;
    const message = `${
      count === 1 ? "A file stands" : `${count} files stand`
    } against it, so nothing was changed.`;
    return { files: [], conflicts: [...outcome.conflicts], message };
  }
  const { files, left } = outcome;
  return {
    files: [...files],
    conflicts: [],
    message: `${done}: ${files.length === 1 ? "1 file" : `${files.length} files`} written.${notHeld(left)}`,
  };
}

function notHeld(left: readonly { path: string; why: string }[]): string {
  if (left.length === 0) return "";
  return ` Not held, and so left as they are: ${left.map(({ path, why }) => `${path} (${why})`).join(", ")}.`;
}
