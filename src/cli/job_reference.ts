/**
 * Room `cli`: which job a person means: an id, the beginning of one, or `last`.
 *
 * @module
 */
import { AgentAsyncError } from "../domain/errors.ts";
import { JobId } from "../domain/ids.ts";
import type { CallOptions, JobService } from "../service/job_service.ts";
import { UsageError } from "./exit_code.ts";

/** The newest job. No id contains an `l`, so it cannot be meant as one. */
const LAST = "last";

/** How many of the newest jobs a shortened id is looked for among: a page of the list. */
const PAGE = 100;

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
  const { jobs, total } = await service.list({ limit: wanted === LAST ? 1 : PAGE }, options);
  if (wanted === LAST) {
    const [newest] = jobs;
    if (newest === undefined) throw new AgentAsyncError("not_found", "There is no job yet");
    return newest.job_id;
  }
  const found = wanted === "" ? [] : jobs.filter((job) => job.job_id.startsWith(wanted));
  const [only, another] = found;
  if (only === undefined) {
    const among = total > PAGE ? ` among the newest ${PAGE}` : "";
    throw new AgentAsyncError(
      "not_found",
      `No job${among} has an id that is or begins with ${JSON.stringify(reference)}`,
      {
        hint: "agent-async list shows the newest jobs.",
      },
    );
  }
  if (another !== undefined) {
    const lines = found.map((job) => `  ${job.job_id}  ${job.agent}  ${job.status}  ${job.prompt}`);
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
