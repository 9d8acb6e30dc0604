/**
 * Room `mcp`: a server that an agent has started inside a job knows which one.
 *
 * @module
 */
import { JOB_ID_FORM } from "../domain/job/job_id_form.ts";

/** The mark that the kernel puts on every process of a job. */
const JOB_VARIABLE = "AGENT_ASYNC_JOB_ID";

/** The job around this server. */
export function jobAround(env: Readonly<Record<string, string>>): string | undefined {
  const id = env[JOB_VARIABLE];
  return id !== undefined && JOB_ID_FORM.test(id) ? id : undefined;
}
