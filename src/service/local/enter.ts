/**
 * Room `service`, part of `LocalService`: a person goes into the place of a job. The agent could write all of it, its
 * `.git` too, and the person's git would run what is named there.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import { isActive, type Job } from "../../domain/job/job.ts";
import { disarmPlace } from "../../places/isolation/discard_place.ts";
import { isIsolated, whereOf } from "../../scheduler/turn/where.ts";
import type { Caller } from "../call.ts";
import type { Answer, CheckedRequest } from "../job_service.ts";
import { requireOutside } from "./caller_rights.ts";
import { findJobOrThrow, type LocalDependencies } from "./dependencies.ts";
import { asGitSays, placesOf } from "./diff.ts";

/**
 * Goes into the place of a job, and where the caller stays, keeps turns of the job from beginning.
 *
 * @throws {AgentAsyncError} `not_found`; `conflict` where nobody should go in, or there is nothing to go into.
 */
export async function enterPlace(
  { job_id, stay, program_pid }: CheckedRequest<"enter">,
  dependencies: LocalDependencies,
  { caller }: { caller?: Caller | undefined },
): Promise<Answer<"enter">> {
  await requireOutside(caller, dependencies);
  const { visits, locks, options: { processes } } = dependencies.scheduler;
  const pid = caller?.pid ?? null;
  // A reply is accepted under the same lock: either it comes first and this is refused, or it waits.
  return await locks.exclusively(job_id, async () => {
    const job = await findJobOrThrow(dependencies.store, job_id);
    if (program_pid !== undefined) {
      const isCallers = processes.ancestry(program_pid).some((one) => one.pid === pid);
      if (isCallers && visits.visitor(job_id) === pid) visits.begin(job_id, program_pid);
      return { job_id, path: job.cwd };
    }
    visits.requireNobody(job_id, "open");
    if (stay && isActive(job)) {
      throw new AgentAsyncError("conflict", `Cannot open job ${job_id}: it is ${job.state.status}`);
    }
    const answer = await disarmed(job, dependencies);
    if (stay && pid !== null) visits.begin(job_id, pid);
    return answer;
  });
}

async function disarmed(job: Job, dependencies: LocalDependencies): Promise<Answer<"enter">> {
  const { id: job_id } = job;
  if (!isIsolated(job)) return { job_id, path: job.cwd };
  const cannot = (why: string) =>
    new AgentAsyncError("conflict", `Cannot go into the place of job ${job_id}: ${why}`);
  if (isActive(job)) throw cannot(`the job is ${job.state.status}`);
  const places = placesOf(dependencies);
  const { place } = whereOf(job, places);
  if (place === null) throw cannot("it was discarded");
  if (!await asGitSays(job_id, places, () => disarmPlace(places, job_id))) {
    throw cannot("its .git was replaced, and leads elsewhere");
  }
  return { job_id, path: place.cwd };
}
