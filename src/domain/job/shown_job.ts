/**
 * Room `domain`: makes of a job's record, and of what else is known of it, what callers see. Only the daemon does; all
 * others have no record.
 *
 * @module
 */
import { briefQuestion } from "../question/question.ts";
import { usageKnownOf } from "../turn/turn.ts";
import { evidenceOf, type JobFindings } from "./findings.ts";
import { isoTime, isoTimeOrNull } from "./ids.ts";
import { finishedAt, type Job, openQuestions, reasonOf } from "./job.ts";
import { isFinished } from "./reason.ts";
import { type Brief, BRIEF_PROMPT_CHARS, type JobResult, preview } from "./result.ts";

/** What only the daemon knows of a job, from memory. */
export interface LiveView {
  /** Why a pending job does not run yet. */
  waitingFor?: string | undefined;
  activity?: string | undefined;
  lastEventAt?: number | undefined;
  /** Ms by which the wall clock was set during the running turn, below 0 for back. */
  clockJumpMs?: number | undefined;
}

/** @param work of an ended job whose changes wait to be taken over */
export function toBrief(job: Job, live: LiveView = {}, work?: Brief["work"]): Brief {
  const reason = reasonOf(job);
  const open = openQuestions(job);
  return {
    job_id: job.id,
    agent: job.agent,
    ...(job.title === undefined ? {} : { title: job.title }),
    status: job.state.status,
    ...(reason === undefined ? {} : { reason }),
    prompt: preview(job.prompt, BRIEF_PROMPT_CHARS),
    cwd: job.cwd,
    created_at: isoTime(job.created_at),
    started_at: isoTimeOrNull(job.started_at),
    finished_at: isoTimeOrNull(finishedAt(job)),
    ...(live.waitingFor === undefined ? {} : { waiting_for: live.waitingFor }),
    ...(live.activity === undefined ? {} : { activity: live.activity }),
    ...(open.length === 0 ? {} : { asking: open.map(briefQuestion) }),
    ...(job.parent === null ? {} : { parent: job.parent }),
    ...(job.group === undefined ? {} : { group: job.group }),
    ...(work === undefined ? {} : { work }),
  };
}

/** @param now epoch ms, for the duration of a job that still runs. */
export function toJobResult(job: Job, findings: JobFindings, live: LiveView, now: number): JobResult {
  const { state } = job;
  const reason = reasonOf(job);
  const end = finishedAt(job) ?? (state.status === "running" ? now : null);
  const jumpMs = (job.clock_jump_ms ?? 0) + (state.status === "running" ? live.clockJumpMs ?? 0 : 0);
  const duration = job.started_at === null || end === null
    ? null
    : Math.max(0, end - job.started_at - jumpMs) / 1000;
  return {
    job_id: job.id,
    agent: job.agent,
    ...(job.title === undefined ? {} : { title: job.title }),
    status: state.status,
    ...(reason === undefined ? {} : { reason }),
    exit_code: "exit_code" in state && typeof state.exit_code === "number" ? state.exit_code : null,
    result: findings.result,
    ...(findings.resultJson === undefined ? {} : { result_json: findings.resultJson }),
    output: findings.output,
    ...failureOf(state),
    files_changed: findings.totals.files_changed,
    commands_run: findings.totals.commands_run,
    usage: findings.totals.usage,
    ...(findings.money === undefined ? {} : { money: findings.money }),
    ...usageKnownOf(findings.totals),
    possibly_truncated: findings.possiblyTruncated,
    ...(isFinished(state.status) ? { evidence: evidenceOf(findings) } : {}),
    ...(findings.place === undefined ? {} : { place: findings.place }),
    ...(findings.work === undefined ? {} : { work: findings.work }),
    session_id: findings.sessionId ?? job.session_id,
    turn: job.turn,
    ...(job.queue.length === 0 ? {} : { queued_replies: job.queue.length }),
    cwd: job.cwd,
    approval_policy: job.approval_policy,
    prompt: job.prompt,
    ...(job.summary === null ? {} : { summary: job.summary }),
    ...(live.waitingFor === undefined ? {} : { waiting_for: live.waitingFor }),
    ...(live.activity === undefined ? {} : { activity: live.activity }),
    ...(findings.questions === undefined || findings.questions.length === 0
      ? {}
      : { questions: [...findings.questions] }),
    ...(findings.pid === undefined || findings.pid === null ? {} : { pid: findings.pid }),
    ...(live.lastEventAt === undefined ? {} : { last_event_at: isoTime(live.lastEventAt) }),
    ...(job.parent === null ? {} : { parent: job.parent }),
    ...(job.group === undefined ? {} : { group: job.group }),
    created_at: isoTime(job.created_at),
    started_at: isoTimeOrNull(job.started_at),
    finished_at: isoTimeOrNull(finishedAt(job)),
    duration_seconds: duration,
    cursor: findings.cursor,
  };
}

/** The members that describe a failure, from any state that has them: one of a later version may, too. */
function failureOf(state: object): Pick<JobResult, "error" | "hint" | "retry_at"> {
  const { error, hint, retry_at }: { error?: unknown; hint?: unknown; retry_at?: unknown } = state;
  return {
    ...(typeof error === "string" ? { error } : {}),
    ...(typeof hint === "string" ? { hint } : {}),
    ...(typeof retry_at === "number" ? { retry_at: isoTime(retry_at) } : {}),
  };
}
