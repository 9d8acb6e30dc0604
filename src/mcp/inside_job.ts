/**
 * Room `mcp`: a server that an agent has started inside a job knows which one.
 *
 * @module
 */
import { JOB_ID_FORM } from "../domain/job/job_id_form.ts";
import { JOB_VARIABLE } from "../domain/job/job_variables.ts";

/** The job around this server. */
export function jobAround(env: Readonly<Record<string, string>>): string | undefined {
  const id = env[JOB_VARIABLE];
  return id !== undefined && JOB_ID_FORM.test(id) ? id : undefined;
}
