/**
 * Room `service`, part of `LocalService`: waiting for jobs to end; what had ended before counts.
 *
 * @module
 */
import type { Job } from "../../domain/job/job.ts";
import { isFinished } from "../../domain/job/reason.ts";
import { ANY_JOB } from "../../scheduler/listeners.ts";
import type { CallOptions } from "../call.ts";
import type { CheckedRequest } from "../job_service.ts";
import { findJobOrThrow, type LocalDependencies } from "./dependencies.ts";
import { type Patience, untilThere } from "./following.ts";

export interface Waited {
  timedOut: boolean;
  ended: Job[];
  unfinished: Job[];
  cursor: number;
}

interface Wait {
  seconds: number;
  dependencies: LocalDependencies;
  call: CallOptions;
}

export function waitForJobs(
  { job_ids: ids, mode, cursor, timeout_seconds: seconds }: CheckedRequest<"wait">,
  dependencies: LocalDependencies,
  call: CallOptions,
): Promise<Waited> {
  const wait = { seconds, dependencies, call };
  if (ids !== undefined) return waitForThese([...new Set(ids)], mode, wait);
  if (mode === "any") return waitForNext(cursor, wait);
  return waitForThese(active(dependencies).map((job) => job.id), mode, wait);
}

function waitForThese(ids: readonly string[], mode: "any" | "all", wait: Wait): Promise<Waited> {
  const { store } = wait.dependencies;
  const counts = (job: Job) => isFinished(job.state.status);
  return untilThere(patience(ids, wait), async ({ isLast }) => {
    const cursor = await store.feedHead();
    const jobs = await Promise.all(ids.map((id) => findJobOrThrow(store, id)));
    const ended = jobs.filter(counts);
    const unfinished = jobs.filter((job) => !counts(job));
    const isDone = mode === "all" ? unfinished.length === 0 : ended.length > 0;
    return isDone || isLast ? { timedOut: !isDone, ended, unfinished, cursor } : null;
  });
}

/** Feed entries read at a time. */
const FEED_PAGE = 200;

async function waitForNext(from: number | undefined, wait: Wait): Promise<Waited> {
  const { store } = wait.dependencies;
  let cursor = from ?? await store.feedHead();
  return await untilThere(patience([ANY_JOB], wait), async ({ isLast }) => {
    for (;;) {
      const page = await store.feed(cursor, { limit: FEED_PAGE, finishedOnly: true });
      const entry = page.entries[0];
      cursor = entry?.cursor ?? page.cursor;
      const job = entry === undefined ? null : await store.get(entry.job_id);
      // A job that went on with another turn ends once more: its last end is the one to tell.
      if (job !== null && job.turn === entry?.turn) {
        // The scheduler may still count the ended job as running.
        const unfinished = active(wait.dependencies).filter((other) => other.id !== job.id);
        return { timedOut: false, ended: [job], unfinished, cursor };
      }
      if (entry !== undefined || page.entries.length === FEED_PAGE) continue;
      return isLast ? { timedOut: true, ended: [], unfinished: active(wait.dependencies), cursor } : null;
    }
  });
}

function patience(ids: readonly string[], { seconds, dependencies, call }: Wait): Patience {
  const { clock, scheduler } = dependencies;
  return { seconds, clock, listen: (options) => scheduler.updated(ids, options), call };
}

function active({ scheduler }: LocalDependencies): Job[] {
  const { running, pending } = scheduler.queue();
  return [...running, ...pending];
}
