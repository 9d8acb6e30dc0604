/**
 * Room `mcp`: the tools `<agent>_wait`: `job_wait` for one job, in the shape of earlier servers.
 *
 * @module
 */
import * as z from "zod";
import { isFinished } from "../../../domain/job/reason.ts";
import { WaitRequest } from "../../../service/read_requests.ts";
import { agentTitle } from "../../agent_titles.ts";
import { JobIdArgument } from "../definition/arguments.ts";
import { defineTool } from "../definition/define_tool.ts";
import { jobAnswer, JobOutput } from "../../views/job_answer.ts";
import { timeoutAnswer } from "../../views/timeout_view.ts";
import { READS_ONLY, type Tool } from "../definition/tool.ts";
import { waitWithProgress } from "../jobs/wait_progress.ts";

const { shape } = WaitRequest;

/** Lines of the transcript in an answer. */
const TAIL_LINES = 100;

/** @param agent its name, as in `<name>_wait`; jobs of other agents are waited for just as well. */
export function agentWait(agent: string): Tool {
  const name = `${agent}_wait`;
  return defineTool({
    name,
    title: `Wait for a ${agentTitle(agent)} job`,
    description:
      `Waits until one job of ${agent}_start has ended and returns its result; a job that ended before ` +
      "is answered at once. Answers after timeout_seconds at the latest with status timeout: that is normal, the " +
      "job goes on, call again; so is a new question of its, in questions, once. Cancelling the call cancels no job. For whichever job ends first use codex_await_any.",
    input: z.object({
      job_id: JobIdArgument.describe("id from a start"),
      timeout_seconds: shape.timeout_seconds.describe("hosts drop calls after 60 to 120 s"),
    }),
    output: JobOutput.extend({
      status: z.string().describe(
        "done, error or cancelled; or timeout, and the job goes on, or asks something",
      ),
      message: z.string().optional(),
    }),
    annotations: READS_ONLY,
    async run({ job_id, timeout_seconds }, context) {
      const request = { job_ids: [job_id], timeout_seconds, tail_lines: TAIL_LINES };
      const [ended] = (await waitWithProgress(request, context)).jobs;
      const job = ended ??
        await context.service.poll({ job_id, tail_lines: TAIL_LINES }, { signal: context.signal });
      if (!isFinished(job.status)) {
        return timeoutAnswer(job, name, { ...context, isForPerson: !await context.mayAnswer() });
      }
      context.feed.hasTold(job);
      return jobAnswer(job, context);
    },
  });
}
