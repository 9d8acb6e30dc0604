/**
 * Room `mcp`: a server that an agent has started inside a job knows which one.
 *
 * @module
 */
import { JobId } from "../domain/ids.ts";

/** The mark that the kernel puts on every process of a job. */
const JOB_VARIABLE = "AGENT_ASYNC_JOB_ID";

/** The job around this server. */
export function jobAround(env: Readonly<Record<string, string>>): string | undefined {
  const parsed = JobId.safeParse(env[JOB_VARIABLE]);
  return parsed.success ? parsed.data : undefined;
}
