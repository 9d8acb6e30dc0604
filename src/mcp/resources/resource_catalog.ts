/**
 * Room `mcp`: the resources there are, as hosts list them right after the greeting. A list needs a daemon only when
 * one runs already.
 *
 * @module
 */
import { jobLine } from "../../domain/job/job_line.ts";
import type { Brief } from "../../domain/job/result.ts";
import type { Resource, ResourceTemplate } from "../desk/protocol_types.ts";
import { quoted } from "../views/fence.ts";
import { LIST_URI } from "./resource_uri.ts";

export const JSON_TYPE = "application/json";
export const TEXT_TYPE = "text/plain";
/** The media type of JSON lines: one document a line. */
export const LINES_TYPE = "application/x-ndjson";

/** Recent jobs in the list. */
export const LISTED_JOBS = 20;

const PROMPT_CHARS = 80;

export function listedResources(jobs: readonly Brief[]): Resource[] {
  return [
    {
      uri: LIST_URI,
      name: "jobs",
      title: "Recent jobs",
      description: "The newest jobs of all sessions, one brief each",
      mimeType: JSON_TYPE,
    },
    ...jobs.map((job) => ({
      uri: `${LIST_URI}${job.job_id}`,
      name: `job ${job.job_id}`,
      title: `${job.agent}, ${job.status}: ${quoted(jobLine(job), PROMPT_CHARS)}`,
      description: `Job ${job.job_id} of ${job.agent} in ${quoted(job.cwd, 300)}, created ${job.created_at}`,
      mimeType: JSON_TYPE,
    })),
  ];
}

export const RESOURCE_TEMPLATES: readonly ResourceTemplate[] = [
  {
    uriTemplate: "job://{job_id}",
    name: "job",
    title: "A job's state and result",
    description: "Status, final message, changed files, usage and the end of the transcript of one job",
    mimeType: JSON_TYPE,
  },
  {
    uriTemplate: "job://{job_id}/output",
    name: "job output",
    title: "A job's transcript",
    description: "What the agent said and did, for people; the end of it when it is long",
    mimeType: TEXT_TYPE,
  },
  {
    uriTemplate: "job://{job_id}/events",
    name: "job events",
    title: "A job's events",
    description: "What the agent did, one JSON document a line; the newest ones when there are many",
    mimeType: LINES_TYPE,
  },
] as const;
