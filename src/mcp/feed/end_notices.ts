/**
 * Room `mcp`: what a host is told, unasked, when a job of its own has ended. Courtesies: hosts may drop them, and the
 * answer to a wait is the real way.
 *
 * @module
 */
import { called } from "../../domain/job/job_line.ts";
import type { JobResult } from "../../domain/job/result.ts";
import type { Notification } from "../../service/read_requests.ts";
import { hostToolNames } from "../host_tool_names.ts";
import { answerFence, quoted } from "../views/fence.ts";
import type { RpcNotification } from "../desk/json_rpc.ts";
import type { ToolWords } from "../tool_words.ts";

/** Characters of the prompt, so that a model knows which job it is. */
const PROMPT_CHARS = 80;

/** Of the result: enough to decide by, in every session that is woken. */
const RESULT_CHARS = 300;

export interface NoticeWords {
  readonly words: ToolWords;
  /** What the host calls this server; the usual name unless given. */
  readonly serverName?: string | undefined;
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

function endLine(end: Notification, job: JobResult, { words, serverName }: NoticeWords): string {
  const reason = end.reason === undefined || end.reason === end.status ? "" : ` (${end.reason})`;
  const poll = words.say("job_poll");
  // The only host that shows these notices to its model.
  const name = /^[a-z_]+$/.test(poll) ? hostToolNames("claude-code", serverName).nameOf(poll) : poll;
  const { by, line } = called(job);
  return `Job ${end.job_id}, ${job.agent}: ${end.status}${reason}, ${by} ${quoted(line, PROMPT_CHARS)}.${
    resultBeginning(job)
  } Next: ${name} with job_id "${end.job_id}" has all of it.`;
}
