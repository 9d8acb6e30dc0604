/**
 * Room `mcp`: the tool `agent_notify_done`, by which an agent says what it has done before its process ends.
 *
 * @module
 */
import * as z from "zod";
import { invalidArgument } from "../../../domain/errors.ts";
import { isFinished } from "../../../domain/job/reason.ts";
import { NotifyDoneRequest } from "../../../service/requests.ts";
import { JobIdArgument } from "../definition/arguments.ts";
import { defineTool } from "../definition/define_tool.ts";
import { claimedJob } from "../../claimed_job.ts";

export const agentNotifyDone = defineTool({
  name: "agent_notify_done",
  title: "Report a job as done",
  description:
    "For an agent inside a job: its own word that the job is done, with a summary of the work. Call it once, as " +
    "the last step; answers at once. The job is done when the agent's process has left; one that stays silent is " +
    "ended after a grace period, and then the summary is the result if there is no other. " +
    "From outside, job_cancel ends a job.",
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
    const job_id = args.job_id ?? claimedJob(context.origin.env);
    if (job_id === undefined) {
      throw invalidArgument("job_id", "is required, since this server runs inside no job");
    }
    const { summary } = args;
    const job = await context.service.notifyDone(
      { job_id, ...(summary === undefined ? {} : { summary }) },
      { signal: context.signal },
    );
    const message = isFinished(job.status)
      ? `Recorded for job ${job_id}, which has ended.`
      : `Recorded for job ${job_id}: it ends when its agent leaves, which silence brings about as well.`;
    const recorded = job.summary === undefined ? {} : { summary: job.summary };
    return {
      structured: { job_id, status: job.status, ...recorded, message },
      text: `Job ${job_id}: ${job.status}\n${message}`,
    };
  },
});
