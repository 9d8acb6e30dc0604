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
import { askingText, askingView } from "../../views/question_view.ts";
import { hearingOf, withProgress } from "../jobs/wait_progress.ts";

/** Of the detail of each question. */
const QUESTION_CHARS = 1_000;

/** Unfinished jobs that an answer names. */
const UNFINISHED_SHOWN = 20;

export const codexAwaitAny = defineTool({
  name: "codex_await_any",
  title: "Wait for any job",
  description:
    "Waits for the next job to end and returns its result. Counts from this session's first job: one that " +
    "ended since and was returned by no wait yet is answered at once, so none is missed and none comes twice. " +
    "Answers after timeout_seconds at the latest with status timeout: that is normal, call again. " +
    "A new question of a job of this session is told once, in asking, with status timeout. " +
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
    const { jobs: [ended], asking = [], unfinished } = await withProgress(
      context,
      about,
      () =>
        context.feed.nextEnd(timeout_seconds, {
          hearing: hearingOf(context),
          signal: context.waitSignal,
        }),
    );
    context.told.tell(asking);
    const places = { ...context, isForPerson: asking.length > 0 && !await context.mayAnswer() };
    const asked = asking.map((one) => askingView(one, QUESTION_CHARS, places));
    const more = asked.length === 0 ? {} : { asking: asked };
    if (ended !== undefined) return jobAnswer(ended, context, () => more);
    const message = asking.length > 0
      ? "No job ended, but a job asks something: see asking, then call codex_await_any again."
      : unfinished.length === 0
      ? "No job ended in the time of this call, and none runs or waits."
      : `No job ended in the time of this call; ${unfinished.length} go on: call codex_await_any again.`;
    const shown = unfinished.slice(0, UNFINISHED_SHOWN);
    return {
      structured: {
        job_id: null,
        status: "timeout",
        message,
        output: "",
        ...more,
        unfinished: shown.map((job) => briefView(job, "short", context)),
      },
      text: [
        message,
        ...asking.map((one) => askingText(one, QUESTION_CHARS, places)),
        ...shown.map((job) => `Unfinished: ${briefLine(job, "short")}`),
      ].join("\n"),
    };
  },
});
