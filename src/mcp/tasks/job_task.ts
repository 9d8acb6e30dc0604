/**
 * Room `mcp`: a job as the task that MCP means: in the extension of revision 2026-07-28, and as 2025-11-25 had it. The
 * task's id is the job's.
 *
 * @module
 */
import { isFinished } from "../../domain/job/reason.ts";
import type { JobResult } from "../../domain/job/result.ts";
import { plainText } from "../../domain/event/transcript.ts";
import type { Task } from "../desk/protocol_types.ts";
import type { CallResult } from "../tools/definition/call_tool.ts";
import { jobAnswer } from "../views/job_answer.ts";
import type { JobPlaces } from "../views/job_detail.ts";

/** Ms between two looks that a host is asked to keep to. */
const POLL_MS = 2_000;

type TaskStatus = Task["status"];

/** What a task needs of a job. */
export type TaskJob = Pick<
  JobResult,
  | "job_id"
  | "status"
  | "created_at"
  | "started_at"
  | "finished_at"
  | "last_event_at"
  | "activity"
  | "waiting_for"
>;

/**
 * In revision 2026-07-28: a job that has failed is `completed`, with a result that says so. How long it is kept after its
 * end is the configuration's; from its beginning on there is no limit that could be told.
 */
export function modernTask(job: TaskJob, status: TaskStatus = statusOf(job, "completed")) {
  return { ...head(job, status), ttlMs: null, pollIntervalMs: POLL_MS };
}

/** In revision 2025-11-25: `failed` is a job's failure too. */
export function olderTask(job: TaskJob, status: TaskStatus = statusOf(job, "failed")): Task {
  return { ...head(job, status), ttl: null, pollInterval: POLL_MS };
}

/** The result of the call that has started the job, now that it has ended. */
export function taskResult(job: JobResult, places: JobPlaces): CallResult {
  // A start promises a message.
  const message = `Job ${job.job_id} has ended.`;
  const { structured, text } = jobAnswer(job, places, () => ({ message }));
  return {
    content: [{ type: "text", text }],
    structuredContent: structured,
    ...(job.status === "done" ? {} : { isError: true }),
  };
}

function head(job: TaskJob, status: TaskStatus) {
  const message = isFinished(job.status) ? undefined : job.waiting_for ?? job.activity;
  return {
    taskId: job.job_id,
    status,
    ...(message === undefined ? {} : { statusMessage: plainText(message).slice(0, 200) }),
    createdAt: job.created_at,
    lastUpdatedAt: job.finished_at ?? job.last_event_at ?? job.started_at ?? job.created_at,
  };
}

function statusOf({ status }: TaskJob, failure: "completed" | "failed"): TaskStatus {
  if (status === "cancelled") return "cancelled";
  if (status === "error") return failure;
  return status === "done" ? "completed" : "working";
}
