/**
 * Room `cli`: the command `hook-wait`, for a `PostToolUse` hook of Claude Code with `asyncRewake`. It waits for the job
 * that the tool
 * call has started, and then wakes the session. For every other tool call it prints nothing and exits with 0, since
 * otherwise each of them would wake the session.
 *
 * @module
 */
import { join } from "node:path";
import * as z from "zod";
import { stateHome, statePaths } from "../../config/state_paths.ts";
import { isAgentAsyncError } from "../../domain/errors.ts";
import { isFinished } from "../../domain/job/reason.ts";
import type { JobResult } from "../../domain/job/result.ts";
import type { JobService } from "../../service/job_service.ts";
import { defineCommand } from "../command.ts";
import { type Context, tell } from "../context.ts";
import { EXIT } from "../entry/exit_code.ts";
import { resultBeginning } from "../../mcp/feed/end_notices.ts";
import { answerFence, quoted } from "../../mcp/views/fence.ts";
import { type HookCall, readHookCall } from "../hook_call.ts";
import { waitForAny } from "../jobs/job_end.ts";
import { seconds } from "../values.ts";
import { pause } from "../../system/pause.ts";

/** The exit code that wakes a session of Claude Code. The session's model reads what stderr says. */
const WAKE = 2;
/** Default limit of the wait in seconds: the default time limit of a turn. */
const DEFAULT_SECONDS = 7_200;
const MAX_SECONDS = 604_800;
/** Characters of a question. */
const QUESTION_CHARS = 200;
/** Ms before a job between two turns is asked again: it has ended one turn, and its queued reply has not yet begun. */
const BETWEEN_TURNS_MS = 200;

export const hookWaitCommand = defineCommand({
  name: "hook-wait",
  summary:
    "Wake a Claude Code session when the job ends or asks that a tool call has started (for its asyncRewake hook)",
  isHidden: true,
  options: [{
    flags: "--timeout <time>",
    summary:
      "wake after, such as 90s or 2h, although the job still runs; the hook's own timeout must be longer",
  }],
  examples: [{
    line: "hook-wait --timeout 1h",
    says: "The command of a PostToolUse hook; its JSON comes on stdin.",
  }],
  input: z.object({ timeout: seconds(MAX_SECONDS, { isZeroFine: true }).default(DEFAULT_SECONDS) }),
  async run({ timeout }, context) {
    const { io } = context;
    const call = readHookCall(await io.stdin.readText());
    // The job may be another server's. Its directory is looked for first, so that no daemon is started for a foreign
    // id.
    if (call === null || !await isOurs(call.jobId, context)) return EXIT.done;
    const job = await end(call, timeout, context);
    if (job === null) return EXIT.done;
    await tell(context, wakingLine(job, call, timeout));
    return WAKE;
  },
});

async function isOurs(jobId: string, { io }: Context): Promise<boolean> {
  try {
    return (await Deno.stat(join(statePaths(stateHome(io.env)).jobsDirectory, jobId))).isDirectory;
  } catch {
    return false;
  }
}

/**
 * Waits for the end of the turn, or a question, and returns the job. When the time is up it returns the job as it is; `null` when
 * the job no longer exists.
 */
async function end(call: HookCall, timeout: number, context: Context): Promise<JobResult | null> {
  const { jobId, turn = 1 } = call;
  const { io, interrupt: signal } = context;
  const deadline = io.clock.steady() + timeout * 1_000;
  try {
    const service = await context.service();
    for (;;) {
      const { jobs: [job] } = await waitForAny(service, [jobId], context, {
        deadline,
        signal,
        endsWithQuestion: true,
      });
      if (job === undefined || io.clock.steady() >= deadline) {
        const now = await look(service, jobId);
        const isAsking = (now.questions ?? []).length > 0;
        if (isAsking || isFinished(now.status) || io.clock.steady() >= deadline) return now;
        // What it asked was settled in the meantime.
        continue;
      }
      const isBetweenTurns = job.turn < turn && job.queued_replies !== undefined;
      if (!isBetweenTurns) return job;
      await pause(BETWEEN_TURNS_MS);
    }
  } catch (error) {
    if (isAgentAsyncError(error, "not_found")) return null;
    throw error;
  }
}

function look(service: JobService, jobId: string): Promise<JobResult> {
  return service.poll({ job_id: jobId, tail_lines: 0 });
}

/**
 * The one line that the session's model reads. It names the tools as the session calls them, and quotes only the
 * beginning of the agent's result, between marks. So the model often need not call a tool to know what to do.
 */
function wakingLine(job: JobResult, { tool, prefix }: HookCall, timeout: number): string {
  const { job_id, agent, status, reason } = job;
  const isStream = tool.startsWith("codex_async_");
  const result = isStream
    ? `${prefix}codex_async_events with job_id "${job_id}" has what it did`
    : `${prefix}job_poll with job_id "${job_id}" has all of it (${prefix}codex_wait where there is no job_poll)`;
  if (isFinished(status)) {
    const why = reason === undefined || reason === status ? "" : ` (${reason})`;
    return `Job ${job_id} (${agent}) has ended: ${status}${why}.${resultBeginning(job)} Next: ${result}.`;
  }
  const [question] = job.questions ?? [];
  if (question !== undefined) {
    return `Job ${job_id} (${agent}) asks: ${answerFence()(quoted(question.title, QUESTION_CHARS))}. ` +
      `Next: ${prefix}job_poll with job_id "${job_id}" has all of it, ${prefix}job_answer answers it; ` +
      "where there is no such tool, ask your user.";
  }
  const wait = isStream
    ? `${prefix}codex_async_wait waits for its end`
    : `${prefix}job_wait with job_ids ["${job_id}"] waits for its end (${prefix}codex_wait where there is no job_wait)`;
  return `Job ${job_id} (${agent}) is still ${status} after ${
    Math.round(timeout)
  } s and goes on. Next: ${wait}.`;
}
