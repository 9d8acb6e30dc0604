/**
 * Room `mcp`: the tool `job_poll`.
 *
 * @module
 */
import * as z from "zod";
import { PollRequest } from "../../../service/read_requests.ts";
import { JobIdArgument } from "../definition/arguments.ts";
import { defineTool, toolSpec } from "../definition/define_tool.ts";
import { jobAnswer, JobOutput } from "../../views/job_answer.ts";
import { READS_ONLY } from "../definition/tool.ts";

export const jobPollSpec = toolSpec({
  name: "job_poll",
  title: "Look at a job",
  description:
    "What one background job is doing now or, if it did finish, its result and the files that the agent " +
    "(Codex or another) changed. " +
    "Answers at once and changes nothing. To wait for the end use job_wait, do not poll in a loop; " +
    "for each step in order use job_events.",
  input: z.object({
    job_id: JobIdArgument.describe("id from a start"),
    tail_lines: PollRequest.shape.tail_lines.describe("last lines of the transcript to return in output"),
  }),
  output: JobOutput,
  annotations: READS_ONLY,
  async run(args, context) {
    const job = await context.service.poll(args, { signal: context.signal });
    return jobAnswer(job, context);
  },
});

export const jobPoll = defineTool(jobPollSpec);
