/**
 * Room `cli`, the monitor: keys that take an ended job's changes over, back or away. Rule of this file: nothing is
 * written before a yes.
 *
 * @module
 */
import { isFinished } from "../../domain/job/reason.ts";
import type { ApplyAction } from "../../service/work_requests.ts";
import type { Reduced } from "./action.ts";
import type { Key } from "./keys.ts";
import { type Mode, type MonitorState, selectedJob } from "./monitor_state.ts";

type WorkMode = Extract<Mode, { kind: "confirm_work" }>;

/** What is asked before it is done. */
export function workQuestion({ action, jobId }: WorkMode): string {
  switch (action) {
    case "apply":
      return `Take over what job ${jobId} changed, into its directory?`;
    case "undo":
      return `Take back what job ${jobId} changed?`;
    case "discard":
      return `Remove the place that job ${jobId} worked in?`;
  }
}

export function askForWork(state: MonitorState, action: ApplyAction): MonitorState {
  const job = selectedJob(state);
  if (job === undefined) return state;
  if (!isFinished(job.status)) {
    const text = `Job ${job.job_id} has not ended yet.`;
    return { ...state, notice: { text, isError: false, until: Infinity } };
  }
  return { ...state, mode: { kind: "confirm_work", jobId: job.job_id, action } };
}

export function onWorkKey(state: MonitorState, { jobId, action }: WorkMode, key: Key): Reduced {
  const back: MonitorState = { ...state, mode: { kind: "browse" } };
  const letter = key.kind === "text" ? key.text.toLowerCase() : "";
  if (letter === "y") return { state: back, effects: [{ type: "work", jobId, action }] };
  // Only `n` or escape closes the question: any other key is ignored.
  const isNo = letter === "n" || (key.kind === "named" && key.name === "escape");
  return { state: isNo ? back : state, effects: [] };
}
