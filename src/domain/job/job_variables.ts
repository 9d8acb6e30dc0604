/**
 * Room `domain`: the variables that mark every process of a job, and with which a start inside of a job says so.
 *
 * @module
 */

/** The id of the job that a process belongs to. Ending a job ends every process that carries it. */
export const JOB_VARIABLE = "AGENT_ASYNC_JOB_ID";

/** How many jobs that job is inside of, itself included: 1 for one that no other job has started. */
export const DEPTH_VARIABLE = "AGENT_ASYNC_DEPTH";
