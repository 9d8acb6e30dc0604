/**
 * Room `cli`: what happens at the end of a job: waiting for it, telling the result, and choosing the exit code.
 *
 * @module
 */
import type { JobResult } from "../../domain/job/result.ts";
import type { JobService } from "../../service/job_service.ts";
import { MAX_WAIT_SECONDS } from "../../service/read_requests.ts";
import type { WaitResult } from "../../service/read_requests.ts";
import { type Context, tell } from "../context.ts";
import { EXIT, type ExitCode } from "../entry/exit_code.ts";
import { failureText, summaryText } from "../render/job_text.ts";
import { askerOf } from "./asker.ts";
import type { ToldQuestions } from "./told_questions.ts";
import { styleFor } from "../render/style.ts";
import { sentences } from "../render/wrap_words.ts";

/** `EXIT.done` when every job is `done`, otherwise `EXIT.failed`. */
export function exitCodeOfJobs(jobs: readonly JobResult[]): ExitCode {
  return jobs.every((job) => job.status === "done") ? EXIT.done : EXIT.failed;
}

/** Writes to stderr how a job ended and, if it failed, why. */
export async function tellEnd(context: Context, job: JobResult): Promise<void> {
  const { stderr, env, clock } = context.io;
  const style = styleFor(stderr, env);
  await tell(context, style.dim("-- ") + summaryText(job, style));
  await stderr.write(sentences(failureText(job, clock.now()), stderr));
}

export interface WaitOptions {
  /** The time at which the wait ends, in ms of the monotonic clock (`Clock.steady`); `null` means no limit. */
  readonly deadline: number | null;
  readonly signal: AbortSignal;
  /** What the person has been told of what the jobs ask; without it, questions are not told. */
  readonly told?: ToldQuestions;
  /** Whether a question that an assistant may answer ends the wait as well. */
  readonly endsWithQuestion?: boolean;
}

/**
 * Waits until one of the jobs has ended, or asks where that is wanted, or the deadline has passed. One call of the service has a limit of
 * `MAX_WAIT_SECONDS`, so this may take several.
 */
export async function waitForAny(
  service: JobService,
  jobIds: readonly string[],
  context: Context,
  options: WaitOptions,
): Promise<WaitResult> {
  for (;;) {
    const left = options.deadline === null
      ? MAX_WAIT_SECONDS
      : Math.max(0, (options.deadline - context.io.clock.steady()) / 1_000);
    const result = await service.wait({
      job_ids: [...jobIds],
      mode: "any",
      timeout_seconds: Math.min(left, MAX_WAIT_SECONDS),
      ...(options.told === undefined ? {} : { as: askerOf(context.io), told: options.told.keys }),
      ...(options.endsWithQuestion === true ? { as: "assistant" } : {}),
    }, { signal: options.signal });
    await options.told?.tell(result.asking ?? [], context);
    const isAsked = options.endsWithQuestion === true && !result.timed_out;
    if (result.jobs.length > 0 || isAsked || left <= 0) return result;
  }
}
