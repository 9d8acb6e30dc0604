/**
 * Room `mcp`: what a host hears while `job_wait` waits. A courtesy: when it fails the wait goes on.
 *
 * @module
 */
import { type Brief, preview } from "../domain/result.ts";
import { plainText } from "../domain/transcript.ts";
import type { Progress, ToolContext } from "./tool.ts";

/** Seconds between two messages when nothing ends; hosts that count silence do so from 60. */
const EVERY_SECONDS = 5;
/** Ms between two messages at least, however many jobs end. */
const LEAST_GAP_MS = 1_000;
/** Running jobs whose activity is told. */
const JOBS_TOLD = 3;

export interface WaitProgressOptions {
  /** The jobs waited for; without them, all. */
  jobIds: readonly string[] | undefined;
  timeoutSeconds: number;
  send: (progress: Progress) => void;
  signal: AbortSignal;
}

/** Tells how the jobs stand every few seconds and whenever one of this state directory changes. Never rejects. */
export async function tellWaitProgress(
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

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
