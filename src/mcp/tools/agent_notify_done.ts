/**
 * Room `mcp`: the tool `agent_notify_done`, by which an agent says what it has done before its process ends.
 *
 * @module
 */
import * as z from "zod";
import { invalidArgument } from "../../domain/errors.ts";
import { NotifyDoneRequest } from "../../service/requests.ts";
import { JobIdArgument } from "../arguments.ts";
import { defineTool } from "../define_tool.ts";
import { jobAround } from "../inside_job.ts";

export const agentNotifyDone = defineTool({
  name: "agent_notify_done",
  title: "Report a job as done",
  description:
    "For an agent inside a job: records its summary of the work and wakes those who wait for the job with " +
    "it. Call it once, as the last step. Answers at once. It does not end the job: that happens, and its slot is " +
    "free, when the agent's process has ended. From outside, job_cancel ends a job.",
  input: z.object({
    job_id: JobIdArgument.optional().describe("default: the job around this server"),
    summary: NotifyDoneRequest.shape.summary.describe("what was done, for the one who waits"),
  }),
  output: z.looseObject({
    job_id: z.string(),
    status: z.string().describe("of the job now"),
    summary: z.string().optional(),
    message: z.string(),
  }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async run(args, context) {
    const job_id = args.job_id ?? jobAround(context.origin.env);
    if (job_id === undefined) {
      throw invalidArgument("job_id", "is required, since this server runs inside no job");
    }
    const { summary } = args;
    const job = await context.service.notifyDone(
      { job_id, ...(summary === undefined ? {} : { summary }) },
      { signal: context.signal },
    );
    const message = `Recorded for job ${job_id}; those who wait for it have been woken.`;
    const recorded = job.summary === undefined ? {} : { summary: job.summary };
    return {
      structured: { job_id, status: job.status, ...recorded, message },
      text: `Job ${job_id}: ${job.status}\n${message}`,
    };
  },
});
