/**
 * Room `cli`: keeps a job from changing what limits it. The daemon decides by the caller's ancestors whether it is
 * inside a job; its environment is only a hint.
 *
 * @module
 */
import { AgentAsyncError } from "../domain/errors.ts";
import { JOB_VARIABLE } from "../domain/job/job_variables.ts";
import type { JobAround } from "../service/read_requests.ts";
import { ifOurs } from "../system/files/files.ts";
import type { Context } from "./context.ts";
import { existingDaemon, homeOf } from "./existing_daemon.ts";

/**
 * Asks a running daemon. Without one no job is watched; then only a caller whose environment names a job has one started
 * to ask.
 *
 * @param doing what is refused, such as `change the configuration`
 * @throws {AgentAsyncError} `conflict` from inside a running job
 */
export async function refuseInsideJob(context: Context, doing: string): Promise<void> {
  const { job_id } = await jobAround(context);
  if (job_id === null) return;
  throw new AgentAsyncError("conflict", `Cannot ${doing} from inside job ${job_id}`, {
    hint: "A job must not widen what it may do. Do it in a terminal of your own, outside of every job.",
  });
}

async function jobAround(context: Context): Promise<JobAround> {
  const options = { signal: context.interrupt };
  if ((context.io.env[JOB_VARIABLE] ?? "") !== "") {
    return await (await context.service()).jobAround({}, options);
  }
  // Looking for the socket would create the state directory.
  if (ifOurs(() => Deno.statSync(homeOf(context))) === null) return OUTSIDE;
  // A daemon that does not answer must not keep anybody from mending its configuration.
  return await existingDaemon(context, (service) => service.jobAround({}, options)).catch(() => OUTSIDE) ??
    OUTSIDE;
}

const OUTSIDE: JobAround = { job_id: null };
