/**
 * Room `mcp`: the job that this server's environment names. An agent inside a job starts its servers with its own
 * environment.
 *
 * @module
 */
import { JOB_ID_FORM } from "../domain/job/job_id_form.ts";
import { JOB_VARIABLE } from "../domain/job/job_variables.ts";

/** `undefined` for a server outside of every job. */
export function claimedJob(env: Readonly<Record<string, string>>): string | undefined {
  const id = env[JOB_VARIABLE];
  return id !== undefined && JOB_ID_FORM.test(id) ? id : undefined;
}
