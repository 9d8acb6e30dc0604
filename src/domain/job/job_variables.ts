/**
 * Room `domain`: the environment variables of every process of a job. They also tell where a start inside a job
 * comes from.
 *
 * @module
 */

/** The id of the job that a process belongs to. Ending a job ends every process that carries it. */
export const JOB_VARIABLE = "AGENT_ASYNC_JOB_ID";

/** Nesting depth of the process's job: 1 for a job that was not started inside another one. */
export const DEPTH_VARIABLE = "AGENT_ASYNC_DEPTH";
