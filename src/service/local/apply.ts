/**
 * Room `service`, part of `LocalService`: a job's changes are taken over, back or away, explicitly and all or nothing.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import { isActive, type Job, type JobWork } from "../../domain/job/job.ts";
import { mayWrite } from "../../domain/agent/policy.ts";
import { requireReadable } from "../../domain/job/unreadable_job.ts";
import { transition } from "../../domain/job/transition.ts";
import { treesMeet } from "../../domain/job/tree.ts";
import type { WriteOutcome } from "../../places/writing/outcome.ts";
import { undoJob } from "../../places/writing/undo_job.ts";
import type { Caller } from "../call.ts";
import type { Answer, CheckedRequest } from "../job_service.ts";
import { requireOwnJob } from "./caller_rights.ts";
import { findJobOrThrow, type LocalDependencies } from "./dependencies.ts";
import { asGitSays, changesOf, placesOf } from "./diff.ts";
import { checkWorkingDirectory } from "./working_directory.ts";

const UNTOUCHED: JobWork = { applied: 0, undone: 0 };

/** @throws {AgentAsyncError} `not_found`; `conflict` for what the present state does not allow. */
export async function applyWork(
  { job_id, action }: CheckedRequest<"apply">,
  dependencies: LocalDependencies,
  { caller }: { caller?: Caller | undefined },
): Promise<Answer<"apply">> {
  await requireOwnJob({ job_id, verb: `${action} the changes of` }, caller, { dependencies });
  return await dependencies.scheduler.locks.exclusively(job_id, async () => {
    const job = await findJobOrThrow(dependencies.store, job_id);
    requireReadable(job, action);
    if (isActive(job)) {
      throw new AgentAsyncError("conflict", `Cannot ${action} job ${job_id}: it is ${job.state.status}`, {
        hint: "Wait for it with job_wait, or end it with job_cancel.",
      });
    }
    if (action === "undo") return await undo(job, dependencies);
    throw new AgentAsyncError(
      "conflict",
      action === "apply"
        ? `Job ${job_id} worked in ${job.cwd} itself: what it changed is there already`
        : `Job ${job_id} has no place of its own that could be discarded: it worked in ${job.cwd} itself`,
      {
        hint: action === "apply" ? "See it with job_diff." : 'Its changes are taken back with action "undo".',
      },
    );
  });
}

async function undo(job: Job, dependencies: LocalDependencies): Promise<Answer<"apply">> {
  const work = job.work ?? UNTOUCHED;
  const { changes } = changesOf(job, dependencies);
  const left = changes.filter(({ turn }) => turn > work.undone);
  const answer = { job_id: job.id, action: "undo" as const };
  if (left.length === 0) {
    const message = work.undone > 0
      ? `The changes of job ${job.id} were taken back before; nothing was changed.`
      : `Job ${job.id} changed no files; nothing was changed.`;
    return { ...answer, files: [], conflicts: [], message };
  }
  await requireFreeTree(job, dependencies);
  const outcome = await asGitSays(
    job.id,
    () => undoJob(placesOf(dependencies), left.map(({ change }) => change)),
  );
  if (outcome.kind === "done") {
    await dependencies.store.update(
      job.id,
      (latest) => transition(latest, { type: "work", work: { ...work, undone: job.last_turn } }),
    );
  }
  return { ...answer, ...told(outcome, job) };
}

/** @throws {AgentAsyncError} where nobody may write there, or another job does. */
async function requireFreeTree(job: Job, dependencies: LocalDependencies): Promise<void> {
  const { maxPolicy, allowedRoots } = dependencies.settings();
  if (!mayWrite(maxPolicy)) {
    throw new AgentAsyncError(
      "conflict",
      `Nothing may be written: max_approval_policy is ${maxPolicy} in the configuration`,
    );
  }
  await checkWorkingDirectory(job.cwd, allowedRoots);
  const writer = dependencies.scheduler.queue().running
    .find((other) => mayWrite(other.approval_policy) && treesMeet(other.tree, job.tree));
  if (writer === undefined) return;
  throw new AgentAsyncError("conflict", `Job ${writer.id} writes in ${writer.tree.root} at this moment`, {
    hint: `Wait for it with job_wait, or end it with job_cancel.`,
  });
}

function told(outcome: WriteOutcome, job: Job): Pick<Answer<"apply">, "files" | "conflicts" | "message"> {
  if (outcome.kind === "conflicts") {
    const count = outcome.conflicts.length;
    const message = `${
      count === 1 ? "A file stands" : `${count} files stand`
    } against it, so nothing was changed.`;
    return { files: [], conflicts: [...outcome.conflicts], message };
  }
  const { files, left } = outcome;
  const kept = left.length === 0
    ? ""
    : ` Not held, and so left as they are: ${left.map(({ path, why }) => `${path} (${why})`).join(", ")}.`;
  return {
    files: [...files],
    conflicts: [],
    message: `The changes of job ${job.id} are taken back: ${files.length} ${
      files.length === 1 ? "file" : "files"
    } written.${kept}`,
  };
}
