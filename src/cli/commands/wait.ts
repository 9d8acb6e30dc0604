/**
 * Room `cli`: the command `wait`.
 *
 * @module
 */
import * as z from "zod";
import type { JobResult } from "../../domain/job/result.ts";
import type { JobService } from "../../service/job_service.ts";
import { defineCommand } from "../command.ts";
import { type Context, printJson, tell } from "../context.ts";
import { EXIT, type ExitCode } from "../entry/exit_code.ts";
import { exitCodeOfJobs, tellEnd, waitForAny } from "../jobs/job_end.ts";
import { askWithGroups, resolveJobs } from "../jobs/job_reference.ts";
import { ToldQuestions } from "../jobs/told_questions.ts";
import { waitWithProgress } from "../jobs/progress_line.ts";
import { resultText } from "../render/job_text.ts";
import { JSON_OPTION } from "../jobs/start_options.ts";
import { seconds, Switch, Word } from "../values.ts";

/** Longest `--timeout` in seconds: 31 days, which is longer than anybody waits. */
const MAX_SECONDS = 2_678_400;

export const waitCommand = defineCommand({
  name: "wait",
  summary: "Wait until jobs have ended and print what they answered",
  arguments: [{ name: "ID", summary: "a job, the beginning of its id, or last", isVariadic: true }],
  options: [
    { flags: "--any", summary: "until one of them has ended" },
    { flags: "--timeout <time>", summary: "give up after, such as 90s or 20m (exit code 3); the jobs go on" },
    JSON_OPTION,
  ],
  examples: [
    { line: "wait last", says: "The newest job." },
    { line: "wait --any 4kx 9p2", says: "Whichever of two ends first; ids may be shortened." },
  ],
  json:
    "{ timed_out, jobs: [job result], asking: [{ job_id, questions: [question] }], unfinished: [brief], cursor }; " +
    "jobs are those that have ended",
  input: z.object({
    id: z.array(Word),
    any: Switch,
    timeout: seconds(MAX_SECONDS, { isZeroFine: true }).optional(),
    json: Switch,
  }),
  async run(input, context) {
    const signal = context.interrupt;
    const deadline = input.timeout === undefined ? null : context.io.clock.steady() + input.timeout * 1_000;
    const service = await context.service();
    const ids = await resolveJobs(service, input.id, { signal });
    const wait = (jobs: string[]) => waitFor(jobs, { input, context, service, deadline });
    return await askWithGroups(service, ids, wait, { signal });
  },
});

interface Waiting {
  readonly input: { readonly any: boolean; readonly json: boolean };
  readonly context: Context;
  readonly service: JobService;
  readonly deadline: number | null;
}

async function waitFor(ids: string[], { input, context, service, deadline }: Waiting): Promise<ExitCode> {
  const signal = context.interrupt;
  let waiting = ids;
  const isOne = waiting.length === 1;
  const ended: JobResult[] = [];
  const told = new ToldQuestions();
  for (;;) {
    const news = waitForAny(service, waiting, context, { deadline, signal, told });
    const [jobId = ""] = waiting;
    const { jobs, asking = [], unfinished, cursor } = isOne
      ? await waitWithProgress(news, { service, jobId }, context)
      : await news;
    ended.push(...jobs);
    for (const job of input.json ? [] : jobs) await printJob(job, context, isOne);
    const left = waiting.filter((id) => !jobs.some((job) => job.job_id === id));
    // An answer about other jobs would make this loop ask for ever.
    if (waiting.length - left.length !== jobs.length) throw new Error("The daemon answered for other jobs");
    waiting = left;
    const isTimedOut = jobs.length === 0;
    if (!isTimedOut && waiting.length > 0 && !input.any) continue;
    if (input.json) {
      await printJson(context, { timed_out: isTimedOut, jobs: ended, asking, unfinished, cursor });
    }
    if (!isTimedOut) return exitCodeOfJobs(ended);
    if (!input.json) await tell(context, `Timed out; still going on: ${namedIds(waiting)}`);
    return EXIT.timedOut;
  }
}

/** How many ids a sentence names at most. It counts the others. */
const MOST_NAMED = 10;

function namedIds(ids: readonly string[]): string {
  const more = ids.length - MOST_NAMED;
  return ids.slice(0, MOST_NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

async function printJob(job: JobResult, context: Context, isOne: boolean): Promise<void> {
  if (!isOne) {
    await context.io.stdout.write(
      `${context.style.bold(`== ${job.job_id} ${job.agent} ${job.status} ==`)}\n`,
    );
  }
  await context.io.stdout.write(resultText(job));
  await tellEnd(context, job);
}
