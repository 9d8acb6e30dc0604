/**
 * Room `mcp`: what a host hears while a call waits. A courtesy: when it fails the wait goes on.
 *
 * @module
 */
import { type Brief, preview } from "../../../domain/job/result.ts";
import { plainText } from "../../../domain/event/transcript.ts";
import { DEFAULT_WAIT_SECONDS, type WaitRequest, type WaitResult } from "../../../service/read_requests.ts";
import { pause } from "../../../system/pause.ts";
import { waitWithPerson } from "../../questions/wait_with_person.ts";
import type { Hearing } from "../../feed/session_feed.ts";
import type { Progress, ToolContext } from "../definition/tool.ts";

/** Seconds between two messages when nothing ends; hosts that count silence do so from 60. */
const EVERY_SECONDS = 5;
/** Ms between two messages at least, however many jobs end. */
const LEAST_GAP_MS = 1_000;
/** Jobs whose questions one wait can hear of. */
const MOST_JOBS = 500;
/** Running jobs whose activity is told. */
const JOBS_TOLD = 3;

interface WaitProgressOptions {
  /** The jobs waited for; without them, all. */
  jobIds: readonly string[] | undefined;
  timeoutSeconds: number;
  send: (progress: Progress) => void;
  signal: AbortSignal;
}

/**
 * Of which questions a wait of this session hears.
 *
 * @param jobIds the jobs waited for; without them, it hears of this session's own
 */
export function hearingOf(context: ToolContext, jobIds?: readonly string[]): Hearing {
  // A person who is asked in the meantime may answer where the model may not.
  const hasPerson = context.person !== undefined && context.questions !== undefined;
  const told = context.told.keys;
  return {
    as: hasPerson ? "person" : "assistant",
    ...(told.length === 0 ? {} : { told }),
    ...(jobIds === undefined ? { questions_of: context.own.ids().slice(-MOST_JOBS) } : {}),
  };
}

/**
 * Waits, shows the person at the host what jobs ask, and tells the host how it stands when it asked for that. What the
 * answer says of questions the model is told then.
 */
export async function waitWithProgress(given: WaitRequest, context: ToolContext): Promise<WaitResult> {
  const seconds = given.timeout_seconds ?? DEFAULT_WAIT_SECONDS;
  const request = { ...given, ...hearingOf(context, given.job_ids) };
  const result = await withProgress(
    context,
    { jobIds: request.job_ids, timeoutSeconds: seconds },
    () =>
      waitWithPerson(
        ({ seconds, signal, after }) =>
          context.service.wait({
            ...request,
            timeout_seconds: seconds,
            ...(after === undefined ? {} : { cursor: after }),
          }, { signal }),
        {
          isDone: ({ jobs, unfinished }) => given.mode === "all" ? unfinished.length === 0 : jobs.length > 0,
          jobIds: request.job_ids,
          seconds,
          person: context.person,
          questions: context.questions,
          clock: context.clock,
          signal: context.waitSignal,
        },
      ),
  );
  context.told.tell(result.asking ?? []);
  return result;
}

/** The answer of `wait`; while it waits, the host is told how the jobs stand. */
export async function withProgress<Answer>(
  context: ToolContext,
  about: { jobIds: readonly string[] | undefined; timeoutSeconds: number },
  wait: () => Promise<Answer>,
): Promise<Answer> {
  const { progress: send, waitSignal } = context;
  if (send === undefined) return await wait();
  const over = new AbortController();
  const signal = AbortSignal.any([waitSignal, over.signal]);
  const telling = tellWaitProgress(context, { ...about, send, signal });
  try {
    return await wait();
  } finally {
    over.abort();
    await telling;
  }
}

/** Tells how the jobs stand every few seconds and whenever one of this state directory changes. Never rejects. */
async function tellWaitProgress(
  context: Pick<ToolContext, "service" | "clock">,
  options: WaitProgressOptions,
): Promise<void> {
  const { service, clock } = context;
  const { signal, timeoutSeconds: total } = options;
  const begin = clock.steady();
  try {
    let { cursor } = await service.feed({}, { signal });
    while (!signal.aborted) {
      ({ cursor } = await service.feed({ cursor, wait_seconds: EVERY_SECONDS }, { signal }));
      const { jobs } = await service.list({ status: "running", limit: 100 }, { signal });
      if (signal.aborted) return;
      const progress = Math.min(total, Math.round((clock.steady() - begin) / 100) / 10);
      options.send({ progress, total, message: progressMessage(jobs, options.jobIds) });
      await pause(LEAST_GAP_MS, signal);
    }
  } catch {
    // The wait itself meets the same fault and reports it.
  }
}

function progressMessage(running: readonly Brief[], jobIds: readonly string[] | undefined): string {
  const ours = jobIds === undefined ? running : running.filter((job) => jobIds.includes(job.job_id));
  const count = jobIds === undefined
    ? `${ours.length} jobs running`
    : `${ours.length} of ${jobIds.length} jobs running`;
  const told = ours.slice(0, JOBS_TOLD).map((job) =>
    `${job.job_id}: ${preview(plainText(job.activity ?? job.status), 100)}`
  );
  return [count, ...told].join("; ");
}
