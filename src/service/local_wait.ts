/**
 * Room `service`, part of `LocalService`: waiting for jobs to end. A wait looks before it listens and listens before
 * it looks again, so it cannot miss an end; what had ended before counts.
 *
 * @module
 */
import type { Job } from "../domain/job.ts";
import { isFinished } from "../domain/reason.ts";
import { ANY_JOB } from "../scheduler/listeners.ts";
import type { CallOptions } from "./job_service.ts";
import { findJobOrThrow, type LocalDependencies, throwIfGivenUp } from "./local_dependencies.ts";
import type { WaitRequest } from "./requests.ts";
import type * as z from "zod";

export interface Waited {
  timedOut: boolean;
  ended: Job[];
  unfinished: Job[];
  cursor: number;
}

type ParsedWait = z.infer<typeof WaitRequest>;

export function waitForJobs(
  request: ParsedWait,
  dependencies: LocalDependencies,
  options: CallOptions,
): Promise<Waited> {
  const deadline = dependencies.clock.steady() + request.timeout_seconds * 1000;
  if (request.job_ids !== undefined) {
    return waitForThese([...new Set(request.job_ids)], request.mode, { deadline, dependencies, options });
  }
  if (request.mode === "all") {
    const { running, pending } = dependencies.scheduler.queue();
    return waitForThese([...running, ...pending].map((job) => job.id), "all", {
      deadline,
      dependencies,
      options,
    });
  }
  return waitForNext(request.cursor, { deadline, dependencies, options });
}

/** Feed entries read at a time. */
const FEED_PAGE = 200;

interface Wait {
  /** Steady ms. */
  deadline: number;
  dependencies: LocalDependencies;
  options: CallOptions;
}

async function waitForThese(ids: readonly string[], mode: "any" | "all", wait: Wait): Promise<Waited> {
  const { store } = wait.dependencies;
  for (;;) {
    const news = listen(ids, wait);
    const cursor = await store.feedHead();
    const jobs = await Promise.all(ids.map((id) => findJobOrThrow(store, id))).catch((error) => {
      news.stop();
      throw error;
    });
    const ended = jobs.filter(hasReported);
    const unfinished = jobs.filter((job) => !hasReported(job));
    const isDone = mode === "all" ? unfinished.length === 0 : ended.length > 0 || jobs.length === 0;
    if (isDone || isOver(wait)) {
      news.stop();
      return { timedOut: !isDone, ended, unfinished, cursor };
    }
    await news.heard;
    throwIfGivenUp(wait.options);
  }
}

async function waitForNext(from: number | undefined, wait: Wait): Promise<Waited> {
  const { store, scheduler } = wait.dependencies;
  let cursor = from ?? await store.feedHead();
  for (;;) {
    const news = listen([ANY_JOB], wait);
    const page = await store.feed(cursor, { limit: FEED_PAGE });
    const entry = page.entries.find((one) => isFinished(one.status) || one.summary !== undefined);
    if (entry !== undefined || page.entries.length === FEED_PAGE) {
      news.stop();
      cursor = entry?.cursor ?? page.cursor;
      const job = entry === undefined ? null : await store.get(entry.job_id);
      // A job that goes on with another turn ends again, and is told of then.
      if (job === null || job.turn !== entry?.turn) continue;
      // The scheduler may not have heard of the end yet.
      const unfinished = active(scheduler).filter((other) => other.id !== job.id);
      return { timedOut: false, ended: [job], unfinished, cursor };
    }
    cursor = page.cursor;
    if (isOver(wait)) {
      news.stop();
      return { timedOut: true, ended: [], unfinished: active(scheduler), cursor };
    }
    await news.heard;
    throwIfGivenUp(wait.options);
  }
}

/** Listens from now on, until something is heard or it is stopped. */
function listen(ids: readonly string[], wait: Wait): { heard: Promise<void>; stop: () => void } {
  const stopped = new AbortController();
  const signals = [stopped.signal, ...wait.options.signal === undefined ? [] : [wait.options.signal]];
  const ms = Math.max(0, wait.deadline - wait.dependencies.clock.steady());
  const heard = wait.dependencies.scheduler.updated(ids, { ms, signal: AbortSignal.any(signals) });
  return { heard, stop: () => stopped.abort() };
}

/** Ended, or declared done by its agent while its process still leaves. */
function hasReported(job: Job): boolean {
  return isFinished(job.state.status) || (job.state.status === "running" && job.summary !== null);
}

function active(scheduler: LocalDependencies["scheduler"]): Job[] {
  const { running, pending } = scheduler.queue();
  return [...running, ...pending];
}

function isOver(wait: Wait): boolean {
  return wait.dependencies.clock.steady() >= wait.deadline;
}
