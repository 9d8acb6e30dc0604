/**
 * Room `service`, part of `LocalService`: waiting for jobs to end, or to ask; what had ended before counts, and a
 * question that was told before does not.
 *
 * @module
 */
import { type Job, openQuestions } from "../../domain/job/job.ts";
import { isFinished } from "../../domain/job/reason.ts";
import { ANY_JOB } from "../../scheduler/listeners.ts";
import type { CallOptions } from "../call.ts";
import type { CheckedRequest } from "../job_service.ts";
import { findJobOrThrow, type LocalDependencies } from "./dependencies.ts";
import { type Patience, untilThere } from "./following.ts";
import { QuestionNews } from "./question_news.ts";

export interface Waited {
  timedOut: boolean;
  ended: Job[];
  /** Those of the jobs waited for that ask something. */
  asking: Job[];
  unfinished: Job[];
  cursor: number;
}

interface Wait {
  seconds: number;
  news: QuestionNews;
  dependencies: LocalDependencies;
  call: CallOptions;
}

export async function waitForJobs(
  request: CheckedRequest<"wait">,
  dependencies: LocalDependencies,
  call: CallOptions,
): Promise<Waited> {
  const { job_ids: ids, mode, cursor, timeout_seconds: seconds } = request;
  const news = await QuestionNews.for(request, dependencies, call);
  const wait = { seconds, news, dependencies, call };
  if (ids !== undefined) return await waitForThese([...new Set(ids)], mode, wait);
  if (mode === "any") return await waitForNext(cursor, wait);
  return await waitForThese(active(dependencies).map((job) => job.id), mode, wait);
}

function waitForThese(ids: readonly string[], mode: "any" | "all", wait: Wait): Promise<Waited> {
  const { store, scheduler } = wait.dependencies;
  const counts = (job: Job) => isFinished(job.state.status);
  let isFirst = true;
  return untilThere(patience(ids, wait), async ({ isLast }) => {
    if (!isFirst && !isLast && isTooEarly(ids, mode, scheduler)) return null;
    isFirst = false;
    const cursor = await store.feedHead();
    const jobs = await Promise.all(ids.map((id) => findJobOrThrow(store, id)));
    const ended = jobs.filter(counts);
    const unfinished = jobs.filter((job) => !counts(job));
    const isDone = mode === "all" ? unfinished.length === 0 : ended.length > 0;
    const isNews = isDone || await wait.news.isAmong(unfinished);
    if (!isNews && !isLast) return null;
    return { timedOut: !isNews, ended, asking: wait.news.asking(unfinished), unfinished, cursor };
  });
}

/**
 * Whether memory alone tells that there is nothing to say yet. A wait for hundreds of jobs looks whenever one of them
 * changes, and does not read all the others each time.
 */
function isTooEarly(
  ids: readonly string[],
  mode: "any" | "all",
  { active }: LocalDependencies["scheduler"],
): boolean {
  const jobs = ids.map((id) => active.get(id));
  if (jobs.some((job) => job !== null && openQuestions(job).length > 0)) return false;
  return mode === "all" ? jobs.some((job) => job !== null) : jobs.every((job) => job !== null);
}

/** Feed entries read at a time. */
const FEED_PAGE = 200;

async function waitForNext(from: number | undefined, wait: Wait): Promise<Waited> {
  const { store } = wait.dependencies;
  let cursor = from ?? await store.feedHead();
  return await untilThere(patience([ANY_JOB], wait), async ({ isLast }) => {
    // Read before the feed, so that the returned cursor lies behind every question that is told.
    const asking = wait.news.asking(await wait.news.jobs());
    const isAsked = await wait.news.isAmong(asking);
    for (;;) {
      const page = await store.feed(cursor, { limit: FEED_PAGE, finishedOnly: true });
      const entry = page.entries[0];
      cursor = entry?.cursor ?? page.cursor;
      const job = entry === undefined ? null : await store.get(entry.job_id);
      // A job that went on with another turn ends once more: its last end is the one to tell.
      if (job !== null && job.turn === entry?.turn) {
        // The scheduler may still count the ended job as running.
        const unfinished = active(wait.dependencies).filter((other) => other.id !== job.id);
        return {
          timedOut: false,
          ended: [job],
          asking: asking.filter((other) => other.id !== job.id),
          unfinished,
          cursor,
        };
      }
      if (entry !== undefined || page.entries.length === FEED_PAGE) continue;
      if (!isAsked && !isLast) return null;
      return { timedOut: !isAsked, ended: [], asking, unfinished: active(wait.dependencies), cursor };
    }
  });
}

function patience(ids: readonly string[], { seconds, dependencies, call }: Wait): Patience {
  const { clock, scheduler } = dependencies;
  return { seconds, clock, listen: (bell) => scheduler.listen(ids, bell), call };
}

function active({ scheduler }: LocalDependencies): Job[] {
  const { running, pending } = scheduler.queue.all();
  return [...running, ...pending];
}
