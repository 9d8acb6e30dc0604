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
import type { Progress, ToolContext } from "../definition/tool.ts";

/** Seconds between two messages when nothing ends; hosts that count silence do so from 60. */
const EVERY_SECONDS = 5;
/** Ms between two messages at least, however many jobs end. */
const LEAST_GAP_MS = 1_000;
/** Running jobs whose activity is told. */
const JOBS_TOLD = 3;

interface WaitProgressOptions {
  /** The jobs waited for; without them, all. */
  jobIds: readonly string[] | undefined;
  timeoutSeconds: number;
  send: (progress: Progress) => void;
  signal: AbortSignal;
}

/** Waits, shows the person at the host what jobs ask, and tells the host how it stands when it asked for that. */
export function waitWithProgress(request: WaitRequest, context: ToolContext): Promise<WaitResult> {
  const seconds = request.timeout_seconds ?? DEFAULT_WAIT_SECONDS;
  return withProgress(
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
          jobIds: request.job_ids,
          seconds,
          person: context.person,
          questions: context.questions,
          clock: context.clock,
          signal: context.waitSignal,
        },
      ),
  );
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
