/**
 * Room `mcp`: what a host is told, unasked, when a job of its own has ended. Courtesies: hosts may drop them, and the
 * answer to a wait is the real way.
 *
 * @module
 */
import { called } from "../../domain/job/job_line.ts";
import type { JobResult } from "../../domain/job/result.ts";
import type { Notification } from "../../service/read_requests.ts";
import { quoted } from "../views/fence.ts";
import type { RpcNotification } from "../desk/json_rpc.ts";
import type { ToolWords } from "../tool_words.ts";

/** Characters of the prompt, so that a model knows which job it is. */
const PROMPT_CHARS = 80;

/** In the order in which they are sent. */
export function endNotices(end: Notification, job: JobResult, words: ToolWords): RpcNotification[] {
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

function endLine(end: Notification, job: JobResult, words: ToolWords): string {
  const reason = end.reason === undefined || end.reason === end.status ? "" : ` (${end.reason})`;
  const next = words.say(`job_poll with job_id "${end.job_id}" has the result`);
  const { by, line } = called(job);
  return `Job ${end.job_id}, ${job.agent}: ${end.status}${reason}, ${by} ${
    quoted(line, PROMPT_CHARS)
  }. Next: ${next}.`;
}
