/**
 * Room `cli`: one job as text for a person.
 *
 * @module
 */
import type { JobResult } from "../../domain/job/result.ts";
import { plainText, usageText } from "../../domain/event/transcript.ts";
import type { Output } from "../io.ts";
import { commandWords } from "./command_words.ts";
import { questionText } from "./question_text.ts";
import type { Style } from "./style.ts";
import { distanceText, durationText, retryText } from "./time.ts";
import { sentences } from "./wrap_words.ts";

export interface JobTextOptions {
  readonly style: Style;
  /**
   * Where the text goes. For a terminal, times are relative and lines are wrapped to its width. Otherwise times are ISO
   * 8601.
   */
  readonly output: Pick<Output, "isTerminal" | "columns">;
  /** The current time in epoch ms. */
  readonly now: number;
}

/** How many files a job's description names before it counts the others. */
const FILES_NAMED = 10;

/** The job in one line, such as `abcd2345 codex done in 12 s, 2 files changed, 1200 tokens in, 80 out`. */
export function summaryText(job: JobResult, style: Style): string {
  const parts = [
    `${job.job_id} ${plainText(job.agent)} ${style.status(job.status)}${tookText(job)}`,
    ...(job.status === "error" && job.reason !== undefined ? [job.reason] : []),
    ...(job.files_changed === null || job.files_changed.length === 0
      ? []
      : [countText(job.files_changed.length, "file changed", "files changed")]),
    ...(hasUsage(job) ? [usageText(job.usage)] : []),
  ];
  return parts.join(", ");
}

/**
 * Why the job failed or may have failed, and what to do, as lines; "" when nothing is wrong.
 *
 * @param now in epoch ms.
 */
export function failureText(job: JobResult, now: number): string {
  const lines = [
    ...(job.evidence?.doubts ?? []),
    job.error,
    job.hint === undefined ? undefined : commandWords(job.hint),
    job.retry_at === undefined ? undefined : retryText(job.retry_at, now),
  ];
  return lines.flatMap((line) =>
    line === undefined ? [] : [`${plainText(line)}
`]
  ).join("");
}

/** The agent's final message, ended by a newline. */
export function resultText(job: JobResult): string {
  const text = plainText(job.result ?? "");
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

/**
 * Matches the notice of a cut transcript. The notice shares the first line with the transcript, so that a host gets no
 * more lines than it asked for. For a person it is put on a line of its own.
 */
const CUT_NOTICE = /^(\[earlier output was cut; .*?output\.txt\]) /;

/** Width, in cells, of the names of facts. */
const NAME_WIDTH = 11;

/** All facts about the job, its result and the end of its transcript. */
export function jobText(job: JobResult, options: JobTextOptions): string {
  const { style, output } = options;
  const time = (iso: string) => output.isTerminal ? distanceText(iso, options.now) : iso;
  const rows: [string, string | undefined][] = [
    ["title", job.title],
    ["prompt", job.prompt.replace(/\s+/g, " ")],
    ["directory", job.cwd],
    ["policy", job.approval_policy],
    ["created", time(job.created_at)],
    ["started", job.started_at === null ? undefined : time(job.started_at)],
    ["finished", job.finished_at === null ? undefined : time(job.finished_at)],
    [
      job.finished_at === null ? "so far" : "took",
      job.duration_seconds === null || job.turn > 1 ? undefined : durationText(job.duration_seconds),
    ],
    ["waits for", job.waiting_for],
    ["activity", job.activity],
    ["last event", job.last_event_at === undefined ? undefined : time(job.last_event_at)],
    ["turn", job.turn === 1 && job.queued_replies === undefined ? undefined : turnText(job)],
    ["exit code", job.exit_code === null ? undefined : String(job.exit_code)],
    ["session", job.session_id ?? undefined],
    ["inside of", job.parent],
    ["commands", job.commands_run === 0 ? undefined : commandsText(job)],
    ["files", filesText(job.files_changed)],
    ["changes", job.work === undefined ? undefined : unappliedText(job)],
    ["tokens", tokensText(job)],
    ["doubt", (job.evidence?.doubts ?? []).join(" ") || undefined],
    ["summary", job.summary],
    ["error", job.error],
    ["hint", job.hint === undefined ? undefined : commandWords(job.hint)],
    ["try again", job.retry_at === undefined ? undefined : time(job.retry_at)],
  ];
  const reason = job.reason === undefined || job.reason === job.status ? "" : ` (${job.reason})`;
  const head = `${style.bold(job.job_id)} ${plainText(job.agent)} ${style.status(job.status)}${reason}\n`;
  const facts = rows.flatMap(([name, value]) => {
    return value === undefined
      ? []
      : [`${style.dim(name.padEnd(NAME_WIDTH))}${sentences(plainText(value), output, NAME_WIDTH)}\n`];
  });
  const result = resultText(job);
  const heading = job.finished_at === null ? "said last" : "result";
  const transcript = plainText(job.output).replace(CUT_NOTICE, (_, notice) => `${style.dim(notice)}\n`);
  const asked = (job.questions ?? []).map((question) => questionText(question, options)).join("");
  return head + facts.join("") +
    (asked === "" ? "" : `\n${style.dim(`-- asks; agent-async answer ${job.job_id} answers --`)}\n${asked}`) +
    (result === "" ? "" : `\n${style.dim(`-- ${heading} --`)}\n${result}`) +
    (transcript.trim() === ""
      ? ""
      : `\n${style.dim("-- end of the transcript --")}\n${transcript.trimEnd()}\n`);
}

function unappliedText({ job_id }: JobResult): string {
  return `not applied; agent-async diff ${job_id} shows them, apply takes them over, discard throws them away`;
}

function turnText(job: JobResult): string {
  const waiting = job.queued_replies ?? 0;
  return waiting === 0
    ? String(job.turn)
    : `${job.turn}, and ${countText(waiting, "reply waits", "replies wait")}`;
}

/** The text for a number that the agent has not told. */
const UNKNOWN = "unknown";

function commandsText({ commands_run, evidence }: JobResult): string {
  const failed = evidence?.commands_failed ?? 0;
  return `${commands_run ?? UNKNOWN}${failed === 0 ? "" : `, ${failed} failed`}`;
}

/** Whether there is more to say than that nothing is known, or that nothing was used. */
function hasUsage({ usage: { input_tokens, output_tokens, cost_usd } }: JobResult): boolean {
  return (input_tokens ?? 0) + (output_tokens ?? 0) > 0 || cost_usd !== undefined;
}

function tokensText(job: JobResult): string | undefined {
  if (job.usage.total_tokens === 0 && !hasUsage(job)) return undefined;
  const known = job.usage_known;
  const of = known === undefined || known === 0 ? "" : `; known of ${countText(known, "turn", "turns")}`;
  return hasUsage(job) ? `${usageText(job.usage)}${of}` : UNKNOWN;
}

function filesText(files: readonly string[] | null): string | undefined {
  if (files === null) return UNKNOWN;
  if (files.length === 0) return undefined;
  const more = files.length > FILES_NAMED ? ` and ${files.length - FILES_NAMED} more` : "";
  return files.slice(0, FILES_NAMED).join(", ") + more;
}

/**
 * How long the job took. It is left out for a job of several turns: there the time includes the idle days between
 * turns.
 */
function tookText(job: JobResult): string {
  return job.duration_seconds === null || job.turn > 1 ? "" : ` in ${durationText(job.duration_seconds)}`;
}

function countText(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
