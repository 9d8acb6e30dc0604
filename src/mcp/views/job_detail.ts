/**
 * Room `mcp`: how much of a job there is room for, and its long texts cut to that.
 *
 * @module
 */
import { isFinished } from "../../domain/job/reason.ts";
import type { JobResult } from "../../domain/job/result.ts";
import type { ToolWords } from "../tool_words.ts";
import { cutEnd, cutStart, type Fenced } from "./fence.ts";

/** How much of a job an answer shows: characters, and for files their number. */
export interface JobDetail {
  readonly result: number;
  readonly output: number;
  readonly files: number;
  /** Characters of errors, summaries and other short texts. */
  readonly note: number;
  /** Characters of the detail of each question. */
  readonly question: number;
}

/** The details to try in turn, from the richest to the barest. */
export const JOB_DETAILS: readonly [JobDetail, ...JobDetail[]] = [
  { result: 12_000, output: 8_000, files: 200, note: 2_000, question: 8_000 },
  { result: 6_000, output: 4_000, files: 100, note: 1_000, question: 4_000 },
  { result: 3_000, output: 2_000, files: 50, note: 500, question: 2_000 },
  { result: 1_200, output: 800, files: 20, note: 300, question: 800 },
  { result: 400, output: 100, files: 5, note: 200, question: 200 },
  { result: 0, output: 0, files: 0, note: 0, question: 0 },
];

/** What the words about a job depend on: this session's tools, this answer's fence, this machine's files. */
export interface JobPlaces {
  readonly transcriptPath: (jobId: string) => string;
  readonly words: ToolWords;
  readonly fenced: Fenced;
}

/** The agent's final message, whole or with its end cut off. */
export function resultOf(job: JobResult, detail: JobDetail, places: JobPlaces): string | null {
  return job.result === null ? null : cutEnd(job.result, detail.result, wholeText(job, places));
}

/** The end of the transcript. */
export function outputOf(job: JobResult, detail: JobDetail, places: JobPlaces, fenced?: Fenced): string {
  return cutStart(job.output, detail.output, places.transcriptPath(job.job_id), fenced);
}

/** Where a reader finds what was cut off. */
export function wholeText(job: JobResult, places: JobPlaces): string {
  const path = places.transcriptPath(job.job_id);
  return places.words.toolFor("job_events") === "job_events"
    ? `${path}, or job_events with types ["message"] and truncate 0`
    : path;
}

/** `output` without the result in it, which a reader need not read twice. */
export function withoutResult(output: string, result: string | null): string {
  const text = result?.trim() ?? "";
  return text.length < 80 ? output : output.replace(text, () => "[the message above]");
}

/** The result to show. A job that goes on shows its transcript instead, which ends with what its agent said last. */
export function shownResult({ status, result, output }: JobResult): string | null {
  if (result === null || result === "") return null;
  return isFinished(status) || output.trim() === "" ? result : null;
}
