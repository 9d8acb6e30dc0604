/**
 * Room `cli`, the monitor: what is said of one job, in few words.
 *
 * @module
 */
import { unknownWord } from "../../domain/reading/unknown_word.ts";
import type { Brief } from "../../domain/job/result.ts";
import { costText, tokensText } from "../render/amounts.ts";
import { distanceText, durationText } from "../render/time.ts";
import { oneLine } from "./line.ts";
import type { Detail, MonitorState } from "./monitor_state.ts";

/** Seconds without an event after which a running job is said to be quiet: silence is not death, but worth a word. */
const QUIET_SECONDS = 60;

/** How long a job has been running or waiting, or how long ago it ended. */
export function timeText(job: Brief, state: MonitorState): string {
  switch (job.status) {
    case "running":
    case "pending":
      return durationText(wholeSeconds(state.now - beginOf(job, state)));
    default:
      return job.finished_at === null ? "" : distanceText(job.finished_at, state.now);
  }
}

/** What a job is doing, what it waits for, or what came of it. */
export function situationText(job: Brief, state: MonitorState): string {
  const said = situationOf(job, state);
  return job.work === undefined ? said : `${said}, not applied`;
}

function situationOf(job: Brief, state: MonitorState): string {
  const detail = state.details.get(job.job_id);
  if (state.cancelling.has(job.job_id)) return "is being cancelled";
  switch (job.status) {
    case "running":
      return askingText(job) ?? activityText(job, detail, state.now);
    case "pending":
      return job.waiting_for === undefined ? "waits" : `waits for ${oneLine(job.waiting_for)}`;
    case "done":
      return detail === undefined ? "done" : outcomeText(detail);
    case "error":
      return job.reason ?? "error";
    case "cancelled":
      return "cancelled";
    default:
      return oneLine(unknownWord(job.status));
  }
}

function askingText({ asking }: Brief): string | undefined {
  const [question, ...more] = asking ?? [];
  if (question === undefined) return undefined;
  return `asks: ${oneLine(question.title)}${more.length === 0 ? "" : `, and ${more.length} more`}`;
}

function activityText(job: Brief, detail: Detail | undefined, now: number): string {
  const said = detail?.status === "running" ? detail.activity : job.activity;
  const activity = oneLine(said ?? "starting").replace(/^running: /, "$ ");
  const last = detail?.status === "running" ? detail.last_event_at : undefined;
  const quiet = last === undefined ? 0 : wholeSeconds(now - Date.parse(last));
  // The silence comes first: a narrow list cuts the end, and the transcript shows the activity anyway.
  return quiet < QUIET_SECONDS ? activity : `quiet for ${durationText(quiet)}, ${activity}`;
}

function outcomeText(detail: Detail): string {
  const { files_changed, usage } = detail;
  const parts = [
    ...(usage.total_tokens === null ? [] : tokensPart(detail)),
    ...filesPart(files_changed),
  ];
  return parts.length === 0 ? "done" : parts.join(", ");
}

/** Figures of a job on one line, such as `turn 2 · auto-edit · 4 commands · 2 files · 12.3 k tokens · $0.02`. */
export function figuresText(detail: Detail): string {
  const { turn, queued_replies = 0, usage, files_changed, commands_run, duration_seconds } = detail;
  const failed = detail.evidence?.commands_failed ?? 0;
  return [
    ...(turn > 1 ? [`turn ${turn}`] : []),
    ...(queued_replies > 0
      ? [`${queued_replies} ${queued_replies === 1 ? "reply waits" : "replies wait"}`]
      : []),
    detail.approval_policy,
    // With several turns, the duration spans the idle time between them.
    ...(detail.finished_at === null || duration_seconds === null || turn > 1
      ? []
      : [`took ${durationText(duration_seconds)}`]),
    ...(commands_run === null || commands_run === 0
      ? []
      : [`${commands_run} ${commands_run === 1 ? "command" : "commands"}`]),
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...filesPart(files_changed),
    ...tokensPart(detail),
    ...(usage.cost_usd === undefined ? [] : [costText(usage.cost_usd)]),
  ].join(" · ");
}

/** Nothing for 0 tokens. An unknown number is told once the job has ended: most agents tell it at the end. */
function tokensPart({ usage: { total_tokens }, finished_at }: Detail): string[] {
  if (total_tokens === null) return finished_at === null ? [] : ["tokens unknown"];
  return total_tokens === 0 ? [] : [`${tokensText(total_tokens)} tokens`];
}

function filesPart(files: Detail["files_changed"]): string[] {
  const count = files?.length ?? 0;
  return count === 0 ? [] : [`${count} ${count === 1 ? "file" : "files"}`];
}

function beginOf(job: Brief, state: MonitorState): number {
  const began = job.status === "running" ? job.started_at ?? job.created_at : job.created_at;
  return state.activeSince.get(job.job_id) ?? Date.parse(began);
}

function wholeSeconds(ms: number): number {
  return Math.max(0, Math.floor(ms / 1_000));
}
