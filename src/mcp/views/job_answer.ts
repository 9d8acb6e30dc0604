/**
 * Room `mcp`: a job result, in as much detail as there is room for: lean and fenced for models, whole for programs.
 *
 * @module
 */
import * as z from "zod";
import type { JobResult } from "../../domain/job/result.ts";
import { firstThatFits } from "./answer_size.ts";
import { cutEnd, fencedActivity } from "./fence.ts";
import {
  JOB_DETAILS,
  type JobDetail,
  type JobPlaces,
  outputOf,
  resultOf,
  shownResult,
  wholeText,
  withoutResult,
} from "./job_detail.ts";
import { jobText } from "./job_lines.ts";
import type { Question } from "../../domain/question/question.ts";
import { questionView } from "./question_view.ts";
import { present } from "./present.ts";
import type { ToolAnswer } from "../tools/definition/tool.ts";

/** What tools promise of a job; other facts of a job result come too, and what is not known is left out. */
export const JobOutput = z.looseObject({
  job_id: z.string(),
  status: z.string().describe("pending, running, done, error or cancelled"),
  reason: z.string().optional(),
  result: z.string().nullish().describe("the agent's final message"),
  output: z.string().optional().describe("transcript's end, where there is no result"),
  error: z.string().optional(),
  files_changed: z.array(z.string()).nullish(),
});

/**
 * One job, in as much detail as an answer takes.
 *
 * @param more further members of the structured form.
 */
export function jobAnswer(
  job: JobResult,
  places: JobPlaces,
  more: (detail: JobDetail) => Record<string, unknown> = () => ({}),
): ToolAnswer {
  return firstThatFits(JOB_DETAILS, (detail) => ({
    structured: { ...jobView(job, detail, places), ...more(detail) },
    text: jobText(job, detail, places),
  }));
}

/** What a model needs of a job, once: no echo of what it asked, no second copy of the result. */
export function jobView(job: JobResult, detail: JobDetail, places: JobPlaces): Record<string, unknown> {
  const { job_id, agent, status, reason } = job;
  if (detail.note === 0) return present({ job_id, agent, status, reason });
  const { fenced } = places;
  const { result_json: data } = job;
  // As data it is the same once more.
  const result = data === undefined ? shownResult(job) : null;
  const files = job.files_changed;
  return present({
    job_id,
    agent,
    title: job.title,
    status,
    reason,
    exit_code: job.exit_code,
    ...(data !== undefined
      ? { result_json: cutEnd(JSON.stringify(data), detail.result, wholeText(job, places), fenced) }
      : result === null
      ? { output: outputOf(job, detail, places, fenced) }
      : { result: cutEnd(result, detail.result, wholeText(job, places), fenced) }),
    error: errorOf(job, detail, places),
    hint: job.hint === undefined ? undefined : places.words.say(job.hint),
    retry_at: job.retry_at,
    summary: job.summary === undefined ? undefined : cutEnd(job.summary, detail.note, "cut", fenced),
    files_changed: files?.slice(0, detail.files),
    files_changed_count: files !== null && files.length > detail.files ? files.length : undefined,
    place: job.place === undefined ? undefined : present(job.place),
    commands_run: job.commands_run,
    usage: present(job.usage),
    usage_known: job.usage_known,
    evidence: job.evidence === undefined ? undefined : present(job.evidence),
    possibly_truncated: job.possibly_truncated,
    turn: job.turn,
    queued_replies: job.queued_replies,
    waiting_for: job.waiting_for,
    activity: fencedActivity(job.activity, fenced),
    questions: job.questions?.map((question) => questionView(question, detail.question, places)),
    pid: job.pid,
    parent: job.parent,
    finished_at: job.finished_at,
    duration_seconds: job.duration_seconds,
  });
}

/** The end of the transcript, without the result where the answer has that beside it. */
export function jobOutput(job: JobResult, detail: JobDetail, places: JobPlaces): string {
  const output = outputOf(job, detail, places);
  return places.fenced(shownResult(job) === null ? output : withoutResult(output, job.result));
}

/** Failures that agent-async itself has seen, in its own words; the others quote the agent. */
const OUR_WORDS: readonly string[] = [
  "timed_out",
  "stalled",
  "lost",
  "no_result",
  "output_limit",
  "dependency_failed",
  "spawn_failed",
];

function errorOf(job: JobResult, detail: JobDetail, places: JobPlaces): string | undefined {
  if (job.error === undefined) return undefined;
  const isOurs = job.reason !== undefined && OUR_WORDS.includes(job.reason);
  const where = places.transcriptPath(job.job_id);
  return cutEnd(job.error, detail.note, where, isOurs ? undefined : places.fenced);
}

function shortQuestion(question: Question, chars: number): Question {
  return { ...question, detail: cutEnd(question.detail, chars, "the job's transcript has all of it") };
}

/** The whole job result, as programs read it: with no more cut than has to be. */
export function jobRecord(job: JobResult, detail: JobDetail, places: JobPlaces): Record<string, unknown> {
  const { summary, error, hint } = job;
  return {
    ...job,
    ...(hint === undefined ? {} : { hint: places.words.say(hint) }),
    result: resultOf(job, detail, places),
    output: outputOf(job, detail, places),
    ...(error === undefined ? {} : { error: cutEnd(error, detail.note, places.transcriptPath(job.job_id)) }),
    ...(summary === undefined ? {} : { summary: cutEnd(summary, detail.note, "cut") }),
    ...(job.questions === undefined
      ? {}
      : { questions: job.questions.map((question) => shortQuestion(question, detail.question)) }),
    files_changed: job.files_changed?.slice(0, detail.files) ?? null,
    ...(job.files_changed !== null && job.files_changed.length > detail.files
      ? { files_changed_count: job.files_changed.length }
      : {}),
  };
}
