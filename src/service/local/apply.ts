/**
 * Room `service`, part of `LocalService`: a job's changes are taken over, back or away, explicitly and all or nothing.
 *
 * @module
 */
import { AgentAsyncError, invalidArgument } from "../../domain/errors.ts";
import { isActive, type Job, type JobWork } from "../../domain/job/job.ts";
import { mayWrite } from "../../domain/agent/policy.ts";
import { requireReadable } from "../../domain/job/unreadable_job.ts";
import { transition } from "../../domain/job/transition.ts";
import { treesMeet } from "../../domain/job/tree.ts";
import { discardPlace } from "../../places/isolation/discard_place.ts";
import type { Place } from "../../places/isolation/place.ts";
import { undoJob } from "../../places/writing/undo_job.ts";
import { isIsolated, whereOf } from "../../scheduler/turn/where.ts";
import type { Caller } from "../call.ts";
import type { Answer, CheckedRequest } from "../job_service.ts";
import { requireOwnJob } from "./caller_rights.ts";
import { findJobOrThrow, type LocalDependencies } from "./dependencies.ts";
import { asGitSays, changesOf, placesOf } from "./diff.ts";
import { takeOver, told } from "./take_over.ts";
import { checkWorkingDirectory } from "./working_directory.ts";

const UNTOUCHED: JobWork = { applied: 0, undone: 0 };

/** @throws {AgentAsyncError} `not_found`; `conflict` for what the present state does not allow. */
export async function applyWork(
  { job_id, action, method }: CheckedRequest<"apply">,
  dependencies: LocalDependencies,
  { caller }: { caller?: Caller | undefined },
): Promise<Answer<"apply">> {
  if (method !== undefined && action !== "apply") {
    throw invalidArgument("method", `means nothing with ${action}`);
  }
  await requireOwnJob({ job_id, verb: `${action} the changes of` }, caller, { dependencies });
  return await dependencies.scheduler.locks.exclusively(job_id, async () => {
    const job = await findJobOrThrow(dependencies.store, job_id);
    requireReadable(job, action);
    if (isActive(job)) {
      throw new AgentAsyncError("conflict", `Cannot ${action} job ${job_id}: it is ${job.state.status}`, {
        hint: "Wait for it with job_wait, or end it with job_cancel.",
      });
    }
    dependencies.scheduler.visits.requireNobody(job_id, `${action} the changes of`);
    if (action === "undo") return await undo(job, dependencies);
    if (!isIsolated(job)) throw inPlace(job, action);
    return action === "apply"
      ? await apply(job, method ?? "patch", dependencies)
      : await discard(job, dependencies);
  });
}

function inPlace(job: Job, action: "apply" | "discard"): AgentAsyncError {
  return new AgentAsyncError(
    "conflict",
    action === "apply"
      ? `Job ${job.id} worked in ${job.cwd} itself: what it changed is there already`
      : `Job ${job.id} has no place of its own that could be discarded: it worked in ${job.cwd} itself`,
    { hint: action === "apply" ? "See it with job_diff." : 'Its changes are taken back with action "undo".' },
  );
}

async function apply(
  job: Job,
  method: "patch" | "merge" | "branch",
  dependencies: LocalDependencies,
): Promise<Answer<"apply">> {
  const work = job.work ?? UNTOUCHED;
  const { changes } = changesOf(job, dependencies);
  const left = changes.filter(({ turn }) => turn > work.applied);
  const answer = { job_id: job.id, action: "apply" as const };
  if (left.length === 0) {
    const message = work.applied > 0
      ? `The changes of job ${job.id} are there already; nothing was changed.`
      : `Job ${job.id} changed no files; nothing was changed.`;
    return { ...answer, files: [], conflicts: [], message };
  }
  await requireFreeTree(job, dependencies);
  const home = placesOf(dependencies);
  const taken = await asGitSays(job.id, home, () =>
    takeOver(job, method, {
      home,
      changes: left.map(({ change }) => change),
      place: method === "patch" ? null : placeOf(job, dependencies),
    }));
  if (taken.conflicts.length === 0) {
    await note(job, dependencies, {
      applied: job.last_turn,
      undone: 0,
      ...(method === "patch" ? {} : { method }),
    });
  }
  return { ...answer, ...taken };
}

/** @throws {AgentAsyncError} `conflict` when the place was discarded. */
function placeOf(job: Job, dependencies: LocalDependencies): Place {
  const { place } = whereOf(job, placesOf(dependencies));
  if (place !== null) return place;
  throw new AgentAsyncError("conflict", `The place of job ${job.id} was discarded`, {
    hint: 'Its changes can still be taken over with method "patch".',
  });
}

async function discard(job: Job, dependencies: LocalDependencies): Promise<Answer<"apply">> {
  const home = placesOf(dependencies);
  const there = await asGitSays(job.id, home, () => discardPlace(home, job.id));
  await note(job, dependencies, { ...job.work ?? UNTOUCHED, discarded: true });
  const message = there
    ? `The place of job ${job.id} is gone. What it changed can still be seen with job_diff.`
    : `The place of job ${job.id} was gone already; nothing was changed.`;
  return { job_id: job.id, action: "discard", files: [], conflicts: [], message };
}

async function undo(job: Job, dependencies: LocalDependencies): Promise<Answer<"apply">> {
  const work = job.work ?? UNTOUCHED;
  const { changes } = changesOf(job, dependencies);
  // Of a job with a place of its own only what was taken over is in the caller's tree.
  const there = isIsolated(job) ? changes.filter(({ turn }) => turn <= work.applied) : changes;
  const left = there.filter(({ turn }) => turn > work.undone);
  const answer = { job_id: job.id, action: "undo" as const };
  if (work.method !== undefined) {
    throw new AgentAsyncError(
      "conflict",
      `The changes of job ${job.id} were taken over as commits (${work.method}): git takes those back`,
      { hint: work.method === "branch" ? "Delete the branch." : "Use git revert or git reset." },
    );
  }
  if (left.length === 0) {
    const message = work.undone > 0
      ? `The changes of job ${job.id} were taken back before; nothing was changed.`
      : `Job ${job.id} has changed no files here; nothing was changed.`;
    return { ...answer, files: [], conflicts: [], message };
  }
  await requireFreeTree(job, dependencies);
  const { root } = job.tree;
  const home = placesOf(dependencies);
  const outcome = await asGitSays(
    job.id,
    home,
    () => undoJob(home, left.map(({ change }) => ({ ...change, root })), { isElsewhere: isIsolated(job) }),
  );
  if (outcome.kind === "done") {
    // Taken back, they can be taken over again.
    await note(job, dependencies, {
      ...work,
      undone: job.last_turn,
      ...(isIsolated(job) ? { applied: 0, undone: 0 } : {}),
    });
  }
  return { ...answer, ...told(outcome, `The changes of job ${job.id} are taken back`) };
}

async function note(job: Job, { store }: LocalDependencies, work: JobWork): Promise<void> {
  await store.update(job.id, (latest) => transition(latest, { type: "work", work }));
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
  const writer = dependencies.scheduler.active.running().find((other) =>
    mayWrite(other.approval_policy) && !isIsolated(other) && treesMeet(other.tree, job.tree)
  );
  if (writer === undefined) return;
  throw new AgentAsyncError("conflict", `Job ${writer.id} writes in ${writer.tree.root} at this moment`, {
    hint: `Wait for it with job_wait, or end it with job_cancel.`,
  });
}
