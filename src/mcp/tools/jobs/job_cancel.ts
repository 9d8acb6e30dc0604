/**
 * Room `mcp`: the tool `job_cancel`.
 *
 * @module
 */
import * as z from "zod";
import { JobIdArgument } from "../definition/arguments.ts";
import { defineTool, toolSpec } from "../definition/define_tool.ts";

export const jobCancelSpec = toolSpec({
  name: "job_cancel",
  title: "Cancel a job",
  description:
    "Ends (stops, kills) a pending or running background job of an agent with every process it started, and answers when nothing of it is left " +
    "(up to 10 seconds). Files written stay; waiting replies are dropped. An ended job is not changed. " +
    "To stop only waiting, cancel the job_wait call; to redirect a job use job_reply.",
  input: z.object({ job_id: JobIdArgument.describe("id from a start, or a group") }),
  output: z.looseObject({ job_id: z.string(), status: z.string(), message: z.string() }),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  async run(args, context) {
    const { jobs, ...receipt } = await context.service.cancel(args, { signal: context.signal });
    const { job_id, status, message } = receipt;
    return {
      structured: {
        ...receipt,
        ...(jobs === undefined ? {} : { jobs: jobs.map(({ job_id, status }) => ({ job_id, status })) }),
      },
      text: `${jobs === undefined ? "Job" : "Group"} ${job_id}: ${status}\n${message}`,
    };
  },
});

export const jobCancel = defineTool(jobCancelSpec);
