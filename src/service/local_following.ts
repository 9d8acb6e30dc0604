/**
 * Room `service`, part of `LocalService`: reading on as something happens. A reader listens before it looks, so it
 * cannot miss what comes in between.
 *
 * @module
 */
import type * as z from "zod";
import { isoTime } from "../domain/ids.ts";
import type { Job } from "../domain/job.ts";
import { isFinished } from "../domain/reason.ts";
import { ANY_JOB } from "../scheduler/listeners.ts";
import type { CallOptions } from "./job_service.ts";
import { findJobOrThrow, type LocalDependencies, throwIfGivenUp } from "./local_dependencies.ts";
import type * as ask from "./requests.ts";

type Directory = ReturnType<LocalDependencies["directories"]["job"]>;

/** Reads; while there is no news and the job goes on, waits and reads again until time is up. */
export async function followJob<T>(
  wanted: { job_id: string; wait_seconds: number },
  dependencies: LocalDependencies,
  options: CallOptions,
  read: (job: Job, directory: Directory) => Promise<{ isNews: boolean; answer: T }>,
): Promise<T> {
  const { job_id: id, wait_seconds } = wanted;
  const { store, scheduler, clock, directories } = dependencies;
  const deadline = clock.steady() + wait_seconds * 1000;
  for (;;) {
    const left = deadline - clock.steady();
    const stopped = new AbortController();
    const signals = [stopped.signal, ...options.signal === undefined ? [] : [options.signal]];
    const heard = scheduler.progressed(id, { ms: Math.max(0, left), signal: AbortSignal.any(signals) });
    try {
      // The state is read first: of a job that has ended by then, all events are there to be read.
      const job = await findJobOrThrow(store, id);
      const { isNews, answer } = await read(job, directories.job(id));
      if (isNews || left <= 0 || isFinished(job.state.status)) return answer;
      await heard;
    } finally {
      stopped.abort();
    }
    throwIfGivenUp(options);
  }
}

/** The feed after a cursor; while it has nothing new, waits and reads again until time is up. */
export async function followFeed(
  wanted: z.output<typeof ask.FeedRequest>,
  dependencies: LocalDependencies,
  options: CallOptions,
): Promise<ask.FeedPage> {
  const { store, scheduler, clock } = dependencies;
  if (wanted.cursor === undefined) return { notifications: [], cursor: await store.feedHead() };
  const deadline = clock.steady() + wanted.wait_seconds * 1000;
  for (;;) {
    const left = deadline - clock.steady();
    const stopped = new AbortController();
    const signals = [stopped.signal, ...options.signal === undefined ? [] : [options.signal]];
    const heard = scheduler.updated([ANY_JOB], { ms: Math.max(0, left), signal: AbortSignal.any(signals) });
    const { entries, cursor } = await store.feed(wanted.cursor, {
      limit: wanted.limit,
      finishedOnly: wanted.finished_only,
    });
    if (entries.length > 0 || left <= 0) {
      stopped.abort();
      const notifications = entries.map(({ at, ...entry }) => ({ ...entry, time: isoTime(at) }));
      return { notifications, cursor };
    }
    await heard;
    throwIfGivenUp(options);
  }
}
