/**
 * Room `service`, part of `LocalService`: a person goes into the place of a job. The agent could write all of it, its
 * `.git` too, and the person's git would run what is named there.
 *
 * @module
 */
import { AgentAsyncError } from "../../domain/errors.ts";
import { isActive } from "../../domain/job/job.ts";
import { disarmPlace } from "../../places/isolation/discard_place.ts";
import { isIsolated, whereOf } from "../../scheduler/turn/where.ts";
import type { Caller } from "../call.ts";
import type { Answer, CheckedRequest } from "../job_service.ts";
import { requireOutside } from "./caller_rights.ts";
import { findJobOrThrow, type LocalDependencies } from "./dependencies.ts";
import { asGitSays, placesOf } from "./diff.ts";

/** @throws {AgentAsyncError} `not_found`; `conflict` where nobody should go in, or there is nothing to go into. */
export async function enterPlace(
  { job_id }: CheckedRequest<"enter">,
  dependencies: LocalDependencies,
  { caller }: { caller?: Caller | undefined },
): Promise<Answer<"enter">> {
  await requireOutside(caller, dependencies);
  const job = await findJobOrThrow(dependencies.store, job_id);
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
