/**
 * Room `mcp`: the tool `job_wait`.
 *
 * @module
 */
import * as z from "zod";
import { WaitRequest, type WaitResult } from "../../../service/read_requests.ts";
import { firstThatFits } from "../../views/answer_size.ts";
import { JobIdArgument } from "../definition/arguments.ts";
import { BRIEF_DETAILS, briefLine, BriefOutput, briefView } from "../../views/brief_view.ts";
import { defineTool } from "../definition/define_tool.ts";
import { withinFeed } from "../../feed/feed_cursor.ts";
import { jobView } from "../../views/job_answer.ts";
import { askingText, askingView, type QuestionPlaces } from "../../views/question_view.ts";
import { JOB_DETAILS, type JobDetail, type JobPlaces } from "../../views/job_detail.ts";
import { jobText } from "../../views/job_lines.ts";
import { READS_ONLY, type ToolAnswer } from "../definition/tool.ts";
import { waitWithProgress } from "./wait_progress.ts";

const { shape } = WaitRequest;

export const jobWait = defineTool({
  name: "job_wait",
  title: "Wait for jobs",
  description:
    "Waits for delegated background jobs of another coding agent (Codex, Claude Code, Gemini, Cursor) to finish: until one " +
    "(mode all: every one) has ended, and returns the results; jobs that ended before count, so none is missed. Without job_ids: the next job of any session to end after cursor. " +
    "Answers too, once, when one asks something: see asking, then job_answer. " +
    "Answers after timeout_seconds at the latest: timed_out is normal, the jobs go on, call again. " +
    "Cancelling the call cancels no job. To look without waiting use job_poll.",
  input: z.object({
    job_ids: z.array(JobIdArgument).min(1).max(200).optional().describe("ids from starts; without: any job"),
    mode: shape.mode.describe("with job_ids: any returns when one has ended, all when every one has"),
    timeout_seconds: shape.timeout_seconds.describe("hosts drop calls after 60 to 120 s"),
    cursor: shape.cursor.describe("without job_ids: from the last job_wait, so that each end comes once"),
  }),
  output: z.object({
    timed_out: z.boolean(),
    jobs: z.array(BriefOutput)
      .describe("those that ended, as in job_poll"),
    asking: z.array(z.looseObject({ job_id: z.string(), questions: z.array(z.looseObject({})) }))
      .describe("open questions"),
    unfinished: z.array(BriefOutput),
    cursor: z.number(),
  }).loose(),
  annotations: READS_ONLY,
  isAlwaysLoaded: true,
  async run({ cursor, ...args }, context) {
    const from = cursor === undefined
      ? {}
      : { cursor: await withinFeed(cursor, context.service, { signal: context.signal }) };
    const result = await waitWithProgress({ ...args, ...from }, context);
    const levels = JOB_DETAILS.map((job, index) => ({
      job,
      brief: BRIEF_DETAILS[Math.min(index, 2)] ?? "bare",
    }));
    const [first, ...rest] = levels;
    if (first === undefined) throw new Error("Cannot show a wait: there are no levels of detail");
    const isAsked = (result.asking ?? []).length > 0;
    const places = { ...context, isForPerson: isAsked && !await context.mayAnswer() };
    return firstThatFits([first, ...rest], (level) => waitAnswer(result, level, places));
  },
});

function waitAnswer(
  result: WaitResult,
  detail: { job: JobDetail; brief: typeof BRIEF_DETAILS[number] },
  places: JobPlaces & QuestionPlaces,
): ToolAnswer {
  const { jobs, asking = [], timed_out, cursor } = result;
  // What they ask stands beside them.
  const unfinished = result.unfinished.map(({ asking: _asking, ...brief }) => brief);
  return {
    structured: {
      timed_out,
      jobs: jobs.map((job) => jobView(job, detail.job, places)),
      asking: asking.map((one) => askingView(one, detail.job.question, places)),
      unfinished: unfinished.map((job) => briefView(job, detail.brief, places)),
      cursor,
    },
    text: [
      `${jobs.length} ended, ${unfinished.length} unfinished, job_wait cursor ${cursor}` +
      (timed_out ? `. ${timeIsOver(unfinished.length)}` : ""),
      ...(detail.job.note === 0 && jobs.length > 0
        ? ["Too many for one answer: job_poll has each in full."]
        : []),
      ...jobs.map((job) => jobText(job, detail.job, places)),
      ...asking.map((one) => askingText(one, detail.job.question, places)),
      ...unfinished.map((job) => `Unfinished: ${briefLine(job, detail.brief)}`),
    ].join("\n"),
  };
}

function timeIsOver(unfinished: number): string {
  return unfinished > 0
    ? "The time of this call is over, the jobs go on: call job_wait again."
    : "No job ended in the time of this call: queue_status shows what runs, job_list what ended before.";
}
