/**
 * Room `mcp`: the tool `codex_await_any`: the next end that this session has not been told of by it.
 *
 * @module
 */
import * as z from "zod";
import { WaitRequest } from "../../../service/read_requests.ts";
import { briefLine, BriefOutput, briefView } from "../../views/brief_view.ts";
import { defineTool } from "../definition/define_tool.ts";
import { jobAnswer, JobOutput } from "../../views/job_answer.ts";
import { READS_ONLY } from "../definition/tool.ts";
import { withProgress } from "../jobs/wait_progress.ts";

/** Unfinished jobs that an answer names. */
const UNFINISHED_SHOWN = 20;

export const codexAwaitAny = defineTool({
  name: "codex_await_any",
  title: "Wait for any job",
  description:
    "Waits for the next job to end and returns its result. Counts from this session's first job: one that " +
    "ended since and was returned by no wait yet is answered at once, so none is missed and none comes twice. " +
    "Answers after timeout_seconds at the latest with status timeout: that is normal, call again. " +
    "Cancelling the call cancels no job. For one certain job use codex_wait.",
  input: z.object({
    timeout_seconds: WaitRequest.shape.timeout_seconds.describe("hosts drop calls after 60 to 120 s"),
  }),
  output: JobOutput.extend({
    job_id: z.string().nullable().describe("null when no job ended in time"),
    status: z.string().describe("done, error or cancelled; or timeout"),
    message: z.string().optional(),
    unfinished: z.array(BriefOutput).optional(),
  }),
  annotations: READS_ONLY,
  answersWithAnyJob: true,
  async run({ timeout_seconds }, context) {
    const about = { jobIds: undefined, timeoutSeconds: timeout_seconds };
    const { jobs: [ended], unfinished } = await withProgress(
      context,
      about,
      () => context.feed.nextEnd(timeout_seconds, { signal: context.waitSignal }),
    );
    if (ended !== undefined) return jobAnswer(ended, context);
    const message = unfinished.length === 0
      ? "No job ended in the time of this call, and none runs or waits."
      : `No job ended in the time of this call; ${unfinished.length} go on: call codex_await_any again.`;
    const shown = unfinished.slice(0, UNFINISHED_SHOWN);
    return {
      structured: {
        job_id: null,
        status: "timeout",
        message,
        output: "",
        unfinished: shown.map((job) => briefView(job, "short", context)),
      },
      text: [message, ...shown.map((job) => `Unfinished: ${briefLine(job, "short")}`)].join("\n"),
    };
  },
});
