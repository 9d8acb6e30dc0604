/**
 * Room `cli`: which job a person means: an id, the beginning of one, or `last`.
 *
 * @module
 */
import { jobLine } from "../../domain/job/job_line.ts";
import { AgentAsyncError } from "../../domain/errors.ts";
import { JobId } from "../../domain/job/ids.ts";
import type { CallOptions } from "../../service/call.ts";
import type { JobService } from "../../service/job_service.ts";
import { UsageError } from "../entry/exit_code.ts";

/** The newest job. No id contains an `l`, so it cannot be meant as one. */
const LAST = "last";

/** Jobs that are named when a shortened id is not unique. */
const MOST_NAMED = 10;

/**
 * @throws AgentAsyncError `not_found` when there is no such job.
 * @throws UsageError when several begin so.
 */
export async function resolveJob(
  service: JobService,
  reference: string,
  options?: CallOptions,
): Promise<string> {
  const wanted = reference.trim().toLowerCase();
  if (JobId.safeParse(wanted).success) return wanted;
  if (wanted === LAST) {
    const [newest] = (await service.list({ limit: 1 }, options)).jobs;
    if (newest === undefined) throw new AgentAsyncError("not_found", "There is no job yet");
    return newest.job_id;
  }
  const found = /^[0-9a-z]{1,8}$/.test(wanted)
    ? (await service.list({ id_prefix: wanted, limit: MOST_NAMED }, options)).jobs
    : [];
  const [only, another] = found;
  if (only === undefined) {
    throw new AgentAsyncError(
      "not_found",
      `No job has an id that is or begins with ${JSON.stringify(reference)}`,
      {
        hint: "agent-async list shows the newest jobs.",
      },
    );
  }
  if (another !== undefined) {
    const lines = found.map((job) => `  ${job.job_id}  ${job.agent}  ${job.status}  ${jobLine(job)}`);
    throw new UsageError(`${reference} is the beginning of several ids:\n${lines.join("\n")}`, {
      hint: "Write more of the id.",
    });
  }
  return only.job_id;
}

/** Each as {@link resolveJob}, in order, without repetitions. */
export async function resolveJobs(
  service: JobService,
  references: readonly string[],
  options?: CallOptions,
): Promise<string[]> {
  const ids: string[] = [];
  for (const reference of references) ids.push(await resolveJob(service, reference, options));
  return [...new Set(ids)];
}
