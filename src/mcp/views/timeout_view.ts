/**
 * Room `mcp`: what the waits of earlier servers answer when their time is over.
 *
 * @module
 */
import type { JobResult } from "../../domain/job/result.ts";
import { cutStart, fence, fencedActivity, quoted } from "./fence.ts";
import { howToAnswer, type QuestionPlaces, questionText, questionView } from "./question_view.ts";
import type { ToolAnswer } from "../tools/definition/tool.ts";

/** Characters of the transcript in the answer. */
const OUTPUT_CHARS = 8_000;

/** Of the detail of each question: twenty of them still fit. */
const QUESTION_CHARS = 1_000;

/** @param again the tool to call again. */
export function timeoutAnswer(job: JobResult, again: string, places: QuestionPlaces): ToolAnswer {
  const { fenced } = places;
  const { job_id, status, activity, waiting_for, questions = [] } = job;
  const next = questions.length === 0
    ? `The time of this call is over, the job goes on: call ${again} again.`
    : `It asks something. ${howToAnswer(job_id, places)} Then call ${again} again.`;
  const message = (shown: string | undefined) =>
    [
      `Job ${job_id} is still ${status}`,
      ...(shown === undefined ? [] : [`activity ${shown}`]),
      ...(waiting_for === undefined ? [] : [`waits for ${quoted(waiting_for, 200)}`]),
    ].join(", ") + `. ${next}`;
  const output = cutStart(job.output, OUTPUT_CHARS, "cut");
  return {
    structured: {
      job_id,
      status: "timeout",
      message: message(fencedActivity(activity, fenced)),
      output: fenced(output),
      ...(questions.length === 0
        ? {}
        : { questions: questions.map((question) => questionView(question, QUESTION_CHARS, places)) }),
    },
    text: [
      message(activity === undefined ? undefined : quoted(activity, 200)),
      ...questions.map((question) => questionText(job_id, question, QUESTION_CHARS)),
      ...(output.trim() === "" ? [] : [fence(`last lines of the transcript of ${job_id}`, output.trimEnd())]),
    ].join("\n"),
  };
}
