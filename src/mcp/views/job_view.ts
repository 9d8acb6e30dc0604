/**
 * Room `mcp`: a job result, in as much detail as there is room for: lean and fenced for models, whole for programs.
 *
 * @module
 */
import * as z from "zod";
import { isFinished } from "../../domain/job/reason.ts";
import type { JobResult } from "../../domain/job/result.ts";
import { usageText } from "../../domain/event/transcript.ts";
import { firstThatFits } from "./answer_size.ts";
import { cutEnd, cutStart, fence, type Fenced, fencedActivity, quoted } from "./fence.ts";
import { present } from "./present.ts";
import type { ToolAnswer } from "../tools/definition/tool.ts";
import type { ToolWords } from "../tool_words.ts";

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

/** Characters, and for files their number. */
export interface JobDetail {
  readonly result: number;
  readonly output: number;
  readonly files: number;
  /** Of errors, summaries and other short texts. */
  readonly note: number;
}

/** From the richest to the barest. */
export const JOB_DETAILS: readonly [JobDetail, ...JobDetail[]] = [
  { result: 12_000, output: 8_000, files: 200, note: 2_000 },
  { result: 6_000, output: 4_000, files: 100, note: 1_000 },
  { result: 3_000, output: 2_000, files: 50, note: 500 },
  { result: 1_200, output: 800, files: 20, note: 300 },
  { result: 400, output: 100, files: 5, note: 200 },
  { result: 0, output: 0, files: 0, note: 0 },
];

export interface JobPlaces {
  readonly transcriptPath: (jobId: string) => string;
  readonly words: ToolWords;
  readonly fenced: Fenced;
}

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
  const result = shownResult(job);
  const files = job.files_changed;
  return present({
    job_id,
    agent,
    title: job.title,
    status,
    reason,
    exit_code: job.exit_code,
    ...(result === null
      ? { output: outputOf(job, detail, places, fenced) }
      : { result: cutEnd(result, detail.result, wholeText(job, places), fenced) }),
    error: errorOf(job, detail, places),
    hint: job.hint === undefined ? undefined : places.words.say(job.hint),
    retry_at: job.retry_at,
    summary: job.summary === undefined ? undefined : cutEnd(job.summary, detail.note, "cut", fenced),
    files_changed: files?.slice(0, detail.files),
    files_changed_count: files !== null && files.length > detail.files ? files.length : undefined,
    commands_run: job.commands_run,
    usage: present(job.usage),
    evidence: shownEvidence(job),
    possibly_truncated: job.possibly_truncated || undefined,
    turn: job.turn > 1 ? job.turn : undefined,
    queued_replies: job.queued_replies,
    waiting_for: job.waiting_for,
    activity: fencedActivity(job.activity, fenced),
    pid: job.pid,
    parent: job.parent,
    finished_at: job.finished_at,
    duration_seconds: job.duration_seconds,
  });
}

/** What of the evidence says something. */
function shownEvidence({ evidence }: JobResult): Record<string, unknown> | undefined {
  const known = Object.entries(present(evidence ?? {})).filter(([, value]) =>
    !(Array.isArray(value) && value.length === 0)
  );
  return known.length === 0 ? undefined : Object.fromEntries(known);
}

/** The end of the transcript; without the result, where that is told as well. */
export function jobOutput(job: JobResult, detail: JobDetail, places: JobPlaces): string {
  const output = outputOf(job, detail, places);
  return places.fenced(shownResult(job) === null ? output : withoutResult(output, job.result));
}

/** Of a job that goes on the transcript tells more than what its agent said last, and ends with that. */
function shownResult({ status, result, output }: JobResult): string | null {
  if (result === null || result === "") return null;
  return isFinished(status) || output.trim() === "" ? result : null;
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
    files_changed: job.files_changed?.slice(0, detail.files) ?? null,
    ...(job.files_changed !== null && job.files_changed.length > detail.files
      ? { files_changed_count: job.files_changed.length }
      : {}),
  };
}

export function jobText(job: JobResult, detail: JobDetail, places: JobPlaces): string {
  const head = headline(job);
  if (detail.note === 0) return head;
  const result = resultOf(job, detail, places);
  const output = withoutResult(outputOf(job, detail, places), job.result);
  const which = isFinished(job.status) ? "final" : "latest";
  return [
    head,
    ...facts(job, detail, places.words),
    ...(result === null || result === "" ? [] : [fence(`${which} message of ${job.agent}`, result)]),
    ...(output.trim() === ""
      ? []
      : [fence(`last lines of the transcript of ${job.job_id}`, output.trimEnd())]),
    ...nextCall(job, places.words),
  ].join("\n");
}

function headline(job: JobResult): string {
  const reason = job.reason === undefined || job.reason === job.status ? "" : ` (${job.reason})`;
  // With several turns it spans the idle time between them.
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
    `Commands run: ${job.commands_run ?? "unknown"}; ${usageText(job.usage)}`,
    ...said("Title", job.title),
    ...(job.evidence?.doubts ?? []).map((doubt) => `Doubt: ${doubt}`),
    ...(job.possibly_truncated ? ["The agent's output may be incomplete"] : []),
  ];
}

function filesText(paths: readonly string[] | null, most: number): string {
  if (paths === null) return "unknown";
  if (paths.length === 0) return "none";
  const named = paths.slice(0, most).map((path) => quoted(path, 300)).join(", ");
  return paths.length > most ? `${named} and ${paths.length - most} more` : named;
}

/** Names only tools that this session has. */
function nextCall(job: JobResult, words: ToolWords): string[] {
  const said = (name: string, sentence: string) =>
    words.toolFor(name) === undefined ? [] : [words.say(sentence)];
  const sentences = isFinished(job.status)
    ? [
      // Without one a reply is refused.
      ...(job.session_id === null ? [] : said("job_reply", "job_reply goes on in the same session")),
      ...said("job_events", "job_events has every step"),
    ]
    : [
      job.summary === undefined
        ? "The job goes on by itself"
        : "It was reported as done and ends when its agent leaves",
      ...said("job_wait", "job_wait waits for its end"),
      ...said("job_events", `job_events after that cursor has what is new`),
    ];
  return sentences.length === 0 ? [] : [`${sentences.join("; ")}.`];
}

function resultOf(job: JobResult, detail: JobDetail, places: JobPlaces): string | null {
  return job.result === null ? null : cutEnd(job.result, detail.result, wholeText(job, places));
}

function outputOf(job: JobResult, detail: JobDetail, places: JobPlaces, fenced?: Fenced): string {
  return cutStart(job.output, detail.output, places.transcriptPath(job.job_id), fenced);
}

function wholeText(job: JobResult, places: JobPlaces): string {
  const path = places.transcriptPath(job.job_id);
  return places.words.toolFor("job_events") === "job_events"
    ? `${path}, or job_events with types ["message"] and truncate 0`
    : path;
}

/** A transcript has the result as well: a reader need not read it twice. */
function withoutResult(output: string, result: string | null): string {
  const text = result?.trim() ?? "";
  return text.length < 80 ? output : output.replace(text, () => "[the message above]");
}
