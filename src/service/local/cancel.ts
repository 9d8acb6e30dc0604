/**
 * Room `service`, part of `LocalService`: ending a job, or the jobs of a group, with all that they have started.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import { isActive, type Job } from "../../domain/job/job.ts";
import { survivorsText } from "../../domain/turn/outcome.ts";
import { isFinished } from "../../domain/job/reason.ts";
import { requireReadable } from "../../domain/job/unreadable_job.ts";
import type { Cancelled } from "../../scheduler/cancellation.ts";
import type { CallOptions } from "../call.ts";
import type { Answer, CheckedRequest } from "../job_service.ts";
import { requireOwnJob } from "./caller_rights.ts";
import { findJobOrThrow, type LocalDependencies } from "./dependencies.ts";
import { jobsOfGroup } from "./group.ts";

/** @throws {AgentAsyncError} `conflict` from inside a job that did not start it, or not all of a group: then none ends. */
export async function cancelJobs(
  { job_id }: CheckedRequest<"cancel">,
  dependencies: LocalDependencies,
  { caller }: CallOptions,
): Promise<Answer<"cancel">> {
  const { store } = dependencies;
  const group = await store.get(job_id) === null ? await jobsOfGroup(job_id, dependencies) : [];
  const ids = group.length === 0 ? [job_id] : group.map(({ id }) => id).toReversed();
  for (const id of ids) await requireOwnJob({ job_id: id, verb: "cancel" }, caller, { dependencies });
  if (group.length === 0) return await cancelJob(job_id, dependencies);
  const jobs = await Promise.all(ids.map((id) => cancelJob(id, dependencies)));
  const statuses = jobs.map(({ status }) => status);
  const status = statuses.find((one) => one === "cancelled") ?? statuses[0] ?? "cancelled";
  return { job_id, status, message: jobs.map(({ message }) => message).join(" "), jobs };
}

async function cancelJob(job_id: string, dependencies: LocalDependencies): Promise<Answer<"cancel">> {
  const { store } = dependencies;
  const before = await findJobOrThrow(store, job_id);
  if (isFinished(before.state.status)) {
    const message = `Job ${job_id} had already ended (${before.state.status}); nothing was changed.`;
    return { job_id, status: before.state.status, message };
  }
  requireReadable(before, "cancel");
  if (!isActive(before)) {
    throw new AgentAsyncError("conflict", `Cannot cancel job ${job_id}: it is ${before.state.status}`, {
      hint: "Only a later version of agent-async knows what that means: cancel it with that.",
    });
  }
  const { job: { state: { status } }, survivors } = await cancelTree(before, dependencies);
  const left = survivors.length === 0 ? "nothing of it is left running" : `but ${survivorsText(survivors)}`;
  const message = status === "cancelled"
    ? `Job ${job_id} is cancelled; ${left}. Files that it wrote are still there.`
    : `Job ${job_id} ended (${status}) before it could be cancelled; ${left}.`;
  return { job_id, status, message };
}

/** Ends the children before the job, the deepest first. Survivors are the processes of all that would not end. */
async function cancelTree(job: Job, dependencies: LocalDependencies): Promise<Cancelled> {
  const { store, scheduler } = dependencies;
  const survivors: number[] = [];
  const cancelIfActive = async (child: Job) => {
    if (!isActive(child) && !await hasActiveChildren(child, dependencies)) return;
    survivors.push(...(await cancelTree(child, dependencies)).survivors);
  };
  await Promise.all((await store.childrenOf(job.id)).map(cancelIfActive));
  const ended = await scheduler.cancel(job.id);
  // The agent may have started another child while its first children were being ended.
  await Promise.all((await store.childrenOf(job.id)).map(cancelIfActive));
  return { job: ended.job, survivors: [...new Set([...survivors, ...ended.survivors])] };
}

async function hasActiveChildren(job: Job, dependencies: LocalDependencies): Promise<boolean> {
  for (const child of await dependencies.store.childrenOf(job.id)) {
    if (isActive(child) || await hasActiveChildren(child, dependencies)) return true;
  }
  return false;
}
