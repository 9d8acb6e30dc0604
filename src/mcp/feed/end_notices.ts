/**
 * Room `mcp`: what a host is told, unasked, when a job of its own has ended or asks something. Courtesies: hosts may drop them, and the
 * answer to a wait is the real way.
 *
 * @module
 */
import { called } from "../../domain/job/job_line.ts";
import type { JobResult } from "../../domain/job/result.ts";
import type { Notification } from "../../service/read_requests.ts";
import { hostToolNames } from "../host_tool_names.ts";
import { answerFence, quoted } from "../views/fence.ts";
import { howToAnswer, questionView } from "../views/question_view.ts";
import type { RpcNotification } from "../desk/json_rpc.ts";
import type { ToolWords } from "../tool_words.ts";

/** Characters of the prompt, so that a model knows which job it is. */
const PROMPT_CHARS = 80;

/** Of the result: enough to decide by, in every session that is woken. */
const RESULT_CHARS = 300;

/** Of a question's title and detail: enough to know what it is about. */
const QUESTION_CHARS = 200;
const DETAIL_CHARS = 2_000;

export interface NoticeWords {
  readonly words: ToolWords;
  /** What the host calls this server; the usual name unless given. */
  readonly serverName?: string | undefined;
  /** Whether only a person may answer what a job asks. */
  readonly isForPerson?: boolean | undefined;
}

/** In the order in which they are sent. */
export function noticesOf(news: Notification, job: JobResult, words: NoticeWords): RpcNotification[] {
  return news.asked === undefined ? endNotices(news, job, words) : questionNotices(news, job, words);
}

/** Of what the job asks by this update and is open still. */
function questionNotices(news: Notification, job: JobResult, words: NoticeWords): RpcNotification[] {
  const { job_id, cursor, asked } = news;
  const { status } = job;
  const open = (job.questions ?? []).filter(({ question_id }) => asked?.includes(question_id));
  const fenced = answerFence();
  const questions = open.map((question) => questionView(question, DETAIL_CHARS, { fenced }));
  return [
    {
      jsonrpc: "2.0",
      method: "codex_async/job_update",
      params: { job_id, status, questions, cursor },
    },
    ...open.map((question) => ({
      jsonrpc: "2.0" as const,
      method: "notifications/claude/channel",
      params: {
        content: `Job ${job_id}, ${job.agent}, asks: ${fenced(quoted(question.title, QUESTION_CHARS))}. ` +
          `${howToAnswer(job_id, { ...words, hostNames: claudeNames(words), fenced })}`,
        meta: { job_id, status },
      },
    })),
  ];
}

/** In the order in which they are sent. */
export function endNotices(end: Notification, job: JobResult, words: NoticeWords): RpcNotification[] {
  const { job_id, status, reason, cursor } = end;
  return [
    {
      jsonrpc: "2.0",
      method: "codex_async/job_update",
      params: { job_id, status, ...(reason === undefined ? {} : { reason }), cursor },
    },
    {
      // Claude Code's channels: `meta` takes text only.
      jsonrpc: "2.0",
      method: "notifications/claude/channel",
      params: { content: endLine(end, job, words), meta: { job_id, status } },
    },
  ];
}

/** The beginning of what an agent said last, between marks, as a sentence of its own; empty when it said nothing. */
export function resultBeginning({ result }: JobResult): string {
  return result === null || result.trim() === ""
    ? ""
    : ` Its result begins: ${answerFence()(quoted(result, RESULT_CHARS))}.`;
}

/** Of the only host that shows these notices to its model. */
function claudeNames({ serverName }: Pick<NoticeWords, "serverName">) {
  return hostToolNames("claude-code", serverName);
}

function endLine(end: Notification, job: JobResult, { words, serverName }: NoticeWords): string {
  const reason = end.reason === undefined || end.reason === end.status ? "" : ` (${end.reason})`;
  const poll = words.say("job_poll");
  const name = /^[a-z_]+$/.test(poll) ? claudeNames({ serverName }).nameOf(poll) : poll;
  const { by, line } = called(job);
  return `Job ${end.job_id}, ${job.agent}: ${end.status}${reason}, ${by} ${quoted(line, PROMPT_CHARS)}.${
    resultBeginning(job)
  } Next: ${name} with job_id "${end.job_id}" has all of it.`;
}
