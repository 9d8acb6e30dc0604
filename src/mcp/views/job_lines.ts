/**
 * Room `mcp`: a job result as lines of text, for models that read no structured content, and for people.
 *
 * @module
 */
import { usageText } from "../../domain/event/transcript.ts";
import { isFinished } from "../../domain/job/reason.ts";
import type { JobResult } from "../../domain/job/result.ts";
import type { ToolWords } from "../tool_words.ts";
import { fence, quoted } from "./fence.ts";
import { questionText } from "./question_view.ts";
import {
  type JobDetail,
  type JobPlaces,
  outputOf,
  resultOf,
  shownResult,
  withoutResult,
} from "./job_detail.ts";

export function jobText(job: JobResult, detail: JobDetail, places: JobPlaces): string {
  const head = headline(job);
  if (detail.note === 0) return head;
  const result = resultOf(job, detail, places);
  // As in the structured form: a reader of the result need not read it again at the end of the transcript.
  const output = shownResult(job) === null ? withoutResult(outputOf(job, detail, places), job.result) : "";
  const which = isFinished(job.status) ? "final" : "latest";
  return [
    head,
    ...facts(job, detail, places.words),
    ...(job.questions ?? []).map((question) => questionText(job.job_id, question, detail.question)),
    ...(result === null || result === "" ? [] : [fence(`${which} message of ${job.agent}`, result)]),
    ...(output.trim() === ""
      ? []
      : [fence(`last lines of the transcript of ${job.job_id}`, output.trimEnd())]),
    ...nextCall(job, places.words),
  ].join("\n");
}

function headline(job: JobResult): string {
  const reason = job.reason === undefined || job.reason === job.status ? "" : ` (${job.reason})`;
  // With several turns the duration would count the idle time between them.
  const duration = job.duration_seconds === null || job.turn > 1
    ? ""
    : `, ${Math.round(job.duration_seconds)} s`;
  const exit = job.exit_code === null ? "" : `, exit code ${job.exit_code}`;
  return `Job ${job.job_id}, ${job.agent}, turn ${job.turn}: ${job.status}${reason}${duration}${exit}, event cursor ${job.cursor}`;
}

function facts(job: JobResult, detail: JobDetail, words: ToolWords): string[] {
  const { note } = detail;
  const said = (label: string, text: string | undefined) =>
    text === undefined ? [] : [`${label}: ${quoted(text, note)}`];
  return [
    ...said("Error", job.error),
    ...(job.hint === undefined ? [] : [`What to do: ${words.say(job.hint)}`]),
    ...(job.retry_at === undefined ? [] : [`The limit ends at ${job.retry_at}`]),
    ...said("Summary", job.summary === "" ? undefined : job.summary),
    ...said("Waits for", job.waiting_for),
    ...said("Activity", job.activity),
    ...(job.last_event_at === undefined ? [] : [`Last event at ${job.last_event_at}`]),
    ...(job.queued_replies === undefined ? [] : [`Replies that wait: ${job.queued_replies}`]),
    `Changed files: ${filesText(job.files_changed, detail.files)}`,
    `Commands run: ${job.commands_run ?? "unknown"}${failedText(job)}; ${usageText(job.usage)}`,
    ...said("Title", job.title),
    ...(job.evidence?.doubts ?? []).map((doubt) => `Doubt: ${doubt}`),
    ...(job.possibly_truncated ? ["The agent's output may be incomplete"] : []),
  ];
}

function failedText({ evidence }: JobResult): string {
  const failed = evidence?.commands_failed ?? 0;
  return failed === 0 ? "" : `, ${failed} of them failed`;
}

function filesText(paths: readonly string[] | null, most: number): string {
  if (paths === null) return "unknown";
  if (paths.length === 0) return "none";
  const named = paths.slice(0, most).map((path) => quoted(path, 300)).join(", ");
  return paths.length > most ? `${named} and ${paths.length - most} more` : named;
}

/** What the reader may call next, by the tools that this session has. */
function nextCall(job: JobResult, words: ToolWords): string[] {
  const said = (name: string, sentence: string) =>
    words.toolFor(name) === undefined ? [] : [words.say(sentence)];
  const sentences = isFinished(job.status)
    ? [
      // A reply to a job without a session is refused.
      ...(job.session_id === null ? [] : said("job_reply", "job_reply goes on in the same session")),
      ...said("job_events", "job_events has every step"),
    ]
    : [
      ...((job.questions ?? []).length === 0 ? [] : said("job_answer", "job_answer answers what it asks")),
      job.summary === undefined
        ? "The job goes on by itself"
        : "It was reported as done and ends when its agent leaves",
      ...said("job_wait", "job_wait waits for its end"),
      ...said("job_events", `job_events after that cursor has what is new`),
    ];
  return sentences.length === 0 ? [] : [`${sentences.join("; ")}.`];
}
