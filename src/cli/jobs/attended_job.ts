/**
 * Room `cli`: a job that a person watches from its start to its end. Prints its events as they come, and asks at Ctrl-C
 * whether to
 * cancel it.
 *
 * @module
 */
import type { JobResult } from "../../domain/job/result.ts";
import type { JobService } from "../../service/job_service.ts";
import type { Receipt } from "../../service/requests.ts";
import { type Context, printJson, printJsonLine, tell } from "../context.ts";
import { EXIT, type ExitCode } from "../entry/exit_code.ts";
import { eventPages } from "./follow.ts";
import { exitCodeOfJobs, tellEnd, waitForAny } from "./job_end.ts";
import { commandWords } from "../render/command_words.ts";
import { receiptText } from "../render/receipt_text.ts";
import { eventText } from "../render/event_text.ts";
import { resultText } from "../render/job_text.ts";
import { sentences } from "../render/wrap_words.ts";
import { tellWhere, ToldQuestions } from "./told_questions.ts";
import { withProgress } from "./progress_line.ts";

export interface AttendOptions {
  /** Print all events as they come, with reasoning and the output of commands. */
  readonly isFollowing: boolean;
  /** Print only the agent's final message. */
  readonly isQuiet: boolean;
  readonly isJson: boolean;
}

/**
 * Watches the turn that `receipt` announced until the job ends. At Ctrl-C the job goes on unless the person cancels it.
 */
export async function attend(receipt: Receipt, context: Context, options: AttendOptions): Promise<ExitCode> {
  const service = await context.service();
  try {
    const job = await watch(service, receipt, context, options);
    await printEnd(job, context, options);
    return exitCodeOfJobs([job]);
  } catch (error) {
    if (context.interrupt.aborted) return await leaveOrCancel(service, receipt.job_id, context);
    // The reader of stdout (such as `| head`) has closed the pipe. The job goes on, and the person is told so.
    if (error instanceof Deno.errors.BrokenPipe) await tellLeft(receipt.job_id, context);
    throw error;
  }
}

/** Ends a command that adds a turn: watches the turn where that was asked for, else prints the receipt. */
export async function attendOrTell(
  receipt: Receipt,
  context: Context,
  asked: { readonly wait: boolean; readonly follow: boolean; readonly json: boolean },
): Promise<ExitCode> {
  if (asked.wait || asked.follow) {
    return await attend(receipt, context, { isFollowing: asked.follow, isQuiet: false, isJson: asked.json });
  }
  if (asked.json) {
    await printJson(context, receipt);
  } else {
    await context.io.stdout.write(`${receipt.job_id}\n`);
    await tell(context, receiptText(receipt));
  }
  return EXIT.done;
}

async function watch(
  service: JobService,
  receipt: Receipt,
  context: Context,
  options: AttendOptions,
): Promise<JobResult> {
  const signal = context.interrupt;
  const isSilent = options.isQuiet || (options.isJson && !options.isFollowing);
  if (isSilent) {
    const { jobs: [job] } = await waitForAny(service, [receipt.job_id], context, {
      deadline: null,
      signal,
      told: new ToldQuestions(),
    });
    if (job !== undefined) return job;
  } else {
    const detail = options.isFollowing ? "full" : "brief";
    const jobId = receipt.job_id;
    const pages = eventPages(service, jobId, {
      cursor: receipt.cursor,
      isFollowing: true,
      truncate: 0,
      signal,
    });
    for await (const page of withProgress(pages, { service, jobId }, context)) {
      for (const event of page.events) {
        if (options.isJson) await printJsonLine(context, event);
        else await context.io.stdout.write(eventText(event, detail, context.style));
        if (event.type === "question") await tellWhere(jobId, context);
      }
    }
  }
  return await service.poll({ job_id: receipt.job_id }, { signal });
}

async function printEnd(job: JobResult, context: Context, options: AttendOptions): Promise<void> {
  if (options.isJson) {
    if (options.isFollowing) await printJsonLine(context, { type: "result", ...job });
    else await printJson(context, job);
    return;
  }
  if (options.isQuiet) await context.io.stdout.write(resultText(job));
  if (!options.isQuiet || job.status !== "done") await tellEnd(context, job);
}

/** Asks the person whether to cancel the job. Without a terminal nobody is asked, and the job goes on. */
async function leaveOrCancel(service: JobService, jobId: string, context: Context): Promise<ExitCode> {
  const { stdin, stderr } = context.io;
  if (stdin.isTerminal && stderr.isTerminal) {
    const question = `Job ${jobId} goes on. Leave it running (Enter), or cancel it (c)? `;
    await stderr.write(`\n${sentences(question, stderr)}`);
    const answer = (await stdin.readLine())?.trim().toLowerCase() ?? "";
    if (answer === "c" || answer === "cancel") {
      const receipt = await service.cancel({ job_id: jobId });
      await tell(context, commandWords(receipt.message));
      return EXIT.interrupted;
    }
  }
  await tellLeft(jobId, context);
  return EXIT.interrupted;
}

async function tellLeft(jobId: string, context: Context): Promise<void> {
  await tell(context, `Job ${jobId} goes on: agent-async wait ${jobId}, or agent-async cancel ${jobId}.`);
}
