/**
 * Room `cli`: finds the job that a person means by an id, by the beginning of an id, or by `last`.
 *
 * @module
 */
import { jobLine } from "../../domain/job/job_line.ts";
import { AgentAsyncError } from "../../domain/errors.ts";
import { JobId } from "../../domain/job/ids.ts";
import type { CallOptions } from "../../service/call.ts";
import type { JobService } from "../../service/job_service.ts";
import { MAX_LISTED } from "../../service/read_requests.ts";
import { UsageError } from "../entry/exit_code.ts";

/** The word for the newest job. It cannot be the beginning of an id, since no id contains the letter `l`. */
const LAST = "last";

/** How many jobs an error names at most, when the beginning of an id is not unique. */
const MOST_NAMED = 10;

/**
 * The id of the job that `reference` means. A complete id is returned without asking the daemon whether the job exists.
 *
 * @throws AgentAsyncError `not_found` when no job fits.
 * @throws UsageError when several ids begin with `reference`.
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

/** Resolves each reference as {@link resolveJob} does, keeps their order and drops repeated ids. */
export async function resolveJobs(
  service: JobService,
  references: readonly string[],
  options?: CallOptions,
): Promise<string[]> {
  const ids: string[] = [];
  for (const reference of references) ids.push(await resolveJob(service, reference, options));
  return [...new Set(ids)];
}

/** @throws AgentAsyncError `not_found` when one of these is neither a job nor a group. */
export async function requireThere(
  service: JobService,
  ids: readonly string[],
  options?: CallOptions,
): Promise<void> {
  const isThere = async (id: string) =>
    (await service.list({ id_prefix: id, limit: 1 }, options)).total > 0 ||
    (await service.list({ group: id, limit: 1 }, options)).total > 0;
  for (const id of ids) {
    if (!await isThere(id)) throw new AgentAsyncError("not_found", `There is no job ${id}`);
  }
}

/**
 * What `ask` answers about the jobs `ids`. Where the daemon does not know one of them, each that is a group stands for
 * all its jobs, in the order of their starts, and `ask` is called again.
 *
 * @throws AgentAsyncError `not_found` when an id is neither a job nor a group.
 */
export async function askWithGroups<Answer>(
  service: JobService,
  ids: readonly string[],
  ask: (ids: string[]) => Promise<Answer>,
  options?: CallOptions,
): Promise<Answer> {
  try {
    return await ask([...ids]);
  } catch (error) {
    if (!(error instanceof AgentAsyncError) || error.code !== "not_found") throw error;
    const members = await Promise.all(
      ids.map((group) => service.list({ group, limit: MAX_LISTED }, options)),
    );
    if (members.every(({ jobs }) => jobs.length === 0)) throw error;
    const jobs = ids.flatMap((id, index) => {
      const found = members[index]?.jobs.map(({ job_id }) => job_id).toReversed() ?? [];
      return found.length === 0 ? [id] : found;
    });
    return await ask([...new Set(jobs)]);
  }
}
