/**
 * Room `mcp`: the tool `job_list`.
 *
 * @module
 */
import * as z from "zod";
import { ListRequest } from "../../../service/read_requests.ts";
import { firstThatFits } from "../../views/answer_size.ts";
import { BRIEF_DETAILS, briefLine, BriefOutput, briefView } from "../../views/brief_view.ts";
import { defineTool, toolSpec } from "../definition/define_tool.ts";
import { READS_ONLY } from "../definition/tool.ts";

const { shape } = ListRequest;

/** Jobs of one list: what a host takes in one piece. */
const MOST = 100;

export const jobListSpec = toolSpec({
  name: "job_list",
  title: "List jobs",
  description:
    "All background jobs of coding agents, newest first, of other sessions too: to find a job id again. Answers at once, without results " +
    "and transcripts (job_poll has them); what runs and waits now is in queue_status.",
  input: z.object({
    limit: z.number().int().min(1).max(MOST).default(20).describe("how many"),
    status: shape.status.describe("only jobs in this state"),
    agent: shape.agent.describe("only jobs of this agent"),
    cwd: shape.cwd.describe("only jobs in this directory"),
  }),
  output: z.object({ jobs: z.array(BriefOutput), total: z.number().describe("all that match") }).loose(),
  annotations: READS_ONLY,
  async run(args, context) {
    const { jobs, total, notice } = await context.service.list(args, { signal: context.signal });
    return firstThatFits(BRIEF_DETAILS, (detail) => ({
      structured: {
        jobs: jobs.map((job) => briefView(job, detail, context)),
        total,
        ...(notice === undefined ? {} : { notice }),
      },
      text: [
        ...(notice === undefined ? [] : [notice]),
        `${jobs.length} of ${total} jobs, newest first`,
        ...jobs.map((job) => briefLine(job, detail)),
      ]
        .join("\n"),
    }));
  },
});

export const jobList = defineTool(jobListSpec);
